"""Walk the wire format of Protocol Buffers, as far as it takes to find a field. Pure.

What repeats is visited each time: a parser would join messages and take the last of the values.
"""

from collections.abc import Iterator

from penstock.errors import RequestRefused

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10
_MORE = 0x80
"""The bit of a byte of a number that says that another follows."""


def messages(data: bytes, *path: int) -> Iterator[bytes]:
    """Return the messages below a path of field numbers. Raises RequestRefused (400)."""
    if not path:
        yield data
        return
    for inner in values(data, path[0]):
        yield from messages(inner, *path[1:])


def values(data: bytes, number: int) -> Iterator[bytes]:
    """Return the strings, bytes or messages of one field. Raises RequestRefused (400)."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        end = _end(data, position, tag & 7)
        if tag & 7 == _BYTES:
            length, start = _varint(data, position)
            if tag >> 3 == number:
                yield data[start : start + length]
        position = end


def _end(data: bytes, position: int, wire_type: int) -> int:
    if wire_type == _VARINT:
        end = _varint(data, position)[1]
    elif wire_type == _FIXED64:
        end = position + 8
    elif wire_type == _FIXED32:
        end = position + 4
    elif wire_type == _BYTES:
        length, start = _varint(data, position)
        end = start + length
    else:
        raise _refusal()
    if end > len(data):
        raise _refusal()
    return end


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for index in range(_MAX_VARINT_BYTES):
        if position + index >= len(data):
            break
        byte = data[position + index]
        value |= (byte & ~_MORE) << (7 * index)
        if not byte & _MORE:
            return value, position + index + 1
    raise _refusal()


def _refusal() -> RequestRefused:
    return RequestRefused(400, "BAD_REQUEST", "the body of the request is no Protocol Buffer")
