"""Searches of a real MLflow, as users with different grants see them."""

import json
import uuid
from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlencode

import pytest

from contract.access.things import Mlflow
from gateway.grants import grant
from gateway.running import Gateway, running_gateway
from gateway.wire import Caller, basic
from penstock.gateway.permissions.level import Level
from servers import Up

V2 = "/api/2.0/mlflow"
PASSWORD = "a long and common secret"
TEAMS = ("a", "b", "c")
EACH = 12


class World:
    """Experiments and models of three teams in a real MLflow, with one name in front of all."""

    def __init__(self, mlflow: Mlflow) -> None:
        self.mark = f"s{uuid.uuid4().hex[:8]}"
        self.experiments: dict[str, str] = {}
        self.runs: dict[str, str] = {}
        for number in range(EACH):
            for team in TEAMS:
                self._make(mlflow, team, number)

    def _make(self, mlflow: Mlflow, team: str, number: int) -> None:
        name = f"{self.mark}-{team}/{number:02}"
        body = {"name": name, "tags": [{"key": "half", "value": str(number % 2)}]}
        experiment = mlflow.post(f"{V2}/experiments/create", body)["experiment_id"]
        self.experiments[name] = experiment
        run = mlflow.post(f"{V2}/runs/create", {"experiment_id": experiment, "run_name": name})
        self.runs[name] = run["run"]["info"]["run_id"]
        model = self.model(team, number)
        mlflow.post(f"{V2}/registered-models/create", {"name": model})
        source = {"name": model, "source": "runs:/x/model", "run_id": self.runs[name]}
        source["source"] = run["run"]["info"]["artifact_uri"] + "/model"
        mlflow.post(f"{V2}/model-versions/create", source)

    def model(self, team: str, number: int) -> str:
        return f"{self.mark}.{team}.{number:02}"


@pytest.fixture(scope="module")
def world(stack: Up) -> World:
    return World(Mlflow(stack.mlflow_url))


