import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from penstock.gateway.proxy.route import Home
from penstock.gateway.proxy.routes import MLFLOW_ROUTES, additions, own, route_table

STANDS_IN = {("GET", "/health")} | {
    ("GET", f"/{root}/3.0/mlflow/server-info") for root in ("api", "ajax-api")
}
"""MLflow's routes that the gateway answers itself."""


def without_names(path: str) -> str:
    return re.sub(r"\{\w+", "{", path)


@pytest.fixture(scope="module")
def installed() -> set[tuple[str, str]]:
    program = Path(__file__).parent / "mlflow_routes.py"
    command = [sys.executable, "-W", "ignore", str(program)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return {(method, without_names(path)) for method, path in json.loads(answer.stdout)}


@pytest.fixture(scope="module")
def rows() -> set[tuple[str, str]]:
    return {(route.method, without_names(route.path)) for route in MLFLOW_ROUTES}


def test_every_route_of_mlflow_has_a_row(installed, rows):
    """A route that a new MLflow brings is refused until somebody gives it a row."""
    assert set() == installed - rows - STANDS_IN


def test_every_row_is_a_route_of_mlflow(installed, rows):
    """A row that MLflow does not serve is a mistake, or a route that MLflow has dropped."""
    assert set() == rows - installed
    assert STANDS_IN <= installed


def test_the_comparison_sees_the_whole_of_mlflow(installed):
    """The comparison would be worth nothing if most routes were not found."""
    assert len(installed) > 480
    assert ("POST", "/api/2.0/mlflow/runs/create") in installed
    assert ("PUT", "/api/2.0/mlflow-artifacts/artifacts/{:path}") in installed
    assert ("POST", "/v1/traces") in installed


def test_no_row_stands_twice():
    """Two rows for one call could disagree."""
    counts = Counter(
        (route.method, without_names(route.path))
        for route in (*MLFLOW_ROUTES, *additions.ROUTES, *own.ROUTES)
    )
    assert [] == [row for row, count in counts.items() if count > 1]


def test_only_own_rows_are_answered_by_the_gateway():
    """A row of MLflow's answered here, or one of ours sent to MLflow, would be a mix-up."""
    assert {Home.MLFLOW} == {route.home for route in MLFLOW_ROUTES}
    assert {Home.GATEWAY, Home.PAGES} == {route.home for route in own.ROUTES}


def test_every_template_is_found_again_by_its_own_row():
    """A template in front of another must not take the other's calls."""
    table = route_table()
    for route in table.routes:
        path = re.sub(r"\{(\w+)(:path)?\}", r"\1-1", route.path)
        match = table.find(route.method, path)
        assert match is not None, route
        assert route == match.route
