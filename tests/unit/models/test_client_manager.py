"""The manager that goes with a client."""

import copy
import gc
import pickle
import weakref

import pytest

from penstock import MlflowClient
from penstock.models.client_manager import manager_of


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    """Folders of one's own."""
    monkeypatch.setenv("PENSTOCK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PENSTOCK_LOCAL_MODELS_DIR", str(tmp_path / "models"))


def test_a_client_has_one_manager():
    """And no other client's."""
    with MlflowClient("http://one.example") as one, MlflowClient("http://one.example") as other:
        assert manager_of(one) is manager_of(one)
        assert one is manager_of(one).client
        assert manager_of(one) is not manager_of(other)


def test_a_manager_lives_no_longer_than_its_client():
    """Nor do the models that it holds, however many clients a process makes."""
    client = MlflowClient("http://one.example")
    held = [
        weakref.ref(client),
        weakref.ref(manager_of(client)),
        weakref.ref(manager_of(client).loader.memory),
    ]
    client.close()
    del client
    gc.collect()
    assert [None] * 3 == [one() for one in held]


def sent(client: MlflowClient) -> MlflowClient:
    """Return a client as another process gets it."""
    other = pickle.loads(pickle.dumps(client))  # noqa: S301 - made here
    assert isinstance(other, MlflowClient)
    return other


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, sent])
def test_a_copy_has_its_own(duplicate):
    """Also one that goes to another process: it leaves behind what was loaded."""
    with MlflowClient("http://one.example") as client:
        manager = manager_of(client)
        with duplicate(client) as other:
            assert other is manager_of(other).client
            assert manager is manager_of(client)
