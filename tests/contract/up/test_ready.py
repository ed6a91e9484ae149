"""What a running `penstock up` offers, and what it keeps to itself."""

import stat
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from penstock.cli.up.administrator import Administrator, PasswordSource
from penstock.cli.up.readiness import Readiness
from servers import Up, refused_up

SEARCH = "/api/2.0/mlflow/experiments/search"


def readiness(up: Up, password: str | None, *, existed: bool) -> Readiness:
    """Return the checks of a start that knows this password, on servers that run already."""
    ports = [urlsplit(url).port or 0 for url in (up.gateway_url, up.mlflow_url)]
    known = Administrator(up.username, password, PasswordSource.SETTING, existed=existed)
    return Readiness("127.0.0.1", *ports, known)


def test_the_ready_line_means_that_the_written_password_logs_in(stack: Up) -> None:
    """Once the ready line stands there, the login from the password file works."""
    status, me = stack.ask("/v1/me", password=stack.password)

    assert 200 == status
    assert stack.username == me["data"]["email"]


def test_a_login_reaches_mlflow(stack: Up) -> None:
    """MLflow's own API answers through the gateway."""
    search = {"max_results": 10, "filter": "name = 'Default'"}

    status, found = stack.ask(SEARCH, password=stack.password, body=search)

    assert 200 == status
    assert ["Default"] == [experiment["name"] for experiment in found["experiments"]]


@pytest.mark.parametrize("password", [None, "", "wrong-password", "admin@localhost"])
def test_nothing_else_logs_in(stack: Up, password: str | None) -> None:
    """No password, and no password that could be guessed, is good for anything."""
    assert 401 == stack.ask("/v1/me", password=password)[0]


def test_the_password_file_is_private(stack: Up) -> None:
    """Only the owner may read the password, and it is no short one."""
    assert 0o600 == stat.S_IMODE((stack.data / "admin-password").stat().st_mode)
    assert len(stack.password) >= 20


def test_the_password_is_shown_nowhere(stack: Up) -> None:
    """Neither the terminal, nor the logs, nor the arguments of a process hold the password."""
    arguments = [" ".join(process.cmdline()) for process in stack.descendants()]

    assert str(stack.data / "admin-password") in stack.said()
    assert stack.password not in stack.report()
    assert [] == [line for line in arguments if stack.password in line]


def test_mlflow_sees_none_of_our_settings(stack: Up) -> None:
    """The MLflow server's environment holds no setting of Penstock, so no secret either."""
    mlflow = [process for process in stack.descendants() if "mlflow" in process.cmdline()]

    assert mlflow
    names = {name for process in mlflow for name in process.environ()}
    assert set() == {name for name in names if name.startswith("PENSTOCK_")}
    assert "MLFLOW_DISABLE_TELEMETRY" in names


def test_only_this_machine_can_connect(stack: Up) -> None:
    """Gateway and MLflow listen on loopback alone, and no other part listens at all."""
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for process in stack.descendants()
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }

    wanted = {("127.0.0.1", urlsplit(url).port) for url in (stack.gateway_url, stack.mlflow_url)}
    assert wanted == listening


def test_job_workers_are_off_unless_asked_for(stack: Up) -> None:
    """MLflow's background jobs do not run."""
    commands = [" ".join(process.cmdline()) for process in stack.descendants()]

    assert [] == [command for command in commands if "huey" in command or "job" in command]


@pytest.mark.parametrize("existed", [True, False])
def test_with_the_right_password_the_servers_are_ready(stack: Up, *, existed: bool) -> None:
    """A login that works is all that is asked for."""
    checks = readiness(stack, stack.password, existed=existed)

    assert checks.mlflow_answers()
    assert checks.gateway_answers()
    assert not checks.login_is_refused()


def test_a_changed_password_does_not_hold_up_the_start(stack: Up) -> None:
    """An administrator who was there before may have another password than the one written."""
    checks = readiness(stack, "an-older-password", existed=True)

    assert checks.gateway_answers()
    assert checks.login_is_refused()


def test_a_new_administrator_must_be_able_to_log_in(stack: Up) -> None:
    """Where nobody was there before, a refused login means that the gateway is not ready."""
    assert not readiness(stack, "an-unknown-password", existed=False).gateway_answers()


def test_without_a_password_the_gateway_must_refuse_strangers(stack: Up) -> None:
    """Where no password is known, it is enough that the gateway reaches everything it needs."""
    assert readiness(stack, None, existed=True).gateway_answers()


def test_servers_that_do_not_run_are_not_ready(stack: Up) -> None:
    """A port that nobody listens on is no answer, and no error."""
    closed = replace(readiness(stack, None, existed=True), gateway_port=1, mlflow_port=1)

    assert not closed.mlflow_answers()
    assert not closed.gateway_answers()


def test_a_second_up_on_the_same_data_is_refused(stack: Up, tmp_path: Path) -> None:
    """The data folder belongs to one `penstock up`; the refusal names its process."""
    ports = ("--port", "0", "--mlflow-port", "0")

    second = refused_up(tmp_path, "--data", str(stack.data), *ports)

    assert f"another `penstock up` (process {stack.process.pid})" in second
    assert 200 == stack.ask("/v1/me", password=stack.password)[0]


@pytest.mark.parametrize("option", ["--port", "--mlflow-port"])
def test_a_taken_port_is_named_with_its_holder(stack: Up, tmp_path: Path, option: str) -> None:
    """A port that somebody listens on is refused before anything is started."""
    port = urlsplit(stack.gateway_url).port
    other = "--mlflow-port" if option == "--port" else "--port"

    said = refused_up(tmp_path, "--data", "data", option, str(port), other, "0")

    assert f"port {port} on 127.0.0.1 is taken by python" in said
    assert f"choose another port with {option}" in said
    assert not (tmp_path / "data" / "mlflow.db").exists()
