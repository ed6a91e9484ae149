import pytest

from penstock.errors import RequestRefused
from penstock.gateway.api.preconditions import is_known, read_if_match


@pytest.mark.parametrize(("text", "revision"), [('"4"', 4), ("4", 4), (' "0" ', 0), ('"0012"', 12)])
def test_if_match_names_one_revision(text, revision):
    """In quotes as an entity tag, or as a number."""
    assert revision == read_if_match(text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (None, 428),
        *((text, 400) for text in ("", "*", 'W/"4"', '"4", "5"', "-4", '"4.0"', "9" * 17, '"x"')),
        ("\u0664", 400),
    ],
)
def test_anything_else_is_refused(text, status):
    """Nothing is changed by who does not say what they have seen."""
    with pytest.raises(RequestRefused) as refused:
        read_if_match(text)
    assert status == refused.value.status


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (None, False),
        ('"4"', True),
        ('W/"4"', True),
        ('"3", W/"4"', True),
        ("*", True),
        ('"44"', False),
        ('"14"', False),
        ("4", False),
        ('"x"', False),
        ("", False),
    ],
)
def test_if_none_match_names_what_one_has(text, known):
    """Weak tags and lists, too; what is none of ours names nothing."""
    assert known == is_known(text, 4)
