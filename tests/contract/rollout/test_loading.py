"""The models of a rollout, loaded."""

import gc
import weakref
from pathlib import Path

import mlflow
import pytest
from sklearn.linear_model import LinearRegression

from contract.rollout.workplace import counted
from penstock import MlflowClient
from penstock.errors import ModelUnavailable, TransportError
from penstock.rollout import ModelStatus, list_models, save_model, update_active_runs
from servers import free_port

VERSION = "1.4.2"


class Doubled(mlflow.pyfunc.PythonModel):
    """A model of no library."""

    def predict(self, context, model_input, params=None):  # noqa: ARG002 - as MLflow calls it
        """Return each number twice as large."""
        return model_input * 2


MODELS = {
    "mlflow.sklearn": LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0]),
    "mlflow.pyfunc": Doubled(),
}


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path) -> Path:
    """A cache of models that nothing is in."""
    monkeypatch.setenv("PENSTOCK_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def saved(place) -> dict[str, str]:
    """The run of each flavour, Active with three quarters and one."""
    runs = {
        flavour: save_model(
            model,
            VERSION,
            flavour,
            experiment_id=place.experiment_id,
            client=place.client,
        ).run_id
        for flavour, model in MODELS.items()
    }
    update_active_runs(dict(zip(runs.values(), (3, 1), strict=True)), **place.scope)
    return runs


def files_of(endpoints: list[str]) -> list[str]:
    """Return those of the requests that fetch files."""
    return [one for one in endpoints if "artifacts" in one]


def test_models_of_any_flavour_are_loaded_with_their_shares(place, saved):
    """Each as its own library has it; those of one status only, if that is asked."""
    models = {one.run_id: one for one in list_models(**place.scope)}
    line, doubled = (models[run_id] for run_id in saved.values())
    assert (0.75, 0.25) == (line.fraction, doubled.fraction)
    assert ({"Active"}, {VERSION}) == (
        {one.status.name for one in models.values()},
        {str(one.version) for one in models.values()},
    )
    assert isinstance(line.model, LinearRegression)
    assert [5.0] == [round(float(one), 6) for one in line.model.predict([[2.0]])]
    assert 14 == doubled.model.predict(None, 7)
    assert [] == list_models(**place.scope, active_state=ModelStatus.Canary)


def test_a_client_loads_a_model_once(place, saved):
    """The second time it is the same object, and no file is fetched."""
    first = {one.run_id: one.model for one in list_models(**place.scope)}
    with counted(place.client) as seen:
        second = {one.run_id: one.model for one in list_models(**place.scope)}
    assert set(saved.values()) == second.keys()
    assert all(first[run_id] is model for run_id, model in second.items())
    assert [] == files_of(seen)


@pytest.mark.usefixtures("saved")
def test_another_client_takes_them_from_the_cache(place, login):
    """Loaded anew, but not downloaded again."""
    first = {one.run_id: one.model for one in list_models(**place.scope)}
    with MlflowClient(**login, retries=0) as other, counted(other) as seen:
        second = list_models(**{**place.scope, "client": other})
    assert all(first[one.run_id] is not one.model for one in second)
    assert (2, []) == (len(second), files_of(seen))


@pytest.mark.usefixtures("saved")
def test_models_live_no_longer_than_their_client(place, login):
    """A service that makes a client for each call does not grow."""
    client = MlflowClient(**login, retries=0)
    (model, *_) = [one.model for one in list_models(**{**place.scope, "client": client})]
    client.close()
    held = [weakref.ref(client), weakref.ref(model)]
    del client, model
    gc.collect()
    assert [None, None] == [one() for one in held]


def test_a_model_that_nobody_has_is_named(place):
    """With what each source said of it."""
    (run_id,) = place.add_runs(1)
    with pytest.raises(ModelUnavailable, match=run_id):
        list_models(**place.scope)


def test_a_server_that_is_away_is_said():
    """What is live now is for the server to say, whatever is in the cache."""
    with (
        MlflowClient(f"http://127.0.0.1:{free_port()}", retries=0) as client,
        pytest.raises(TransportError),
    ):
        list_models(VERSION, "1", client=client)
