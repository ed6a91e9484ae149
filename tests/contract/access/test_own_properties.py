"""Whatever is sent to `/v1`, the answer is one that its document tells of."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contract.access.own_calls import Own
from contract.access.things import make_things
from gateway.running import USER
from penstock.gateway.proxy.route import Home
from penstock.gateway.proxy.routes import own as rows

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EXAMPLES = 20
PAGES = {"/v1/openapi.json", "/v1/docs"}
CALLS = [
    (row.method, row.path)
    for row in rows.ROUTES
    if row.home is Home.GATEWAY and row.path not in PAGES and "server-info" not in row.path
]
TOO_LONG = {414, 431}
"""Whatever the call; the document says so of all of them together."""

bounded = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def document(_own: Own, direct) -> Iterator[Any]:
    """The document that the gateway gives, ready to be asked for calls that fit and do not fit."""
    _own.grant(make_things(direct))
    _, found = _own.call("READ", "GET", "/v1/openapi.json")
    schema = schemathesis.openapi.from_dict(found)
    schema.config.update(base_url=_own.gateway.address.url)
    yield schema
    restore_default(direct)


def restore_default(direct) -> None:
    """Make MLflow's experiment 0 what it was: an administrator's calls may have changed it."""
    found = direct.ask("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0")["experiment"]
    if found["lifecycle_stage"] == "deleted":
        direct.post("/api/2.0/mlflow/experiments/restore", {"experiment_id": "0"})
    if found["name"] != "Default":
        body = {"experiment_id": "0", "new_name": "Default"}
        direct.post("/api/2.0/mlflow/experiments/update", body)


def real(path: str, things: dict[str, str]) -> dict[str, str]:
    """Return what stands for the parameters of a path: things that there are."""
    known = {
        "experiment_id": things["experiment"],
        "run_id": things["run"],
        "email": USER,
        "name": "a group",
        "token_id": "1",
        "grant_id": "1",
        "submodel": "churn",
        "version": "1.4.0",
        # Never deployed, for that would start a process.
        "serve_name": "churn",
        "env": "dev",
    }
    return {name: known[name] for name in re.findall(r"\{(\w+)\}", path)}


def cases() -> Iterator[tuple[str, str, str]]:
    """Yield each call, with things that there are, if its path names any, and with any."""
    for method, path in CALLS:
        yield method, path, "any things"
        if "{" in path:
            yield method, path, "real things"


def strategies(operation: Any, fixed: dict[str, Any]) -> Iterator[Any]:
    """Yield what makes calls that fit the document, and calls that do not."""
    yield operation.as_strategy(GenerationMode.POSITIVE, **fixed)
    if operation.body or operation.query or (operation.path_parameters and not fixed):
        yield operation.as_strategy(GenerationMode.NEGATIVE, **fixed)


@pytest.mark.parametrize(("method", "path", "names"), list(cases()), ids=lambda text: text)
def test_every_answer_is_one_that_the_document_tells_of(own, things, document, method, path, names):  # noqa: PLR0917 - fixtures
    """To an administrator, whom no grant stops: no failure, no status or form of its own."""
    fixed = {"path_parameters": real(path, things)} if names == "real things" else {}
    authorization = {"Authorization": own.gateway.admin.authorization}
    for strategy in strategies(document[path][method], fixed):

        @bounded
        @given(case=strategy)
        def check(case):
            answer = case.call(headers=authorization)
            if answer.status_code not in TOO_LONG:
                case.validate_response(answer, CHECKS, headers=authorization)

        check()
