import asyncio
import json
import signal
import socket
import sqlite3
import stat
import subprocess
from contextlib import closing
from http.client import IncompleteRead
from pathlib import Path

import pytest
import structlog

from gateway.bare import Bare, Silence, bare_server
from gateway.processes import started_gateway
from gateway.running import ADMIN, ADMIN_PASSWORD, running_gateway
from gateway.threads import HOST
from gateway.wire import Caller, basic
from penstock.config import Config
from penstock.errors import ConfigurationError, DatabaseUnavailable, PenstockError
from penstock.gateway import server
from penstock.gateway.app import create_app
from penstock.gateway.settings import GatewaySettings
from servers import free_port, wait_until


def admin_of(started) -> Caller:
    return Caller(started.address, authorization=basic(ADMIN, ADMIN_PASSWORD))


def start(folder: Path, **settings: str) -> list[str]:
    """Start a gateway on a folder and end it again; return its administrators' names."""
    variables = {
        "DATA_DIR": str(folder),
        "ADMIN_USERNAME": ADMIN,
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        "UPSTREAM_URL": "http://127.0.0.1:1",
        **settings,
    }
    named = {f"PENSTOCK_{name}": value for name, value in variables.items() if value}
    return asyncio.run(
        _start(GatewaySettings.from_config(Config(named, dict.fromkeys(named, "x"))))
    )


async def _start(settings: GatewaySettings) -> list[str]:
    app = create_app(settings)
    async with app.running():
        users = app.parts.accounts.list_users()
        return [user.email for user in users if user.is_admin]


def test_a_gateway_starts_on_a_fresh_folder(tmp_path):
    """It makes the folder, the database and the administrator."""
    assert [ADMIN] == start(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "penstock.db").is_file()


def test_a_gateway_starts_again_on_its_folder(tmp_path, capfd):
    """The accounts are still there; no second administrator is made, and no password is told."""
    assert [ADMIN] == start(tmp_path)
    assert [ADMIN] == start(tmp_path, ADMIN_USERNAME="other@b.c", ADMIN_PASSWORD="another secret")
    shown = capfd.readouterr()
    assert "administrator created" in shown.err
    assert ADMIN_PASSWORD not in shown.out + shown.err


def test_a_bad_administrator_s_password_does_not_matter_once_there_is_one(tmp_path):
    """The setting is for the first start."""
    start(tmp_path)
    assert [ADMIN] == start(tmp_path, ADMIN_PASSWORD="short")


def test_a_gateway_without_an_administrator_says_so(tmp_path, capfd):
    """It starts, and says how to make one."""
    assert [] == start(tmp_path, ADMIN_PASSWORD="")
    assert "PENSTOCK_ADMIN_PASSWORD" in capfd.readouterr().err


def test_two_gateways_start_at_once_on_a_fresh_database(tmp_path):
    """Both come up, and there is one administrator."""
    with started_gateway(tmp_path) as one, started_gateway(tmp_path) as two:
        for started in (one, two):
            users = json.loads(admin_of(started).call("GET", "/v1/users").body)["data"]
            assert [ADMIN] == [user["email"] for user in users]


