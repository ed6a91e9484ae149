"""What `penstock up` finds out before it starts anything, and so says at once."""

import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from servers import clean_environment, refused_up

ON_FREE_PORTS = ("--port", "0", "--mlflow-port", "0")
RUN_WITHOUT_SITE = (
    "import site, sys; site.addsitedir(sys.argv.pop(1));"
    "from penstock.cli import main; sys.argv[0] = 'penstock'; main()"
)


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    """A data folder that cannot be made is named, with the option to change it."""
    (tmp_path / "data").write_text("a file")

    for data in ("data", "data/below"):
        said = refused_up(tmp_path, "--data", data, *ON_FREE_PORTS)
        assert f"cannot make the data folder {tmp_path}/{data}: a file is in its way" in said
        assert "--data" in said


def test_a_damaged_database(tmp_path: Path) -> None:
    """A database that is none is named, and not overwritten."""
    database = tmp_path / "data" / "mlflow.db"
    database.parent.mkdir()
    database.write_bytes(b"torn to pieces" * 100)

    said = refused_up(tmp_path, "--data", "data", *ON_FREE_PORTS)

    assert f"{database} is no SQLite database" in said
    assert b"torn to pieces" * 100 == database.read_bytes()


def test_one_port_for_both(tmp_path: Path) -> None:
    """Gateway and MLflow cannot share a port."""
    said = refused_up(tmp_path, "--port", "9321", "--mlflow-port", "9321")

    assert "the gateway and MLflow cannot both have port 9321" in said


def test_a_host_of_another_machine(tmp_path: Path) -> None:
    """An address that this machine does not have cannot be listened on (TEST-NET-1, RFC 5737)."""
    said = refused_up(tmp_path, "--host", "192.0.2.1", *ON_FREE_PORTS)

    assert "--host 192.0.2.1 is no address of this machine" in said


def test_a_port_taken_on_all_interfaces(tmp_path: Path) -> None:
    """A server on one interface is in the way of one on all of them, and named."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ports = ("--port", str(port), "--mlflow-port", "0")
        said = refused_up(tmp_path, "--host", "0.0.0.0", *ports)  # noqa: S104 - it is refused

    assert f"port {port} on 0.0.0.0 is taken by" in said


def test_a_wrong_setting(tmp_path: Path) -> None:
    """A setting that makes no sense stops the start with its name."""
    (tmp_path / "penstock.toml").write_text('port = "http"')

    assert "PENSTOCK_PORT must be a port from 0 to 65535" in refused_up(tmp_path)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("mlflow", "mlflow is not installed; install it: pip install 'penstock[mlflow]'"),
        ("psutil", "needs psutil; install what is missing: pip install 'penstock[server]'"),
    ],
)
def test_a_missing_package(tmp_path: Path, missing: str, said: str) -> None:
    """Without an extra's packages the command says how to install them.

    `mlflow-skinny` alone is not enough: it has no server.
    """
    packages = tmp_path / "packages"
    packages.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith((f"{missing}-", f"{missing}.", f"{missing}_")):
            (packages / entry.name).symlink_to(entry)

    ended = subprocess.run(
        [sys.executable, "-S", "-c", RUN_WITHOUT_SITE, str(packages), "up"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert 1 == ended.returncode
    assert said in ended.stderr
    assert 1 == ended.stderr.count("\n")
