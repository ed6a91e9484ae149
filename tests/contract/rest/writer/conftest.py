"""A small server that takes logs, and clients of it that write in the background."""

import pytest

from contract.rest.writer.tiny_mlflow import tiny_mlflow
from penstock import MlflowClient


@pytest.fixture
def tiny():
    """A server of this test alone."""
    with tiny_mlflow() as server:
        yield server


@pytest.fixture
def spool(tmp_path):
    """A folder that is not there yet."""
    return tmp_path / "spool"


@pytest.fixture
def client(tiny):
    """A client that leaves at once when the server takes nothing."""
    with MlflowClient(tiny.url, flush_timeout=10, retries=0) as client:
        yield client
