from collections.abc import Iterator

import pytest

from contract.access.own_calls import Own, own_calls
from contract.access.things import Mlflow, make_things


@pytest.fixture(scope="session")
def _own(stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    with own_calls(tmp_path_factory.mktemp("own"), stack.mlflow_url) as running:
        yield running


@pytest.fixture(scope="session")
def direct(stack) -> Mlflow:
    """MLflow itself, which knows no logins."""
    return Mlflow(stack.mlflow_url)


@pytest.fixture
def things(direct: Mlflow) -> dict[str, str]:
    """An experiment with one of everything, which the callers have their levels on."""
    return make_things(direct)


@pytest.fixture
def own(_own: Own, things: dict[str, str]) -> Own:
    """Callers of `/v1` with a level each on `things`."""
    _own.grant(things)
    return _own
