import http.client
import time
from collections.abc import Callable

from penstock.rest._answer import Answer
from penstock.rest._connection import Connection
from penstock.rest._content import Content
from penstock.rest._link_pool import LinkPool, check_length, read_head
from penstock.rest._request import Request
from penstock.rest._sink import Sink
from penstock.rest._streamed_upload import upload

WHOLE_ANSWER = 5
CHUNK = 1 << 18


class ForkedTransport:
    """Sends requests by the standard library, in processes where `pyreqwest` cannot work.

    These are the children of a fork whose parent had used it. Answers are asked for unpacked.
    """

    def __init__(self, connection: Connection) -> None:
        self._links = LinkPool(connection)

    def send(self, request: Request) -> Answer:
        """Send a request and read the whole answer."""
        deadline = time.monotonic() + WHOLE_ANSWER * self._links.connection.timeouts.read

        def read(head: Answer, response: http.client.HTTPResponse) -> Answer:
            parts = []
            while part := response.read1(CHUNK):
                parts.append(part)
                if time.monotonic() > deadline:
                    raise TimeoutError
            check_length(response)
            return head._replace(body=b"".join(parts))

        return self._exchange(request, read)

    def fetch(self, request: Request, open_sink: Callable[[Answer], Sink]) -> Answer:
        """Send a request and write the body of a successful answer to the sink for its head."""

        def write(head: Answer, response: http.client.HTTPResponse) -> Answer:
            if not head.is_success:
                return head._replace(body=response.read())
            sink = open_sink(head)
            while chunk := response.read1(CHUNK):
                sink.write(chunk)
            check_length(response)
            return head

        return self._exchange(request, write)

    def upload(self, request: Request, content: Content) -> Answer:
        """Send a request whose body is read meanwhile, and read the whole answer."""
        return upload(self._links, request, content)

    def close(self) -> None:
        """End all connections that are not in use; those in use end with their request."""
        self._links.close()

    def _exchange(
        self, request: Request, read: Callable[[Answer, http.client.HTTPResponse], Answer]
    ) -> Answer:
        body = request.body
        with self._links.lend(request) as link:
            self._links.send_head(link, request, length=None if body is None else len(body))
            if body:
                link.send(body)
            response = link.getresponse()
            answer = read(read_head(request, response), response)
            response.close()
            return answer
