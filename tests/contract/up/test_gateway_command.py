"""`penstock gateway`: the gateway alone, in front of an MLflow server that runs already."""

import signal
import subprocess
import urllib.request
from pathlib import Path
from urllib.error import URLError

from servers import Up, clean_environment, free_port, penstock, wait_until

PASSWORD = "correct horse battery"


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


def test_options_count_before_settings_and_sigterm_ends_well(stack: Up, tmp_path: Path) -> None:
    """The gateway serves the server that the option names, on SQLite, until SIGTERM; code 0."""
    port = free_port()
    environment = clean_environment(
        PENSTOCK_UPSTREAM_URL="http://127.0.0.1:9",
        PENSTOCK_PORT="9",
        PENSTOCK_ADMIN_PASSWORD=PASSWORD,
    )
    database = tmp_path / "gateway.db"
    options = ("--upstream", stack.mlflow_url, "--database-url", f"sqlite:///{database}")
    process = subprocess.Popen(
        penstock("gateway", *options, "--port", str(port)), cwd=tmp_path, env=environment
    )
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/ready"), 60, what="MLflow is reached")
        assert database.exists()
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(10)
    finally:
        process.kill()
        process.wait()


def refused(folder: Path, *options: str) -> str:
    """Run a `penstock gateway` that must fail; return the last line on stderr."""
    return refusal(folder, *options)[-1]


def refusal(folder: Path, *options: str) -> list[str]:
    """Run a `penstock gateway` that must fail; return the lines on stderr."""
    ended = subprocess.run(
        penstock("gateway", *options),
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 1 == ended.returncode, ended
    assert "Traceback" not in ended.stderr
    return ended.stderr.splitlines()


def test_a_taken_port_is_one_line(stack: Up, tmp_path: Path) -> None:
    """A port that somebody listens on ends the start with the options that change it."""
    port = stack.gateway_url.rpartition(":")[2]

    said = refused(tmp_path, "--upstream", stack.mlflow_url, "--port", port)

    assert said.startswith(f"penstock: cannot listen on 127.0.0.1, port {port}")
    assert "--port" in said


def test_a_wrong_address_of_mlflow_is_one_line(tmp_path: Path) -> None:
    """An address that is none is refused with the setting's name."""
    said = refused(tmp_path, "--upstream", "mlflow:5000")

    assert said.startswith("penstock: PENSTOCK_UPSTREAM_URL: ")


def test_a_wrong_database_is_one_line(tmp_path: Path) -> None:
    """A database that cannot be used is refused, without its URL, which may hold a password."""
    said = refused(tmp_path, "--database-url", "nonsense://user:secret-word@host/db")

    assert said.startswith("penstock: ")
    assert "PENSTOCK_DATABASE_URL" in said
    assert "secret-word" not in said


def test_a_host_that_others_reach_is_warned_of_as_up_does(tmp_path: Path) -> None:
    """Before it listens; this address is nobody's, so the start ends there."""
    warning, end = refusal(tmp_path, "--host", "192.0.2.1", "--port", "0")

    assert warning.startswith("penstock: warning: 192.0.2.1 can be reached from other machines")
    assert end.startswith("penstock: cannot listen on 192.0.2.1")
