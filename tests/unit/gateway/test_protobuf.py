"""Fields are found in the wire format of Protocol Buffers."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import RequestRefused
from penstock.gateway.proxy.targets.protobuf import messages, values


def varint(number: int) -> bytes:
    head, rest = number & 0x7F, number >> 7
    return bytes([head | 0x80]) + varint(rest) if rest else bytes([head])


def text(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


OTHERS = st.one_of(
    st.tuples(st.integers(1, 500), st.integers(0, 2**64 - 1)).map(
        lambda pair: varint(pair[0] << 3) + varint(pair[1])
    ),
    st.tuples(st.integers(1, 500), st.binary(min_size=8, max_size=8)).map(
        lambda pair: varint(pair[0] << 3 | 1) + pair[1]
    ),
    st.tuples(st.integers(1, 500), st.binary(min_size=4, max_size=4)).map(
        lambda pair: varint(pair[0] << 3 | 5) + pair[1]
    ),
    st.binary(max_size=300).map(lambda content: text(77, content)),
)


@given(st.data())
def test_each_value_of_a_field_is_found(data):
    """Between fields of any other kind, all of them and in their order."""
    wanted = data.draw(st.lists(st.binary(max_size=300), max_size=4))
    others = data.draw(st.lists(OTHERS, min_size=len(wanted), max_size=len(wanted)))
    body = b"".join(text(3, one) + other for one, other in zip(wanted, others, strict=True))
    assert wanted == list(values(body, 3))


def test_messages_that_repeat_are_all_visited():
    """A parser would join them."""
    body = text(1, text(2, b"a") + text(2, b"b")) + text(1, text(2, b"c"))
    assert [b"a", b"b", b"c"] == list(messages(body, 1, 2))


@pytest.mark.parametrize(
    "body",
    [b"\x0a", b"\x0a\x05ab", b"\x0b", b"\x0c", b"\x09\x00", b"\x0d\x00", b"\x80" * 11, b"\x0f"],
)
def test_what_is_malformed_is_refused(body):
    """Cut off, of no known kind, or a number without end."""
    with pytest.raises(RequestRefused) as refusal:
        list(values(body, 1))
    assert 400 == refusal.value.status


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body):
    """Nothing else comes of them."""
    with suppress(RequestRefused):
        list(messages(body, 1, 2, 2))
