"""A dispatcher's side of a connection to a worker."""

import asyncio

import pytest

from penstock.serving.exchange import Request
from penstock.serving.workers.link import Link, WorkerLost
from penstock.serving.workers.messages import Answer, Ask, Beat, Leaving, Reader, Ready, write

REQUEST = Request(
    {"method": "POST", "path": "/predict", "query_string": b"", "headers": []},
    receive=None,  # type: ignore[arg-type] # its body is there already
)


class Way:
    """A transport to nowhere, which keeps what is said."""

    def __init__(self, link):
        self.link = link
        self.said = []
        self.is_open = True

    def write(self, content):
        self.said.extend(Reader().feed(content))

    def is_closing(self):
        return not self.is_open

    def close(self):
        if self.is_open:
            self.is_open = False
            asyncio.get_running_loop().call_soon(self.link.connection_lost, None)

    abort = close


def linked(story):
    """Run a story with a link to a worker that is ready, and its way."""

    async def tell():
        link = Link(lambda: None)
        way = Way(link)
        link.connection_made(way)
        link.data_received(write(Ready()))
        try:
            return await story(link, way)
        finally:
            way.close()
            await link.ended.wait()

    return asyncio.run(tell())


def test_answers_find_those_who_asked():
    """In whichever order they come."""

    async def story(link, way):
        asked = [asyncio.create_task(link.ask(REQUEST, body)) for body in (b"a", b"b")]
        await asyncio.sleep(0)
        assert [b"a", b"b"] == [each.body for each in way.said if isinstance(each, Ask)]
        for each in reversed(way.said):
            link.data_received(write(Answer(each.number, 200, each.body, b"text/plain", ())))
        return [reply.body for reply in await asyncio.gather(*asked)]

    assert [b"a", b"b"] == linked(story)


def test_who_waits_for_a_worker_that_ends_is_told():
    """So that another one can be asked."""

    async def story(link, way):
        asked = asyncio.create_task(link.ask(REQUEST, b""))
        await asyncio.sleep(0)
        way.close()
        with pytest.raises(WorkerLost):
            await asked
        assert (False, 0) == (link.is_ready, link.load)
        with pytest.raises(WorkerLost):
            await link.ask(REQUEST, b"")

    linked(story)


def test_a_link_that_is_let_go_takes_no_request():
    """From that moment on, not only once its end is known."""

    async def story(link, _way):
        link.data_received(write(Leaving()))
        assert (True, True) == (link.is_ready, link.is_leaving)
        link.close()
        assert not link.is_ready

    linked(story)


def test_a_link_that_is_about_to_end_takes_no_request():
    """Its transport knows first; who asked it now would count a worker that has ended before."""

    async def story(link, way):
        assert link.is_ready
        way.close()
        assert (False, False) == (link.is_ready, link.ended.is_set())

    linked(story)


def test_a_worker_is_silent_when_it_owes_more_than_one_sign_of_life():
    """Any word of it counts as one."""

    async def story(link, way):
        link.beat()
        assert not link.is_silent
        link.beat()
        assert link.is_silent
        assert [Beat(), Beat()] == way.said
        link.data_received(write(Beat()))
        assert not link.is_silent

    linked(story)
