"""Who writes a plan."""

import json

import pytest

from penstock.rollout.writer import USER_SETTINGS, find_writer


@pytest.fixture(autouse=True)
def nobody(monkeypatch):
    """An environment that names nobody."""
    for name in (*USER_SETTINGS, "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_login_counts_before_the_account(nobody):
    """For people know one another by it."""
    nobody.setenv("LOGNAME", "root")
    assert "root" == find_writer()
    nobody.setenv("MLFLOW_TRACKING_USERNAME", "ann@example.org")
    assert "ann@example.org" == find_writer()


def test_a_name_of_any_bytes_can_be_written(nobody):
    """What is no text in it is replaced: a plan with it can be sent, and comes back as it was."""
    nobody.setenv("LOGNAME", "ann\udcff")
    assert "ann?" == find_writer()
    assert json.dumps(find_writer(), ensure_ascii=False).encode()


def test_an_account_without_a_name_is_nobody(nobody):
    """As in a container that runs under a number."""

    def unknown() -> str:
        raise KeyError("uid not found: 12345")

    nobody.setattr("getpass.getuser", unknown)
    assert find_writer() is None
