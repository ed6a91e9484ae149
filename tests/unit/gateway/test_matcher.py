import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.matcher import RouteTable
from penstock.gateway.proxy.route import Route
from penstock.gateway.proxy.routes import route_table


def row(method: str, path: str) -> Route:
    return Route(method, path, Access.USER)


TABLE = RouteTable(
    [
        row("GET", "/a"),
        row("POST", "/a"),
        row("GET", "/a/b"),
        row("GET", "/a/{name}"),
        row("DELETE", "/a/{name}"),
        row("GET", "/a/{name}/c/{other}"),
        row("PUT", "/files/{path:path}"),
        row("GET", "/dots.a+b/{name}"),
    ]
)


def found(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    match = TABLE.find(method, path)
    return match and (match.route.path, dict(match.parameters))


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/a", ("/a", {})),
        ("POST", "/a", ("/a", {})),
        ("HEAD", "/a", ("/a", {})),
        ("GET", "/a/b", ("/a/b", {})),
        ("GET", "/a/c", ("/a/{name}", {"name": "c"})),
        ("DELETE", "/a/b", ("/a/{name}", {"name": "b"})),
        ("GET", "/a/x/c/y", ("/a/{name}/c/{other}", {"name": "x", "other": "y"})),
        ("GET", "/a/%C3%A9%20", ("/a/{name}", {"name": "é "})),
        ("PUT", "/files/x", ("/files/{path:path}", {"path": "x"})),
        ("PUT", "/files/x/y/", ("/files/{path:path}", {"path": "x/y/"})),
        ("GET", "/dots.a+b/c", ("/dots.a+b/{name}", {"name": "c"})),
        ("PUT", "/a", None),
        ("OPTIONS", "/a", None),
        ("HEAD", "/files/x", None),
        ("GET", "/A", None),
        ("GET", "/a/", None),
        ("GET", "/%61", None),
        ("GET", "/a/x/", None),
        ("GET", "/a/x/y", None),
        ("GET", "/a/x/c", None),
        ("PUT", "/files/", None),
        ("PUT", "/files", None),
        ("GET", "/dotsXa+b/c", None),
        ("GET", "/dots.aab/c", None),
        ("GET", "/a/b\n", ("/a/{name}", {"name": "b\n"})),
        ("get", "/a", None),
        ("GET", "", None),
        ("GET", "/{name}", None),
    ],
)
def test_a_row_is_found_by_its_very_path(method, path, expected):
    """Another spelling of a path is another path; values are percent-decoded."""
    assert expected == found(method, path)


def test_the_methods_of_a_path_are_listed():
    """For the answer to a method that is none of them; HEAD goes with GET."""
    assert ["GET", "HEAD", "POST"] == TABLE.methods("/a")
    assert ["DELETE", "GET", "HEAD"] == TABLE.methods("/a/b")
    assert ["PUT"] == TABLE.methods("/files/a/b")
    assert [] == TABLE.methods("/b")


def test_one_call_has_one_row():
    """Two rows could disagree on who may call it."""
    with pytest.raises(ValueError, match="two rows for GET /a"):
        RouteTable([row("GET", "/a"), row("GET", "/a")])


def test_an_empty_table_knows_nothing():
    """Default deny."""
    assert RouteTable([]).find("GET", "/") is None


SEGMENT = st.text(st.sampled_from("abcXYZ019-._~!$&'()*+,;=:@"), min_size=1, max_size=8).filter(
    lambda text: text not in {".", ".."}
)
WHOLE = route_table()


@given(st.sampled_from(WHOLE.routes), st.data())
def test_every_template_of_the_whole_table_matches_what_it_stands_for(route, data):
    """Some row answers each filled template, and the values are those that were filled in."""
    values: dict[str, str] = {}

    def fill(parameter: re.Match[str]) -> str:
        count = data.draw(st.integers(1, 3)) if parameter[2] else 1
        values[parameter[1]] = "/".join(data.draw(SEGMENT) for _ in range(count))
        return values[parameter[1]]

    path = re.sub(r"\{(\w+)(:path)?\}", fill, route.path)
    match = WHOLE.find(route.method, path)
    assert match is not None
    assert match.route.method == route.method
    if match.route == route and len(values) < 2:
        assert {name: unquote(value) for name, value in values.items()} == match.parameters
