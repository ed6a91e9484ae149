"""What stands in a journal, as JSON. Pure.

`["journal", 1, {…}]` comes first and tells where it is to be sent; `["m", run, number, body]` is a
metric, `p` a param, `t` a tag, the last with a fifth member: when it was set, in nanoseconds since
1970. `["d", run, [[first, last], …]]` settles the items of a run with these numbers;
`["w", run, key, time]` tells that a tag was written otherwise.
"""

from typing import Any, Final, NamedTuple

import msgspec

from penstock.errors import SpoolError
from penstock.rest.writer.item import Item
from penstock.rest.writer.kind import Kind

VERSION: Final = 1
LETTERS: Final = {Kind.METRIC: "m", Kind.PARAM: "p", Kind.TAG: "t"}
KINDS: Final = {ord(letter): kind for kind, letter in LETTERS.items()}
HEADER, DONE, WRITTEN = ord("j"), ord("d"), ord("w")

Ranges = list[tuple[int, int]]


class Header(msgspec.Struct, frozen=True):
    """Where the items of a journal belong, and who wrote them. Never holds credentials."""

    uri: str
    created: int
    pid: int
    host: str


class TagWrite(NamedTuple):
    """A tag of a run got a value; `time` in nanoseconds since 1970."""

    run_id: str
    key: str
    time: int


class Done(NamedTuple):
    """The server has these items of a run, or will never take them; from and to, by number."""

    run_id: str
    ranges: Ranges


class Spooled(NamedTuple):
    """An item as it was logged; `time` is 0 but for tags."""

    item: Item
    time: int


class _Body(msgspec.Struct):
    key: str


Record = Header | Spooled | Done | TagWrite

_encode = msgspec.json.Encoder().encode
_items = msgspec.json.Decoder(tuple[str, str, int, msgspec.Raw])
_tags = msgspec.json.Decoder(tuple[str, str, int, msgspec.Raw, int])
_headers = msgspec.json.Decoder(tuple[str, int, Header])
_done = msgspec.json.Decoder(tuple[str, str, Ranges])
_written = msgspec.json.Decoder(tuple[str, str, str, int])
_bodies = msgspec.json.Decoder(_Body)


def header_payload(header: Header) -> bytes:
    """Return the record that a journal begins with."""
    return _encode(["journal", VERSION, header])


def item_prefix(kind: Kind, run_id: str) -> bytes:
    """Return what all records of one kind and run begin with."""
    return b'["%b",%b,' % (LETTERS[kind].encode(), _encode(run_id))


def item_payload(prefix: bytes, item: Item, time: int) -> bytes:
    """Return the record of an item."""
    if item.kind is Kind.TAG:
        return b"%b%d,%b,%d]" % (prefix, item.number, item.body, time)
    return b"%b%d,%b]" % (prefix, item.number, item.body)


def done_payload(run_id: str, ranges: Ranges) -> bytes:
    """Return the record that settles items."""
    return _encode(["d", run_id, ranges])


def tag_payload(write: TagWrite) -> bytes:
    """Return the record of a tag that was written otherwise."""
    return _encode(["w", *write])


def parse_record(payload: bytes) -> Record:
    """Parse a record. Raises SpoolError for one that this version does not know."""
    try:
        return _parse(payload)
    except (msgspec.MsgspecError, IndexError) as error:
        raise SpoolError(
            f"the journal holds a record that this version cannot read ({error}); a newer "
            "version of Penstock may have written it: send it with that one"
        ) from error


def _parse(payload: bytes) -> Record:
    letter = payload[2]
    kind = KINDS.get(letter)
    if kind is Kind.TAG:
        _, run_id, number, body, time = _tags.decode(payload)
        return Spooled(_item(run_id, kind, number, bytes(body)), time)
    if kind is not None:
        _, run_id, number, body = _items.decode(payload)
        return Spooled(_item(run_id, kind, number, bytes(body)), 0)
    if letter == DONE:
        return Done(*_done.decode(payload)[1:])
    if letter == WRITTEN:
        return TagWrite(*_written.decode(payload)[1:])
    return _header(payload)


def _header(payload: bytes) -> Header:
    first: Any = msgspec.json.decode(payload, type=list[Any])
    if first[:2] != ["journal", VERSION]:
        raise msgspec.ValidationError(f"'{first[0]}', version {first[1:2]}")
    return _headers.decode(payload)[2]


def _item(run_id: str, kind: Kind, number: int, body: bytes) -> Item:
    return Item(run_id, kind, _bodies.decode(body).key, body, number=number)
