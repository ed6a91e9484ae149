"""The whole route table, row by row, with every kind of caller."""

import re

import pytest
from sqlalchemy import delete

from gateway.running import USER
from gateway.wire import Caller, basic
from penstock.gateway.db.tables import grants
from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import Home
from penstock.gateway.proxy.routes import route_table

ROUTES = route_table().routes
SERVER_INFO = re.compile(r"/(ajax-)?api/3\.0/mlflow/server-info")
QUERY = "?a=1&a=2&b=%2F%3d&c=+"


def filled(path: str) -> str:
    """Return a path that a template stands for."""
    return re.sub(
        r"\{(\w+)(:path)?\}", lambda name: f"{name[1]}-%C3%A9/x" if name[2] else "é-1", path
    ).replace("é", "%C3%A9")


def label(route) -> str:
    return f"{route.method} {route.path}"


def call_each(caller: Caller, routes, *, query: str = "") -> dict[str, int]:
    """Return the status of each row's call, over one connection as far as it is kept."""
    statuses = {}
    with caller.kept_open() as connection:
        for route in routes:
            answer = caller.send(connection, route.method, filled(route.path) + query)
            statuses[label(route)] = answer.status
    return statuses


def rows(*, access: Access | None = None, home: Home | None = None):
    return [
        route for route in ROUTES if access in {None, route.access} and home in {None, route.home}
    ]


PROTECTED = [route for route in ROUTES if route.access is not Access.ANYBODY]


def test_an_anonymous_request_is_refused_on_every_row(gateway, recorder):
    """Only the rows for anybody answer without a login, and nothing reaches MLflow."""
    expected = {label(route): 401 for route in PROTECTED}
    assert expected == call_each(gateway.anonymous, PROTECTED, query=QUERY)
    assert [] == recorder.seen


def test_a_wrong_password_is_refused_on_every_row(gateway, recorder):
    """A wrong proof is no better than none."""
    caller = Caller(gateway.address, authorization=basic(USER, "not ann's secret"))
    expected = {label(route): 401 for route in PROTECTED}
    assert expected == call_each(caller, PROTECTED)
    assert [] == recorder.seen


def test_rows_for_anybody_are_answered_by_the_gateway(gateway, recorder):
    """No anonymous request reaches MLflow, not even one that everybody may make."""
    routes = rows(access=Access.ANYBODY)
    assert {Home.GATEWAY, Home.PAGES} == {route.home for route in routes}
    found = call_each(gateway.anonymous, routes)
    # A form that is none, one without an origin, and an invitation that never was.
    refused = {
        "POST /login": 415,
        "POST /logout": 403,
        "GET /invitation/{token}": 400,
        "POST /invitation/{token}": 415,
        **{label(route): 404 for route in routes if "/oidc/" in route.path},
    }
    assert {label(route): 200 for route in routes} | refused == found
    assert [] == recorder.seen


def test_a_user_is_refused_on_every_administrators_row(gateway, recorder):
    """What is for administrators is a 403 for everybody else."""
    routes = rows(access=Access.ADMINISTRATOR)
    assert len(routes) > 100
    assert {label(route): 403 for route in routes} == call_each(gateway.user, routes)
    assert [] == recorder.seen


@pytest.mark.parametrize("who", ["user", "admin"])
def test_what_is_allowed_reaches_mlflow_as_it_was_sent(gateway, recorder, who):
    """Method, path and query arrive byte for byte, on every row that no grant decides about."""
    closed = {"user": {Access.USER}, "admin": {Access.USER, Access.ADMINISTRATOR}}[who]
    routes = [one for one in rows(home=Home.MLFLOW) if one.access in closed and not one.served_at]
    statuses = call_each(getattr(gateway, who), routes, query=QUERY)
    assert {label(route): 200 for route in routes} == statuses
    expected = [(route.method, (filled(route.path) + QUERY).encode()) for route in routes]
    assert expected == [(seen.method, seen.target) for seen in recorder.seen]


