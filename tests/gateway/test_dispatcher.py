"""A dispatcher of the inference server, and workers that a test plays."""

import asyncio
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from penstock.serving.exchange import Request
from penstock.serving.settings import ServeSettings
from penstock.serving.workers.dispatcher import Dispatcher
from penstock.serving.workers.messages import Answer, Ask, Beat, Reader, Ready, write
from penstock.serving.workers.pulse import Pulse


class Worker(asyncio.Protocol):
    """Answers, and gives signs of life, unless it is frozen."""

    def __init__(self):
        self.is_frozen = False
        self.asked = asyncio.Event()
        self.is_silent = asyncio.Event()
        self._owed = 0

    def connection_made(self, transport):
        self._transport, self._reader = transport, Reader()
        transport.write(write(Ready()))

    def data_received(self, data):
        for message in self._reader.feed(data):
            if isinstance(message, Ask):
                self.asked.set()
                self._say(Answer(message.number, 200, b"ok", b"text/plain", ()))
            else:
                self._owed += self.is_frozen
                if self._owed > 1:
                    self.is_silent.set()
                self._say(Beat())

    def freeze(self):
        self.is_frozen = True
        self.asked.clear()

    def be_replaced(self):
        """End as one that is killed does; whoever connects then meets its successor."""
        self.is_frozen = False
        self._transport.close()

    def _say(self, message):
        if not self.is_frozen:
            self._transport.write(write(message))


@asynccontextmanager
async def dispatching(workers):
    """Run a dispatcher before some workers."""
    loop = asyncio.get_running_loop()
    told, said = asyncio.Queue(), asyncio.Queue()
    async with AsyncExitStack() as opened:
        # Not pytest's folder: a socket's path may have a hundred letters.
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        places = [folder / str(number) for number in range(len(workers))]
        for place, worker in zip(places, workers, strict=True):
            server = await loop.create_unix_server(lambda worker=worker: worker, path=place)
            opened.callback(server.close)
        dispatcher = Dispatcher(places, ServeSettings(), Pulse())
        life = asyncio.create_task(dispatcher.live(told.get, said.put))
        await told.put({"type": "lifespan.startup"})
        await said.get()
        yield dispatcher
        await told.put({"type": "lifespan.shutdown"})
        await said.get()
        await life


def request():
    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}

    scope = {"type": "http", "method": "POST", "path": "/predict"}
    return Request({**scope, "query_string": b"", "headers": []}, receive)


def test_all_workers_freeze_and_no_request_fails():
    """They are killed one after the other; who has lost one waits for one that lives."""

    async def story():
        workers = [Worker(), Worker()]
        async with asyncio.timeout(30), dispatching(workers) as dispatcher:
            assert 200 == (await dispatcher.reply(request())).status
            for worker in workers:
                worker.freeze()
            for worker in workers:
                await worker.is_silent.wait()
            asked = [asyncio.create_task(dispatcher.reply(request())) for _ in workers]
            for worker in workers:
                await worker.asked.wait()
            workers[0].be_replaced()
            await asyncio.wait(asked, timeout=1, return_when=asyncio.FIRST_COMPLETED)
            workers[1].be_replaced()
            return [reply.status for reply in await asyncio.gather(*asked)]

    assert [200, 200] == asyncio.run(story())
