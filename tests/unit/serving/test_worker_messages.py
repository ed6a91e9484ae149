"""What a dispatcher and a worker say to each other."""

import pytest

from penstock.serving.workers.messages import Answer, Ask, Beat, Leaving, Reader, Ready, write

SAID = [
    Ready(),
    Ask(1, "POST", "/invocations/é", b"a=1", ((b"host", b"\xff"), (b"x", b"")), b"\x00" * 70_000),
    Answer(1, 200, b'{"predictions": [1]}', b"application/json", ((b"x-penstock-run", b"r"),)),
    Ask(2, "GET", "/ping", b"", (), b""),
    Beat(),
    Leaving(),
]


@pytest.mark.parametrize("size", [1, 3, 4, 5, 1000, 65_536, 1_000_000])
def test_messages_come_as_they_were_said_however_the_way_cuts_them(size):
    """In order, whole, with every byte."""
    reader, stream = Reader(), b"".join(write(message) for message in SAID)
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert SAID == [message for piece in pieces for message in reader.feed(piece)]
