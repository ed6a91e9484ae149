"""The models of a rollout, loaded."""

import gc
import uuid
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import mlflow
import pytest
from sklearn.linear_model import LinearRegression

from contract.rollout.workplace import Workplace, counted
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


@pytest.fixture(scope="module")
def saved(mlflow_url) -> Iterator[Workplace]:
    """A place with a run of each flavour, Active with three quarters and one; saving takes long."""
    name = f"loading-{uuid.uuid4().hex[:12]}"
    with MlflowClient(mlflow_url) as plain:
        place = Workplace(plain, plain, name, plain.create_experiment(name))
        named = {"experiment_id": place.experiment_id, "client": plain}
        shares = {
            save_model(model, VERSION, flavour, **named).run_id: share
            for (flavour, model), share in zip(MODELS.items(), (3, 1), strict=True)
        }
        update_active_runs(shares, **place.scope)
        yield place


@pytest.fixture
def place(saved, client) -> Workplace:
    """The same place, seen through the client under test."""
    return replace(saved, client=client)


@pytest.fixture(autouse=True)
def cache(no_settings, tmp_path) -> Path:
    """A cache of models that nothing is in."""
    no_settings.setenv("PENSTOCK_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def files_of(endpoints: list[str]) -> list[str]:
    """Return those of the requests that fetch files, but for the one that tells them apart."""
    lists = ("artifacts/list", "mlflow-artifacts/artifacts", "artifacts/MLmodel")
    return [one for one in endpoints if "artifacts" in one and one not in lists]


def test_models_of_any_flavour_are_loaded_with_their_shares(place):
    """Each as its own library has it; those of one status only, if that is asked."""
    models = {one.fraction: one for one in list_models(**place.scope)}
    line, doubled = models[0.75], models[0.25]
    assert ({"Active"}, {VERSION}) == (
        {one.status.name for one in models.values()},
        {str(one.version) for one in models.values()},
    )
    assert isinstance(line.model, LinearRegression)
    assert [5.0] == [round(float(one), 6) for one in line.model.predict([[2.0]])]
    assert 14 == doubled.model.predict(None, 7)
    assert [] == list_models(**place.scope, active_state=ModelStatus.Canary)


def test_a_client_loads_a_model_once(place):
    """The second time it is the same object, and none of its files is fetched."""
    first = {one.run_id: one.model for one in list_models(**place.scope)}
    with counted(place.client) as seen:
        second = {one.run_id: one.model for one in list_models(**place.scope)}
    assert 2 == len(second)
    assert all(first[run_id] is model for run_id, model in second.items())
    assert [] == files_of(seen)


def test_another_client_takes_them_from_the_cache(place, login):
    """Loaded anew, but not downloaded again."""
    first = {one.run_id: one.model for one in list_models(**place.scope)}
    with MlflowClient(**login, retries=0) as other, counted(other) as seen:
        second = list_models(**{**place.scope, "client": other})
    assert all(first[one.run_id] is not one.model for one in second)
    assert (2, []) == (len(second), files_of(seen))


def test_models_live_no_longer_than_their_client(place, login):
    """A service that makes a client for each call does not grow."""
    client = MlflowClient(**login, retries=0)
    (model, *_) = [one.model for one in list_models(**{**place.scope, "client": client})]
    client.close()
    held = [weakref.ref(client), weakref.ref(model)]
    del client, model
    gc.collect()
    assert [None, None] == [one() for one in held]


def test_without_a_client_they_stay_loaded_for_the_settings(place, login, no_settings):
    """As in the document: no client is given, and what is loaded is loaded once."""
    names = {"username": "MLFLOW_TRACKING_USERNAME", "password": "MLFLOW_TRACKING_PASSWORD"}
    names["tracking_uri"] = "MLFLOW_TRACKING_URI"
    for name, value in login.items():
        no_settings.setenv(names[name], value)
    first, second = (list_models(VERSION, place.experiment_id) for _ in range(2))
    assert 2 == len(first)
    assert all(one.model is other.model for one, other in zip(first, second, strict=True))


def test_a_model_that_nobody_has_is_named(place):
    """With what each source said of it."""
    run_id = place.add_run("9.9.9")
    with pytest.raises(ModelUnavailable, match=run_id):
        list_models(**{**place.scope, "model_version": "9.9.9"})


def test_a_server_that_is_away_is_said():
    """What is live now is for the server to say, whatever is in the cache."""
    with (
        MlflowClient(f"http://127.0.0.1:{free_port()}", retries=0) as client,
        pytest.raises(TransportError),
    ):
        list_models(VERSION, "1", client=client)
