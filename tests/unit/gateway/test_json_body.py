import json
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from penstock.errors import RequestRefused
from penstock.gateway.proxy.json_body import FREE_KEYS, parse_body, snake_case, write_body

NAMES = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["run_id", "experimentId", "tags", "a", "A", "aB", "a_b", "x1", ""]),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just("\ud800")
)


def spelled_once(fields: dict) -> bool:
    return len({snake_case(name) for name in fields}) == len(fields)


VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(NAMES, inner, max_size=5).filter(spelled_once),
    ),
    max_leaves=25,
)
FEW = settings(max_examples=40, deadline=None)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=6).filter(spelled_once)


def same(one: object, other: object) -> bool:
    """Compare what stands where, in whatever order; NaN is like NaN."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@FEW
@given(DOCUMENTS)
@example({"a": math.nan, "b": [math.inf, -math.inf]})
@example({"a": 10**400, "b": -0.0, "c": 1e-320})
def test_what_is_written_is_what_was_read(document):
    """The body that goes on means what the caller's body meant to Python's own parser."""
    body = json.dumps(document).encode()
    assert same(json.loads(body), parse_body(body))
    assert same(json.loads(body), json.loads(write_body(parse_body(body))))


@FEW
@given(DOCUMENTS)
def test_what_is_written_is_read_again_as_the_same(document):
    """Writing is stable: another gateway in front would change nothing."""
    once = write_body(parse_body(json.dumps(document, indent=2).encode()))
    assert once == write_body(parse_body(once))


@FEW
@given(DOCUMENTS, NAMES, SCALARS, SCALARS, st.integers(0, 4))
def test_a_name_that_stands_twice_is_always_found(document, name, first, second, depth):
    """Wherever it stands, and whether the values are the same or not."""
    inner = json.dumps(document)[1:-1]
    pair = ",".join(part for part in (inner, f"{json.dumps(name)}:{json.dumps(first)}") if part)
    text = "{" + f"{pair},{json.dumps(name)}:{json.dumps(second)}" + "}"
    for level in range(depth):
        text = f'{{"tags":{text}}}' if level % 2 else f'{{"list":[{text}]}}'
    with pytest.raises(RequestRefused) as caught:
        parse_body(text.encode())
    assert 400 == caught.value.status
    assert "names a field" in caught.value.message


HUMPS = st.from_regex(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*){1,3}", fullmatch=True)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[0].upper() + part[1:] for part in rest)


@given(HUMPS, SCALARS, SCALARS, st.integers(0, 3))
def test_a_name_in_two_spellings_is_always_found(name, first, second, depth):
    """MLflow reads both spellings, and takes the one that comes last."""
    document: object = {name: first, "between": 1, camel(name): second}
    for _ in range(depth):
        document = {"outer": [document]}
    with pytest.raises(RequestRefused, match="two spellings") as caught:
        parse_body(json.dumps(document).encode())
    assert 400 == caught.value.status


@given(HUMPS)
def test_both_spellings_are_one_name(name):
    """The spelling of JSON leads back to MLflow's."""
    assert (name, name) == (snake_case(name), snake_case(camel(name)))


@given(HUMPS, st.sampled_from(sorted(FREE_KEYS)))
def test_names_of_the_caller_s_own_may_look_alike(name, free):
    """Tags and parameters have any names; `a_b` and `aB` are two of them."""
    for spelling in (free, camel(free)):
        document = {spelling: {name: 1, camel(name): {camel(name): 1, name: 2}}}
        assert document == parse_body(json.dumps(document).encode())


@pytest.mark.parametrize("free", sorted(FREE_KEYS))
def test_a_list_under_a_free_name_is_looked_into(free):
    """A list of key and value pairs is MLflow's form, not the caller's own."""
    with pytest.raises(RequestRefused, match="two spellings"):
        parse_body(json.dumps({free: [{"run_id": 1, "runId": 2}]}).encode())


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body):
    """Nothing else than a refusal comes out, whatever comes in."""
    try:
        document = parse_body(body)
    except RequestRefused:
        return
    assert same(json.loads(body), document)


@pytest.mark.parametrize("opening", ['{"a":', '{"a":[', '[{"a":'])
@pytest.mark.parametrize("depth", [50, 300, 480, 900, 990, 1000, 20_000, 200_000])
def test_any_depth_is_passed_or_refused(opening, depth):
    """Around the depth where Python gives up, too."""
    closing = "".join({"{": "}", "[": "]"}[sign] for sign in reversed(opening) if sign in "{[")
    body = ('{"x":' + opening * depth + "1" + closing * depth + "}").encode()
    if depth <= 50:
        assert body == write_body(parse_body(body))
        return
    try:
        written = write_body(parse_body(body))
    except RequestRefused:
        return
    assert body == written


def test_the_message_names_the_field():
    """The caller learns which one to correct."""
    with pytest.raises(RequestRefused, match="'run_id'"):
        parse_body(b'{"a": 1, "run_id": 1, "runId": 2}')
    with pytest.raises(RequestRefused, match="'b'"):
        parse_body(b'{"a": 1, "b": 1, "b": 2}')


def test_the_message_says_where_json_is_wrong():
    """Line and column, not the content."""
    with pytest.raises(RequestRefused, match=r"line 2, column 7") as caught:
        parse_body(b'{"a": "secret",\n "b": }')
    assert "secret" not in caught.value.message
