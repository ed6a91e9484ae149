import pytest

from penstock.errors import RequestRefused
from penstock.gateway.api.instant import read_instant

MOMENT = 1_767_225_600_000


@pytest.mark.parametrize(
    "text",
    [
        "1767225600000",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T01:00:00+01:00",
        "2026-01-01T01:00:00 01:00",
        "2025-12-31T19:00:00-05:00",
        "20260101T000000Z",
    ],
)
def test_a_moment_is_read_in_either_form(text):
    """Without a zone it is in UTC; a plus that was not escaped is one."""
    assert MOMENT == read_instant("at", text)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "-1", "1.5", "2026-13-01", "2026-01-01T25:00", "9" * 16]
)
def test_what_is_no_moment_is_refused_by_name(text):
    """400 with the argument and an example."""
    with pytest.raises(RequestRefused, match="at must be a moment") as refused:
        read_instant("at", text)
    assert 400 == refused.value.status
