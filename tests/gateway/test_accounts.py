import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from gateway.running import (
    ADMIN,
    CheapPasswords,
)
from penstock.errors import (
    AccountError,
    AccountExists,
    DatabaseUnavailable,
    UnknownAccount,
)
from penstock.gateway.auth.accounts import Accounts, open_accounts
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.migrate import migrate


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'penstock.db'}"


@pytest.fixture
def engine(url):
    opened = open_engine(url)
    yield opened
    opened.dispose()


@pytest.fixture
def accounts(engine):
    migrate(engine)
    return Accounts(Database(engine), CheapPasswords())


def test_names_are_unique_in_the_database(accounts):
    """Also when two requests add the same name at once."""
    barrier = threading.Barrier(4)

    def add(number: int) -> str:
        barrier.wait(20)
        try:
            return accounts.add(
                "Ann@b.c" if number % 2 else "ann@B.C", password="a long secret"
            ).email
        except AccountExists:
            return ""

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(add, range(4)))
    assert 3 == made.count("")
    assert 1 == len(accounts.list_users())


def test_writers_wait_for_each_other(accounts):
    """Many changes at once all happen."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: accounts.add(f"u{n}@b.c", password="a long secret"), range(40)))
    assert 40 == len(accounts.list_users())


def test_an_unknown_account_cannot_be_changed(accounts):
    """The error says whom."""
    for change in (
        lambda: accounts.set_password("no@b.c", "a long secret"),
        lambda: accounts.change("no@b.c", disabled=True),
    ):
        with pytest.raises(UnknownAccount, match=r"no@b\.c"):
            change()


def test_the_last_administrator_stays(accounts):
    """One who is barred does not count; another one lets the first go."""
    accounts.add_first_administrator(ADMIN, "a long secret")
    accounts.add("b@b.c", password="a long secret", is_admin=True)
    accounts.change("b@b.c", disabled=True)
    for change in (
        lambda: accounts.change(ADMIN, disabled=True),
        lambda: accounts.change(ADMIN, is_admin=False),
        lambda: accounts.delete(ADMIN),
    ):
        with pytest.raises(AccountError, match="last administrator"):
            change()
        assert accounts.has_administrator()
    accounts.change("b@b.c", disabled=False)
    accounts.delete(ADMIN)
    assert ["b@b.c"] == [user.email for user in accounts.list_users()]


def test_what_changes_together_is_one_change(engine):
    """All of it or nothing, and whoever waits for changes hears of it once."""
    heard: list[int] = []
    migrate(engine)

    def hear(user_id: int, _version: int) -> None:
        heard.append(user_id)

    accounts = Accounts(Database(engine), CheapPasswords(), on_change=hear)
    user = accounts.add("a@b.c", password="a long secret")
    accounts.add("b@b.c", password="a long secret", is_admin=True)
    accounts.change("a@b.c", is_admin=True, disabled=True)
    (changed, _) = accounts.list_users()
    assert (True, True, [user.id]) == (changed.is_admin, changed.disabled, heard)
    with pytest.raises(AccountError, match="last administrator"):
        accounts.change("b@b.c", is_admin=True, disabled=True)
    assert [user.id] == heard


def test_accounts_without_a_gateway(url):
    """The command line works on the database itself, and migrates it first."""
    with open_accounts(url) as accounts:
        accounts.add("a@b.c", password="a long secret", is_admin=True)
    with open_accounts(url) as accounts:
        assert ["a@b.c"] == [user.email for user in accounts.list_users()]


def test_no_secret_is_shown(accounts, url):
    """Neither objects nor errors tell a password or its hash."""
    user = accounts.add("a@b.c", password="a long secret")
    proven = accounts.find_proven("a@b.c", "a long secret")
    assert proven is not None
    for shown in (repr(user), str(user), repr(proven), repr(accounts)):
        assert "argon2" not in shown
        assert "secret" not in shown
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("ALTER TABLE users RENAME TO gone")
    for act in (
        lambda: accounts.add("c@b.c", password="another long secret"),
        lambda: accounts.find_proven("c@b.c", "another long secret"),
        lambda: accounts.set_password("a@b.c", "another long secret"),
    ):
        with pytest.raises(DatabaseUnavailable) as caught:
            act()
        cause = caught.value.__cause__
        assert "argon2" not in f"{caught.value!s}{cause!s}{cause!r}"
        assert "another" not in f"{caught.value!s}{cause!s}{cause!r}"


def test_passwords_are_stored_as_argon2id(url):
    """At the cost that OWASP names, each with its own salt."""
    with open_accounts(url) as accounts:
        hashes = {
            accounts.add(f"{name}@b.c", password="the same secret").password_hash
            for name in ("a", "b")
        }
    assert 2 == len(hashes)
    assert all(one.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for one in hashes)
