import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import SpoolError
from penstock.rest.spool.record import (
    Done,
    Header,
    Spooled,
    TagWrite,
    done_payload,
    header_payload,
    item_payload,
    item_prefix,
    parse_record,
    tag_payload,
)
from penstock.rest.writer.item import make_item
from penstock.rest.writer.kind import Kind

TEXT = st.text(max_size=20)


@given(st.sampled_from(Kind), TEXT, TEXT, st.integers(1, 2**60), st.floats(allow_nan=False))
def test_an_item_comes_back_as_it_was(kind, run_id, key, number, value):
    """With the very bytes that are sent; a tag with its time."""
    item = make_item(run_id, kind, {"key": key, "value": value, "step": 1})
    item.number = number
    payload = item_payload(item_prefix(kind, run_id), item, 77)
    assert isinstance(json.loads(payload), list)
    found = parse_record(payload)
    assert isinstance(found, Spooled)
    assert item == found.item
    assert (77 if kind is Kind.TAG else 0) == found.time


def test_the_other_records_come_back_too():
    """Header, settled items, tags that were written otherwise."""
    header = Header(uri="http://here", created=1, pid=2, host="h")
    assert header == parse_record(header_payload(header))
    assert Done("r", [(1, 5), (7, 7)]) == parse_record(done_payload("r", [(1, 5), (7, 7)]))
    assert TagWrite("r", "t/ü", 5) == parse_record(tag_payload(TagWrite("r", "t/ü", 5)))


@pytest.mark.parametrize(
    "payload",
    [
        b'["journal",2,{"uri":"http://here","created":1,"pid":2,"host":"h"}]',
        b'["z",1]',
        b'["m","r",1]',
        b'["m","r",1,{"value":1}]',
        b"[]",
        b"",
        b"nonsense",
    ],
)
def test_what_this_version_does_not_know_is_an_error(payload):
    """Rather than be passed over."""
    with pytest.raises(SpoolError, match="newer version of Penstock"):
        parse_record(payload)