@pytest.fixture(scope="module")
def gateway(stack: Up, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a user for each way to hold grants."""
    with running_gateway(tmp_path_factory.mktemp("searches"), stack.mlflow_url) as gateway:
        for name in ("prefix", "exact", "mixed", "all", "nothing", "denied"):
            gateway.accounts.add(name, password=PASSWORD)
        mark = world.mark
        give(gateway, "prefix", "experiment", f"{mark}-a/*")
        give(gateway, "prefix", "registered_model", f"{mark}.a.*")
        for number in (1, 5, 9):
            experiment = world.experiments[f"{mark}-b/{number:02}"]
            give(gateway, "exact", "experiment", f"id:{experiment}")
            give(gateway, "exact", "registered_model", world.model("b", number))
        give(gateway, "mixed", "experiment", f"{mark}-a/*")
        give(gateway, "mixed", "experiment", f"id:{world.experiments[f'{mark}-a/03']}")
        give(gateway, "mixed", "experiment", f"id:{world.experiments[f'{mark}-c/04']}")
        give(gateway, "mixed", "registered_model", f"{mark}.a.*")
        give(gateway, "mixed", "registered_model", world.model("c", 4))
        for kind in ("experiment", "registered_model"):
            give(gateway, "all", kind, "*")
            give(gateway, "denied", kind, "*")
        give(gateway, "denied", "experiment", f"{mark}-a/*", Level.NONE)
        give(gateway, "denied", "registered_model", f"{mark}.a.*", Level.NONE)
        yield gateway


def give(gateway: Gateway, email: str, kind: str, pattern: str, level: Level = Level.READ) -> None:
    grant(gateway, email, kind, pattern, level)


def as_user(gateway: Gateway, email: str) -> Caller:
    return Caller(gateway.address, authorization=basic(email, PASSWORD))


def search(who: Caller, what: str, **arguments: Any) -> dict[str, Any]:
    """Return one page of a search, by query or by body as MLflow's client does."""
    if what in {"registered-models", "model-versions"}:
        target, body = f"{V2}/{what}/search?{urlencode(arguments, doseq=True)}", None
    else:
        target, body = f"{V2}/{what}/search", json.dumps(arguments).encode()
    method = "GET" if body is None else "POST"
    answer = who.call(method, target, body, headers={"content-type": "application/json"})
    assert 200 == answer.status, answer.body
    return json.loads(answer.body)


def pages(who: Caller, what: str, key: str, **arguments: Any) -> list[list[dict[str, Any]]]:
    """Return all pages of a search."""
    found, token = [], ""
    while True:
        given = arguments | ({"page_token": token} if token else {})
        page = search(who, what, **given)
        found.append(page.get(key, []))
        token = page.get("next_page_token", "")
        if not token:
            return found


def direct(stack: Up, what: str, **arguments: Any) -> dict[str, Any]:
    """Ask MLflow itself."""
    mlflow = Mlflow(stack.mlflow_url)
    if what in {"registered-models", "model-versions"}:
        return mlflow.ask("GET", f"{V2}/{what}/search?{urlencode(arguments, doseq=True)}")
    return mlflow.post(f"{V2}/{what}/search", arguments)


def expected_teams(email: str, team: str, number: int) -> bool:
    return {
        "prefix": team == "a",
        "exact": team == "b" and number in (1, 5, 9),
        "mixed": team == "a" or (team, number) == ("c", 4),
        "all": True,
        "denied": team != "a",
        "nothing": False,
    }[email]


def visible(world: World, email: str) -> set[str]:
    return {
        f"{world.mark}-{team}/{number:02}"
        for team in TEAMS
        for number in range(EACH)
        if expected_teams(email, team, number)
    }


WHO = ("prefix", "exact", "mixed", "all", "denied", "nothing")


@pytest.mark.parametrize("email", WHO)
@pytest.mark.parametrize("order", [[], ["name DESC"], ["name"], ["last_update_time DESC", "name"]])
def test_experiments_are_what_may_be_read_in_mlflow_s_order(stack, world, gateway, email, order):
    """Full pages, none twice, none that is not granted, no token at the end."""
    like = {"filter": f"name LIKE '{world.mark}%'", "order_by": order}
    theirs = direct(stack, "experiments", max_results=1000, **like)["experiments"]
    wanted = visible(world, email)
    found = pages(as_user(gateway, email), "experiments", "experiments", max_results=5, **like)
    assert [one for one in theirs if one["name"] in wanted] == list(chain(*found))
    assert all(len(page) == 5 for page in found[:-1])
    assert max(1, -(-len(wanted) // 5)) == len(found)


@pytest.mark.parametrize("email", WHO)
@pytest.mark.parametrize("order", [[], ["name DESC"], ["last_updated_timestamp DESC"]])
def test_registered_models_are_what_may_be_read(stack, world, gateway, email, order):
    """In MLflow's order, page by page."""
    like = {"filter": f"name LIKE '{world.mark}%'", "order_by": order}
    theirs = direct(stack, "registered-models", max_results=1000, **like)["registered_models"]
    wanted = {one.replace("-", ".").replace("/", ".") for one in visible(world, email)}
    found = pages(
        as_user(gateway, email), "registered-models", "registered_models", max_results=7, **like
    )
    assert [one for one in theirs if one["name"] in wanted] == list(chain(*found))
    assert max(1, -(-len(wanted) // 7)) == len(found)


@pytest.mark.parametrize("email", WHO)
def test_model_versions_are_those_of_readable_models(stack, world, gateway, email):
    """Also where the filter asks for a run of somebody else's."""
    like = {"filter": f"name LIKE '{world.mark}%'"}
    who = as_user(gateway, email)
    found = pages(who, "model-versions", "model_versions", max_results=6, **like)
    theirs = direct(stack, "model-versions", max_results=1000, **like)["model_versions"]
    wanted = {one.replace("-", ".").replace("/", ".") for one in visible(world, email)}
    assert [one for one in theirs if one["name"] in wanted] == list(chain(*found))
    secret = world.runs[f"{world.mark}-c/00"]
    page = search(as_user(gateway, email), "model-versions", filter=f"run_id = '{secret}'")
    seen = [one["name"] for one in page.get("model_versions", [])]
    assert ([world.model("c", 0)] if email in {"all", "denied"} else []) == seen


@pytest.mark.parametrize("email", WHO)
def test_runs_are_those_of_readable_experiments(world, gateway, email):
    """Of the experiments that were asked for; the others are left out like unknown ones."""
    asked = [*world.experiments.values(), "999999999", "01", "x"]
    found = pages(as_user(gateway, email), "runs", "runs", experiment_ids=asked, max_results=5)
    names = {one["info"]["run_name"] for page in found for one in page}
    assert visible(world, email) == names
    assert len(names) == sum(len(page) for page in found)


def test_an_administrator_s_page_is_mlflow_s(stack, world, gateway):
    """Byte for byte the same documents, tokens included."""
    like = {"filter": f"name LIKE '{world.mark}%'", "max_results": 4}
    for what in ("experiments", "registered-models", "model-versions"):
        assert direct(stack, what, **like) == search(gateway.admin, what, **like)


@pytest.mark.parametrize(
    "text",
    [
        "name LIKE '%' OR name LIKE '%'",
        "name LIKE '%' -- ",
        "name LIKE '%'; name LIKE '%'",
        "1 = 1",
        ") OR (name LIKE '%'",
        "experiment_id IN ('0')",
        "name LIKE '%' /*",
        "name != ''",
    ],
)
def test_no_filter_opens_more(world, gateway, text):
    """Refused by MLflow, or narrowed to what is granted."""
    body = json.dumps({"filter": text, "max_results": 100}).encode()
    answer = as_user(gateway, "exact").call(
        "POST", f"{V2}/experiments/search", body, headers={"content-type": "application/json"}
    )
    document = json.loads(answer.body)
    if answer.status == 200:
        names = {one["name"] for one in document.get("experiments", [])}
        assert names <= visible(world, "exact")
    else:
        assert (400, "INVALID_PARAMETER_VALUE") == (answer.status, document["error_code"])


def test_tokens_are_good_for_their_own_search_alone(world, gateway):
    """Not for another subject, filter or order, and not after the grants have changed."""
    like = {"filter": f"name LIKE '{world.mark}%'", "max_results": 3}
    token = search(as_user(gateway, "prefix"), "experiments", **like)["next_page_token"]
    for who, arguments in (
        ("all", like),
        ("prefix", like | {"filter": "name LIKE '%'"}),
        ("prefix", like | {"order_by": ["name"]}),
        ("prefix", like | {"max_results": 4}),
    ):
        body = json.dumps(arguments | {"page_token": token}).encode()
        answer = as_user(gateway, who).call(
            "POST", f"{V2}/experiments/search", body, headers={"content-type": "application/json"}
        )
        assert 400 == answer.status
    assert 3 == len(
        search(as_user(gateway, "prefix"), "experiments", **like, page_token=token)["experiments"]
    )


@pytest.mark.parametrize("value", [0, -1, 50_001, "x", [5], {"a": 1}, True, 1.5, 10**30])
def test_a_wrong_size_is_refused(gateway, value):
    """With MLflow's code."""
    body = json.dumps({"max_results": value}).encode()
    answer = as_user(gateway, "all").call(
        "POST", f"{V2}/experiments/search", body, headers={"content-type": "application/json"}
    )
    assert (400, "INVALID_PARAMETER_VALUE") == (
        answer.status,
        json.loads(answer.body)["error_code"],
    )