def test_every_user_s_own_row_answers_a_user(gateway, recorder):
    """The gateway's own calls for users are answered here, whatever they say to so little."""
    # Whether they see a grant, MLflow would have to tell: none is left from elsewhere.
    with gateway.app.parts.database.writing() as connection:
        connection.execute(delete(grants))
    gateway.app.parts.watch.changed()
    routes = [route for route in rows(home=Home.GATEWAY) if route.access is Access.USER]
    refused = {
        name: status
        for name, status in call_each(gateway.user, routes).items()
        if status == 401 or status >= 500
    }
    assert {} == refused
    assert [] == recorder.seen


def test_head_goes_where_get_does(gateway, recorder):
    """HEAD is GET without a body, on every row (RFC 9110, 9.3.2)."""
    # The numbers of /metrics change with each request.
    routes = [route for route in ROUTES if route.method == "GET" and route.path != "/metrics"]
    failures = {}
    for route in routes:
        got = gateway.admin.call("GET", filled(route.path))
        answer = gateway.admin.call("HEAD", filled(route.path))
        if (got.status, b"", got.all("content-length")) != (
            answer.status,
            answer.body,
            answer.all("content-length"),
        ):
            failures[label(route)] = answer
    assert {} == failures
    assert {"GET", "HEAD"} == {seen.method for seen in recorder.seen}


def test_head_is_refused_where_get_is(gateway, recorder):
    """HEAD is no way around a login."""
    for path in ("/version", "/v1/users", "/no/such/path"):
        assert 401 == gateway.anonymous.call("HEAD", path).status
    assert 403 == gateway.user.call("HEAD", "/v1/users").status
    assert [] == recorder.seen


UNKNOWN = [
    "/no/such/path",
    "/api",
    "/api/2.0/mlflow",
    "/API/2.0/mlflow/experiments/get",
    "/api/2.0/mlflow/Experiments/get",
    "/api/2.0/mlflow/experiments/get/",
    "/api/2.0/mlflow/experiments/%67et",
    "/api/2.0/mlflow/experiments%20/get",
    "/api/2.0/mlflow/experiments/get;a=b",
    "/api/2.0/preview/mlflow/experiments/get",
    "/api/2.1/mlflow/experiments/get",
    "/version/",
    "/v1",
    "/v1/",
    "/v1/me/",
    "/v1/other/x",
    "/health/",
    "/healthx",
    "/docs",
    "/openapi.json",
    "/static-files/",
    "/index.html",
]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_path_does_not_exist(gateway, recorder, path):
    """Neither another case, another spelling nor a slash behind a known path is known."""
    assert 401 == gateway.anonymous.call("GET", path).status
    assert 404 == gateway.admin.call("GET", path).status
    assert [] == recorder.seen


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/version", "GET, HEAD"),
        ("OPTIONS", "/version", "GET, HEAD"),
        ("TRACE", "/version", "GET, HEAD"),
        ("GET", "/v1/traces", "POST"),
        ("POST", "/v1/me", "GET, HEAD"),
        ("PATCH", "/api/2.0/mlflow/experiments/search", "GET, HEAD, POST"),
        ("PROPFIND", "/api/2.0/mlflow-artifacts/artifacts/a", "DELETE, GET, HEAD, PUT"),
    ],
)
def test_another_method_is_refused_with_those_that_exist(gateway, recorder, method, path, allowed):
    """405 names the methods in `Allow`, and only to who has logged in."""
    answer = gateway.user.call(method, path)
    assert (405, allowed) == (answer.status, answer.one("allow"))
    refused = gateway.anonymous.call(method, path)
    assert (401, []) == (refused.status, refused.all("allow"))
    assert [] == recorder.seen


def test_a_made_up_method_is_refused(gateway, recorder):
    """What is no method of HTTP does not get as far as the table."""
    assert gateway.user.call("FLY", "/version").status in {400, 405}
    assert [] == recorder.seen
