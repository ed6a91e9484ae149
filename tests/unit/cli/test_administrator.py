"""Who the first administrator is, and where their password comes from."""

import stat

import pytest

from penstock.cli.up.administrator import PasswordSource, find_administrator
from penstock.cli.up.folder import DataFolder
from penstock.config import Config
from penstock.errors import ConfigurationError
from penstock.gateway.auth.accounts import open_accounts


@pytest.fixture
def folder(tmp_path):
    made = DataFolder(tmp_path / "data")
    made.prepare()
    return made


def config(**values: str) -> Config:
    return Config(values, dict.fromkeys(values, "environment"))


def add_administrator(folder):
    with open_accounts(folder.gateway_database_url) as accounts:
        accounts.add("somebody@example.org", password="a-long-password", is_admin=True)


def test_the_first_start_makes_a_password(folder):
    """With no password anywhere, a random one is written to a private file, and used again."""
    first = find_administrator(config(), folder)
    again = find_administrator(config(), folder)

    assert first == again
    assert "admin@localhost" == first.username
    assert f"{first.password}\n" == folder.password_file.read_text()
    assert 0o600 == stat.S_IMODE(folder.password_file.stat().st_mode)
    assert first.source is PasswordSource.FILE
    assert not first.existed


def test_two_folders_have_two_passwords(tmp_path):
    """The made password is random."""
    folders = [DataFolder(tmp_path / name) for name in "ab"]
    for folder in folders:
        folder.prepare()

    assert 2 == len({find_administrator(config(), folder).password for folder in folders})


def test_nothing_else_is_left_beside_the_password(folder):
    """The file is written under another name and then renamed; no draft stays."""
    before = {path.name for path in folder.path.iterdir()}

    find_administrator(config(), folder)

    assert before | {"admin-password"} == {path.name for path in folder.path.iterdir()}


def test_settings_count_before_the_file(folder):
    """PENSTOCK_ADMIN_USERNAME and PENSTOCK_ADMIN_PASSWORD win, and no file is written."""
    settings = config(PENSTOCK_ADMIN_USERNAME="me", PENSTOCK_ADMIN_PASSWORD="from-settings")

    found = find_administrator(settings, folder)

    assert ("me", "from-settings") == (found.username, found.password)
    assert found.source is PasswordSource.SETTING
    assert not folder.password_file.exists()


def test_an_existing_administrator_gets_no_new_password(folder):
    """With an administrator in the database and no password known, none is made up."""
    add_administrator(folder)

    found = find_administrator(config(), folder)

    assert found.password is None
    assert found.source is PasswordSource.UNKNOWN
    assert found.existed
    assert not folder.password_file.exists()


def test_a_known_password_is_tried_although_an_administrator_exists(folder):
    """The file of an earlier start is read, and it is told that it may be out of date."""
    folder.password_file.write_text("from-the-file\n")
    add_administrator(folder)

    found = find_administrator(config(), folder)

    assert "from-the-file" == found.password
    assert found.existed


@pytest.mark.parametrize("content", [b"", b"\n", b"  \n"])
def test_an_empty_password_file_is_refused(folder, content):
    """A file without a password is an error with what to do, not an empty password."""
    folder.password_file.write_bytes(content)

    with pytest.raises(ConfigurationError, match="admin-password is empty; write the password"):
        find_administrator(config(), folder)
