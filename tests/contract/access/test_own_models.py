"""Registered models over `/v1`, against a real MLflow."""

import json
import uuid
from urllib.parse import urlencode

import pytest

from contract.access.own_calls import ADMINISTRATOR, MANAGER, READER, STRANGER
from contract.access.things import Mlflow, make_things
from gateway.grants import grant
from penstock.gateway.api import model_versions
from penstock.gateway.permissions.level import Level

V2 = "/api/2.0/mlflow"
EVERYBODY = [READER, MANAGER, ADMINISTRATOR]

INPUTS = [
    {"type": "double", "name": "age: the customer's, in years", "required": True},
    {"type": "string", "name": "plan", "required": False},
]
OUTPUTS = [{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]
MLMODEL = f"""\
flavors:
  python_function:
    loader_module: mlflow.sklearn
model_uuid: 0f1e2d3c4b5a69788796a5b4c3d2e1f0
signature:
  inputs: {json.dumps(json.dumps(INPUTS))}
  outputs: {json.dumps(json.dumps(OUTPUTS))}
  params: null
"""


def path(**arguments: object) -> str:
    """Return the address of a page; filters are given as values."""
    if isinstance(arguments.get("filters"), dict):
        arguments["filters"] = json.dumps(arguments["filters"])
    return f"/v1/models?{urlencode(arguments)}" if arguments else "/v1/models"


def register(direct: Mlflow, name: str, **tags: str) -> None:
    pairs = [{"key": key, "value": value} for key, value in tags.items()]
    direct.post(f"{V2}/registered-models/create", {"name": name, "tags": pairs})


def add_version(direct: Mlflow, name: str, things: dict[str, str], mlmodel: str | None) -> dict:
    folder = f"{things['root']}/model-{uuid.uuid4().hex}"
    if mlmodel is not None:
        target = f"/api/2.0/mlflow-artifacts/artifacts/{folder}/MLmodel"
        direct.ask("PUT", target, mlmodel.encode())
    version = {"name": name, "source": f"mlflow-artifacts:/{folder}", "run_id": things["run"]}
    tags = [{"key": "stage", "value": "tried"}]
    return direct.post(f"{V2}/model-versions/create", {**version, "tags": tags})["model_version"]


def names(own, who: str, **arguments: object) -> list[str]:
    """Return the names on all pages."""
    found, token = [], ""
    while True:
        status, answer = own.call(who, "GET", path(**arguments, page_token=token))
        assert 200 == status, answer
        found += [model["name"] for model in answer["data"]]
        token = answer["next_page_token"]
        if token is None:
            return found


@pytest.fixture
def family(own) -> str:
    """A word that all models of one test have in their names; the manager may read those."""
    word = f"f{uuid.uuid4().hex[:10]}"
    grant(own.gateway, "manage@example.org", "registered_model", f"{word}*", Level.READ)
    return word


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_model_is_shown_with_its_versions(own, direct, things, who):
    """The newest first, each with where it comes from and what it takes and returns."""
    name = things["registered"]
    made = [add_version(direct, name, things, text) for text in (MLMODEL, None, "a: [broken")]
    status, answer = own.call(who, "GET", path(filters={"name": name}))
    assert (200, {"status", "next_page_token", "data"}) == (status, set(answer))
    (model,) = answer["data"]
    assert (None, {"name", "versions"}, name) == (
        answer["next_page_token"],
        set(model),
        model["name"],
    )
    newest, without, signed, first = model["versions"]
    assert {
        "name": name,
        "version": "2",
        "run_id": things["run"],
        "source": made[0]["source"],
        "inputs": INPUTS,
        "outputs": OUTPUTS,
        "tags": {"stage": "tried"},
        "created_at": made[0]["creation_timestamp"],
    } == signed
    for version in (newest, without, first):
        assert ([], []) == (version["inputs"], version["outputs"])
    assert ["4", "3", "2", "1"] == [one["version"] for one in model["versions"]]
    assert answer == own.call(who, "GET", path(filters={"name": name}))[1]


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("source", ["runs:/{run}/model", "models:/{model}"])
def test_a_version_by_another_address_has_its_signature(own, direct, things, who, source):
    """An address of a run or of a logged model leads to the same file."""
    name = things["registered"]
    experiment, run, model = things["experiment"], things["run"], things["model"]
    for folder in (f"{experiment}/{run}/artifacts/model", f"{experiment}/models/{model}/artifacts"):
        target = f"/api/2.0/mlflow-artifacts/artifacts/{folder}/MLmodel"
        direct.ask("PUT", target, MLMODEL.encode())
    made = {"name": name, "source": source.format_map(things), "run_id": run}
    if source.startswith("models"):
        made["model_id"] = model
    direct.post(f"{V2}/model-versions/create", made)
    restored = own.data(who, "GET", path(filters={"name": name}))[0]["versions"][0]
    assert ("2", INPUTS, OUTPUTS) == tuple(
        restored[name] for name in ("version", "inputs", "outputs")
    )


def test_a_page_holds_what_the_caller_may_read(own, direct, things):
    """A stranger sees none of it; a reader theirs alone; nobody without a login anything."""
    other = make_things(direct)
    assert 401 == own.refused(None, "GET", path())
    assert [] == names(own, STRANGER)
    assert [things["registered"]] == names(own, READER)
    assert {things["registered"], other["registered"]} <= set(
        names(own, ADMINISTRATOR, page_size=100)
    )


@pytest.mark.parametrize("who", [MANAGER, ADMINISTRATOR])
def test_pages_hold_all_models_once(own, direct, family, who):
    """Whatever their size, in the order of the names."""
    expected = [f"{family}-{number:02}" for number in range(23)]
    for name in expected:
        register(direct, name)
    for size in (1, 7, 23, 100):
        assert expected == names(own, who, filters={"name": family}, page_size=size)
    first = own.call(who, "GET", path(filters={"name": family}))[1]
    assert (10, True) == (len(first["data"]), isinstance(first["next_page_token"], str))


ODD = ["it's", 'say "hi"', "per%cent", "under_score", "back\\slash", "tick`s", "ünï 🚀", "a  b",
       "percent", "underXscore", "line\nbreak", "semi;--x", "' OR '1' LIKE '1",
       "(a, b)"]  # fmt: skip


@pytest.mark.parametrize("who", [MANAGER, ADMINISTRATOR])
def test_no_sign_of_a_name_breaks_or_widens_the_filter(own, direct, things, family, who):
    """Each is found by its own name alone, with its version, and by nothing that looks like it."""
    for name in ODD:
        register(direct, f"{family} {name}")
        add_version(direct, f"{family} {name}", things, MLMODEL)
    for name in ODD:
        whole = f"{family} {name}"
        (model,) = own.call(who, "GET", path(filters={"name": whole}))[1]["data"]
        assert (whole, ["1"]) == (model["name"], [one["version"] for one in model["versions"]])
        assert INPUTS == model["versions"][0]["inputs"]
    assert [f"{family} under_score"] == names(own, who, filters={"name": f"{family} under_"})
    assert [f"{family} per%cent"] == names(own, who, filters={"name": f"{family} per%"})
    assert [] == names(own, who, filters={"name": f"{family} IT'S"})
    assert sorted(f"{family} {name}" for name in ODD) == sorted(
        names(own, who, filters={"name": family}, page_size=3)
    )
    assert f"{family} it's" in names(own, who, filters={"name": "it's"})


@pytest.mark.parametrize("who", [MANAGER, ADMINISTRATOR])
def test_tags_are_looked_for_by_their_whole_values(own, direct, family, who):
    """All of them, with any sign; other values and other keys do not count."""
    register(direct, f"{family}-a", team="it's 100 %", area="x_y")
    register(direct, f"{family}-b", team="it's 100 percent", area="x_y")
    register(direct, f"{family}-c", team="it's 100 %", area="xzy")
    register(direct, f"{family}-d")
    found = {
        json.dumps(tags): names(own, who, filters={"name": family, "tags": tags})
        for tags in (
            {"team": "it's 100 %"},
            {"area": "x_y"},
            {"team": "it's 100 %", "area": "x_y"},
            {"team": ""},
            {"no'such`key": "x"},
            {},
        )
    }
    a, b, c, d = (f"{family}-{one}" for one in "abcd")
    assert [[a, c], [a, b], [a], [], [], [a, b, c, d]] == list(found.values())


def test_a_page_ends_before_it_has_too_many_versions(own, direct, things, family, monkeypatch):
    """Of one model with more than a page has room for the newest ones are shown."""
    monkeypatch.setattr(model_versions, "MOST_VERSIONS", 6)
    counts = {f"{family}-a": 3, f"{family}-b": 8, f"{family}-c": 5, f"{family}-d": 2}
    for name, count in counts.items():
        register(direct, name)
        for _ in range(count):
            source = {"source": f"mlflow-artifacts:/{things['root']}", "run_id": things["run"]}
            direct.post(f"{V2}/model-versions/create", {"name": name, **source})
    for who in (MANAGER, ADMINISTRATOR):
        pages, token = [], ""
        while token is not None:
            answer = own.call(who, "GET", path(filters={"name": family}, page_token=token))[1]
            pages.append(
                [
                    (one["name"], [version["version"] for version in one["versions"]])
                    for one in answer["data"]
                ]
            )
            token = answer["next_page_token"]
        assert [
            [(f"{family}-a", ["3", "2", "1"])],
            [(f"{family}-b", ["8", "7", "6", "5", "4", "3"])],
            [(f"{family}-c", ["5", "4", "3", "2", "1"])],
            [(f"{family}-d", ["2", "1"])],
        ] == pages


@pytest.mark.parametrize(
    "query",
    [
        "filters=",
        "filters=null",
        "filters=x",
        "filters=[]",
        "filters=%22a%22",
        'filters={"name":1}',
        'filters={"name":["a"]}',
        'filters={"tags":["a"]}',
        'filters={"tags":{"a":1}}',
        'filters={"tags":{"a":{"b":"c"}}}',
        'filters={"nam":"a"}',
        'filters={"name":"\\ud800"}',
        'filters={"name":"' + "a" * 1001 + '"}',
        "filters=" + "[" * 5000,
        "page_size=0",
        "page_size=101",
        "page_size=-1",
        "page_size=x",
        "page_size=",
        "page_size=1.5",
        "page_size=1&page_size=2",
        "page_token=x",
        "page_token=é",
        "page_token=bnVsbA==",
        "page_token=WzEsMiwzXQ==",
        "page_sise=1",
        "filter={}",
    ],
)
@pytest.mark.parametrize("who", [READER, ADMINISTRATOR])
def test_a_wrong_query_is_refused(own, who, query):
    """400 that says which argument."""
    assert 400 == own.refused(who, "GET", f"/v1/models?{urlencode_plain(query)}")


def urlencode_plain(query: str) -> str:
    """Return a query with all that may not stand in an address encoded."""
    return "".join(
        one if one.isascii() and one not in ' "{}[]\\' else urlencode({"": one})[1:]
        for one in query
    )


@pytest.mark.parametrize("who", [MANAGER, ADMINISTRATOR])
def test_a_page_token_belongs_to_its_search(own, direct, family, who):
    """With other filters, or another size, it would lead somewhere else."""
    for number in range(3):
        register(direct, f"{family}-{number}")
    given = {"filters": {"name": family}, "page_size": 1}
    token = own.call(who, "GET", path(**given))[1]["next_page_token"]
    assert 200 == own.call(who, "GET", path(**given, page_token=token))[0]
    for other in ({"page_size": 2}, {"filters": {"name": "f"}}):
        assert 400 == own.refused(who, "GET", path(**given | other, page_token=token))
