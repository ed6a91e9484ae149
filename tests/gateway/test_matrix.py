"""Who may call what: every call, every kind of caller, at both of MLflow's roots."""

import json
from collections.abc import Iterator

import pytest

from gateway.grants import HELD, caller, granting_gateway, restore_grants
from gateway.matrix import ADMINISTRATORS, Line, expected, lines
from gateway.running import Gateway
from gateway.tiny_mlflow import CALLER, GRANTED, SECRET, TinyMlflow, tiny_mlflow
from gateway.wire import Answer, Caller
from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import Home
from penstock.gateway.proxy.routes import MLFLOW_ROUTES, additions, route_table
from penstock.gateway.proxy.targets.finder import NOTHING, Finder
from penstock.gateway.proxy.targets.owner_tag import OWNER_TAG

TABLE = route_table()
LINES = [
    line
    for line in lines()
    if TABLE.find(line.method, line.filled(GRANTED).target.partition("?")[0])
]
FORWARDED = [*MLFLOW_ROUTES, *additions.ROUTES]

LISTED = "/api/2.0/mlflow/experiments/search?max_results=1000"
SERVED_AT = {
    "GET /experiments": "/",
    "GET /api/2.0/mlflow/experiments/list": LISTED,
    "GET /ajax-api/2.0/mlflow/experiments/list": LISTED,
}


@pytest.fixture(scope="module")
def mlflow() -> TinyMlflow:
    return TinyMlflow()


@pytest.fixture(scope="module")
def granting(mlflow: TinyMlflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("granting")
    with (
        tiny_mlflow(mlflow) as address,
        granting_gateway(folder, address.url, experiment="1", model="model-1") as gateway,
    ):
        yield gateway


@pytest.fixture
def granted(granting: Gateway) -> Gateway:
    """The gateway, with all grants as they were."""
    restore_grants(granting, experiment="1", model="model-1")
    return granting


def call(who: Caller, line: Line, ids: dict[str, str]) -> Answer:
    """Make one call about some things."""
    filled = line.filled(ids)
    body = None if filled.body is None else filled.body.encode()
    headers = {"user-agent": CALLER, **filled.headers(ids)}
    return who.call(filled.method, filled.target, body, headers=headers)


def outcome(mlflow: TinyMlflow, who: Caller, line: Line, ids: dict[str, str]) -> int:
    """Return 0 for a call that was let through, else the status of its refusal."""
    mlflow.calls.clear()
    answer = call(who, line, ids)
    if line.level == "SEARCH" and answer.status == 200 and not mlflow.calls:
        return 0  # the gateway answers searches itself, but those of administrators
    assert bool(mlflow.calls) == (answer.status == 200), (answer, mlflow.calls)
    if not mlflow.calls:
        return answer.status
    filled = line.filled(ids)
    ((method, target, body),) = mlflow.calls
    assert (filled.method, SERVED_AT.get(str(line), filled.target)) == (method, target)
    assert same_body(filled.body, body)
    return 0


def same_body(sent: str | None, came: bytes) -> bool:
    """Return whether what came is what was sent, in whatever way, but for whose a new thing is."""
    if sent is None:
        return came == b""
    if sent.encode() == came:
        return True
    document = json.loads(came)
    document.pop("user_id", None)
    if OWNER_TAG in str(document.get("tags")):
        del document["tags"]
    return json.loads(sent) == document


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_call_takes_its_level(granted, mlflow, line):
    """Every kind of caller is let through, or refused with the right status before MLflow."""
    found = {held: outcome(mlflow, caller(granted, held), line, GRANTED) for held in HELD}
    assert {held: expected(line.level, held) for held in HELD} == found


GUARDED = [line for line in LINES if line.level in {"READ", "EDIT", "MANAGE"}]


@pytest.mark.parametrize("line", GUARDED, ids=str)
def test_another_s_things_are_invisible(granted, mlflow, line):
    """A login, and grants on another experiment, are not enough on any row."""
    held = ("NONE", "READ", "EDIT", "MANAGE")
    found = {one: outcome(mlflow, caller(granted, one), line, SECRET) for one in held}
    assert dict.fromkeys(held, 404) == found


# MLflow has no word for a scorer that there is not; the ids of scorers are random.
TELLING = [line for line in GUARDED if "online-configs" not in line.target]


@pytest.mark.parametrize("line", TELLING, ids=str)
def test_what_is_invisible_looks_like_what_there_is_not(granted, line):
    """Status and words are the same, but for the identifier itself."""
    who = caller(granted, "MANAGE")
    nowhere = {name: _another(value) for name, value in SECRET.items()}
    secret, unknown = (call(who, line, ids) for ids in (SECRET, nowhere))
    said, heard = secret.body.decode(), unknown.body.decode()
    for name, value in SECRET.items():
        said = said.replace(value, f"[{name}]")
        heard = heard.replace(nowhere[name], f"[{name}]")
    assert (404, said) == (unknown.status, heard)
    assert secret.status == unknown.status
    assert '"RESOURCE_DOES_NOT_EXIST"' in said


def _another(value: str) -> str:
    return value.replace("c" * 32, "9" * 32).replace("2", "8")


def test_every_row_has_its_line():
    """No row is left out of this list, and none that the list does not know passes."""
    listed = {
        TABLE.find(one.method, one.filled(GRANTED).target.partition("?")[0]).route for one in LINES
    }
    left = [route for route in FORWARDED if route not in listed]
    closed = {(route.method, route.path) for route in left if ADMINISTRATORS.search(route.path)}
    assert {("GET", "/graphql")} == {(route.method, route.path) for route in left} - closed


def test_what_no_grant_opens_is_for_administrators():
    """And nothing else is: what the list names can be granted."""
    closed = {route.path for route in FORWARDED if ADMINISTRATORS.search(route.path)}
    closed.add("/graphql")
    found = {route.path for route in FORWARDED if route.access is Access.ADMINISTRATOR}
    assert closed == found
    assert all(route.why for route in FORWARDED if route.access is not Access.GRANTED)


def test_every_granted_row_names_its_finder():
    """There is no row that only wants a login but those of pages; no finder stands for all."""
    granted = [route for route in FORWARDED if route.access is Access.GRANTED]
    assert len(granted) > 280
    for route in granted:
        assert isinstance(route.duties.targets, Finder), route
        assert (route.duties.targets is NOTHING) == (route.duties.search is not None), route
    users = {route.path for route in FORWARDED if route.access is Access.USER}
    assert users == {
        "/",
        "/experiments",
        "/version",
        "/static-files/{path:path}",
        "/build/{filename:path}",
        "/ajax-api/3.0/mlflow/ui-telemetry",
    }
    assert {Home.MLFLOW} == {route.home for route in FORWARDED}


@pytest.mark.parametrize("line", [one for one in LINES if one.level == "SEARCH"], ids=str)
def test_a_search_is_passed_on_for_administrators_alone(granted, mlflow, line):
    """All others get an answer that the gateway has put together for them."""
    mlflow.reset()
    for held in ("NONE", "READ", "MANAGE"):
        assert 200 == call(caller(granted, held), line, GRANTED).status
    assert [] == mlflow.calls
