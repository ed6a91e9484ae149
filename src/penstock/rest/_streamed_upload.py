import http.client
import select
import socket
import ssl
from contextlib import suppress

from penstock.rest._answer import Answer
from penstock.rest._content import Content
from penstock.rest._link_pool import LinkPool, check_length, read_head
from penstock.rest._request import Request


def upload(links: LinkPool, request: Request, content: Content) -> Answer:
    """Send a request with a body that is read meanwhile, and read the whole answer.

    Servers may refuse before the end; then the rest is not sent. The read timeout is how long
    nothing may move, either way.
    """
    with links.lend(request) as link:
        links.send_head(link, request, length=content.size)
        try:
            is_sent = _send(link.sock, content)
            response = link.getresponse()
        except OSError as error:
            is_sent = False
            response = _answer_to_a_part(link, error)
        answer = read_head(request, response)._replace(body=response.read())
        check_length(response)
        response.close()
        if not is_sent:
            link.close()
        return answer


def _answer_to_a_part(link: http.client.HTTPConnection, error: OSError) -> http.client.HTTPResponse:
    """Return what a server said before it closed the connection; raise the error if nothing."""
    if not isinstance(error, TimeoutError):
        with suppress(OSError, http.client.HTTPException):
            return link.getresponse()
    raise error


def _send(connection: socket.socket, content: Content) -> bool:
    """Send a body; tell whether all of it was sent before the server began to answer."""
    if isinstance(connection, ssl.SSLSocket):
        # What comes in may be TLS's own, so that it tells nothing of an answer.
        for chunk in content.chunks():
            connection.sendall(chunk)
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN | select.POLLOUT)
    return all(_send_chunk(connection, chunk, poll) for chunk in content.chunks())


def _send_chunk(connection: socket.socket, chunk: bytes, poll: "select.poll") -> bool:
    timeout = connection.gettimeout()
    left = memoryview(chunk)
    while left:
        ready = poll.poll(None if timeout is None else timeout * 1000)
        if not ready:
            raise TimeoutError
        if ready[0][1] & ~select.POLLOUT:
            return False
        left = left[connection.send(left) :]
    return True
