import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.rest.spool.frame import HEAD, MARK, SCAN_BYTES, Damage, Frame, make_frame, read_frames

TEXTS = st.text(max_size=30).map(str.encode)
PAYLOADS = st.lists(TEXTS, max_size=8)


def read(content: bytes, start: int = 0, end: int | None = None):
    end = len(content) if end is None else end
    return list(read_frames(io.BytesIO(content), start=start, end=end))


def payloads(found):
    return [one.payload for one in found if isinstance(one, Frame)]


def damages(found):
    return [one for one in found if isinstance(one, Damage)]


@given(PAYLOADS)
def test_what_is_written_is_read(texts):
    """In order, each with its place."""
    content = b"".join(map(make_frame, texts))
    found = read(content)
    assert texts == payloads(found)
    assert [] == damages(found)
    for one in found:
        assert [one] == read(content, one.place, one.end)


def test_a_record_that_was_cut_short_is_torn():
    """At every byte; what stands before it is read."""
    first, last = make_frame(b'{"whole": 1}'), make_frame(b'{"torn": 2}')
    assert [] == damages(read(first))
    for size in range(1, len(last)):
        found = read(first + last[:size])
        assert [b'{"whole": 1}'] == payloads(found)
        assert [Damage(len(first), size, is_torn=True)] == damages(found)


@given(st.lists(TEXTS, min_size=1, max_size=6), st.data())
def test_a_changed_byte_is_never_taken_for_content(texts, draw):
    """Only the record that it stands in is damaged."""
    frames = list(map(make_frame, texts))
    content = bytearray(b"".join(frames))
    place = draw.draw(st.integers(0, len(content) - 1))
    content[place] ^= draw.draw(st.integers(1, 255))
    found = read(bytes(content))
    hit = next(n for n in range(len(frames)) if place < sum(map(len, frames[: n + 1])))
    assert texts[:hit] + texts[hit + 1 :] == payloads(found)
    (damage,) = damages(found)
    assert (sum(map(len, frames[:hit])), len(frames[hit])) == (damage.place, damage.size)
    assert not damage.is_torn or hit == len(frames) - 1


def test_damage_in_the_middle_is_not_torn():
    """Nor is a whole last record that does not fit its checksum."""
    frames = [make_frame(text) for text in (b"one", b"two", b"three")]
    middle = frames[0] + frames[1].replace(b"two", b"TWO") + frames[2]
    assert [b"one", b"three"] == payloads(read(middle))
    assert [Damage(len(frames[0]), len(frames[1]), is_torn=False)] == damages(read(middle))
    last = frames[0] + frames[1].replace(b"two", b"TWO")
    assert [Damage(len(frames[0]), len(frames[1]), is_torn=False)] == damages(read(last))


@pytest.mark.parametrize("junk", [b"\0" * 50, b"text", MARK * 9, MARK[:2], b"\xff" * 3])
def test_junk_is_passed_over(junk):
    """However much it looks like a beginning."""
    found = read(make_frame(b"one") + junk + make_frame(b"two"))
    assert [b"one", b"two"] == payloads(found)
    assert [len(junk)] == [damage.size for damage in damages(found)]


@pytest.mark.parametrize("size", [SCAN_BYTES - 2, SCAN_BYTES, SCAN_BYTES + 1, 3 * SCAN_BYTES - 1])
def test_much_junk_is_passed_over(size):
    """The mark behind it may lie across two parts of what is read."""
    found = read(make_frame(b"one") + b"x" * size + make_frame(b"two"))
    assert [b"one", b"two"] == payloads(found)


def test_a_length_beyond_the_end_is_not_believed():
    """What comes behind it is found."""
    wrong = HEAD.pack(MARK, 1 << 20, 0)
    found = read(wrong + b"rest" + make_frame(b"two"))
    assert [b"two"] == payloads(found)
    assert not damages(found)[0].is_torn


def test_nothing_is_read_beyond_the_given_end():
    """There the owner may be writing."""
    first, second = make_frame(b"one"), make_frame(b"two")
    assert [b"one"] == payloads(read(first + second, end=len(first)))
    assert [b"two"] == payloads(read(first + second, start=len(first)))