def test_a_gateway_s_life_as_a_process(tmp_path):
    """It listens where it was told; SIGTERM ends it with code 0 and ends what is under way."""
    bare, port = Bare(), free_port()
    bare.converse = Silence(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    with (
        bare_server(bare) as upstream,
        started_gateway(tmp_path, HOST=HOST, PORT=str(port), UPSTREAM_URL=upstream.url) as started,
    ):
        assert (HOST, port) == (started.address.host, started.address.port)
        admin = admin_of(started)
        with admin.kept_open() as idle, admin.kept_open() as waits, admin.kept_open() as loads:
            assert 200 == admin.send(idle, "GET", "/v1/me").status
            admin.begin(waits, "GET", "/version")
            admin.begin(loads, "GET", "/get-artifact?run_uuid=a&path=x")
            wait_until(lambda: len(bare.heads) == 2, what="two requests at the upstream")
            started.process.terminate()
            assert 0 == started.process.wait(20)
            with waits.getresponse() as refusal:
                assert (503, "5") == (refusal.status, refusal.headers["Retry-After"])
            with loads.getresponse() as answer, pytest.raises(IncompleteRead):
                answer.read()
        assert "Traceback" not in started.said()
        assert ADMIN_PASSWORD not in started.said()


def garbage(folder):
    (folder / "penstock.db").write_bytes(b"no database at all " * 1000)


def newer(folder):
    with closing(sqlite3.connect(folder / "penstock.db")) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")


def foreign(folder):
    with closing(sqlite3.connect(folder / "penstock.db")) as connection, connection:
        connection.execute("CREATE TABLE users (id INTEGER)")


def is_a_folder(folder):
    (folder / "penstock.db").mkdir()


FAULTS = {
    "no database": (garbage, {}, DatabaseUnavailable, "file is a database"),
    "a newer database": (newer, {}, DatabaseUnavailable, "another version"),
    "somebody else's database": (foreign, {}, DatabaseUnavailable, "users"),
    "a folder in its place": (is_a_folder, {}, DatabaseUnavailable, "folder exists"),
    "no such driver": (
        None,
        {"DATABASE_URL": "sqlite+nosuch:///x.db"},
        ConfigurationError,
        "PENSTOCK_DATABASE_URL",
    ),
    "another kind of database": (
        None,
        {"DATABASE_URL": "oracle://u:hunter2@h/x"},
        ConfigurationError,
        "not supported",
    ),
    "no URL": (None, {"DATABASE_URL": "hunter2"}, ConfigurationError, "PENSTOCK_DATABASE_URL"),
    "a URL with a wrong port": (
        None,
        {"DATABASE_URL": "sqlite://u:hunter2@h:port/x"},
        ConfigurationError,
        "PENSTOCK_DATABASE_URL",
    ),
    "a host for a file": (
        None,
        {"DATABASE_URL": "sqlite://host/x.db"},
        ConfigurationError,
        "PENSTOCK_DATABASE_URL",
    ),
    "a database in memory": (
        None,
        {"DATABASE_URL": "sqlite://"},
        ConfigurationError,
        "memory",
    ),
    "a named database in memory": (
        None,
        {"DATABASE_URL": "sqlite:///:memory:"},
        ConfigurationError,
        "memory",
    ),
    "a folder that cannot be made": (
        None,
        {"DATA_DIR": "/proc/penstock/data"},
        ConfigurationError,
        "PENSTOCK_DATA_DIR",
    ),
    "a weak password": (
        None,
        {"ADMIN_PASSWORD": "hunter2"},
        ConfigurationError,
        "PENSTOCK_ADMIN_PASSWORD",
    ),
    "an impossible name": (
        None,
        {"ADMIN_USERNAME": "a:b"},
        ConfigurationError,
        "PENSTOCK_ADMIN_USERNAME",
    ),
    "a wrong number": (None, {"PORT": "hunter2"}, ConfigurationError, "PENSTOCK_PORT"),
}


@pytest.mark.parametrize(("prepare", "settings", "kind", "hint"), FAULTS.values(), ids=FAULTS)
def test_a_gateway_that_cannot_start_says_what_to_do(tmp_path, prepare, settings, kind, hint):
    """One clear error, and no secret in it."""
    if prepare is not None:
        prepare(tmp_path)
    with pytest.raises(PenstockError) as caught:
        start(tmp_path, **settings)
    said = str(caught.value)
    assert (kind, True) == (type(caught.value), hint in said), said
    assert "hunter2" not in said
    assert ADMIN_PASSWORD not in said


@pytest.fixture
def _own_process():
    """Give back what a server takes of its process: signals and the log."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    log = structlog.get_config()
    yield
    structlog.configure(**log)
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_own_process")
def test_a_server_that_cannot_start_raises_the_reason(tmp_path):
    """Whoever has started it learns why, in one error."""
    garbage(tmp_path)
    with pytest.raises(DatabaseUnavailable, match="file is a database"):
        server.run(GatewaySettings(data_dir=tmp_path, port=0))


@pytest.mark.usefixtures("_own_process")
def test_an_address_that_cannot_be_listened_on_is_told(tmp_path):
    """Taken, somebody else's, or none: the message names the options that choose another."""
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        for host, port in ((HOST, taken), ("192.0.2.1", 0), ("no such host", 0), ("::g", 0)):
            settings = GatewaySettings(data_dir=tmp_path, host=host, port=port)
            with pytest.raises(ConfigurationError, match="--host and --port"):
                server.run(settings)


def test_a_name_that_is_taken_by_a_user_is_told(tmp_path):
    """Nobody becomes administrator by a setting that names them."""
    start(tmp_path)
    with closing(sqlite3.connect(tmp_path / "penstock.db")) as connection, connection:
        connection.execute("UPDATE users SET is_admin = 0")
    with pytest.raises(ConfigurationError, match="PENSTOCK_ADMIN_USERNAME"):
        start(tmp_path)
    assert ["other@b.c"] == start(tmp_path, ADMIN_USERNAME="other@b.c")


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told(small_disk):
    """The message says that space may be missing."""
    with pytest.raises(DatabaseUnavailable, match="has space"):
        start(small_disk)


@pytest.mark.parametrize("name", ["a b", "a?b", "a#b", "a%20b", "\u00e9", "a:b@c", "?mode=memory"])
def test_the_data_folder_may_have_any_name(tmp_path, name):
    """A name that means something in a URL means nothing here."""
    assert [ADMIN] == start(tmp_path / name)
    assert (tmp_path / name / "penstock.db").is_file()


def test_the_database_is_its_owner_s_alone(tmp_path, upstream_address):
    """It holds hashes of passwords: nobody else on the machine reads it."""
    with running_gateway(tmp_path / "new", upstream_address.url) as running:
        assert 200 == running.user.call("GET", "/v1/me").status
        files = list((tmp_path / "new").glob("penstock.db*"))
        assert {0} == {stat.S_IMODE(file.stat().st_mode) & 0o077 for file in files}
        assert len(files) > 1
