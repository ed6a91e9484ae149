import asyncio
import base64
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from penstock.errors import DatabaseUnavailable, RequestRefused
from penstock.gateway.auth.authenticator import Authenticator
from penstock.gateway.auth.passwords import AT_ONCE
from penstock.gateway.auth.proven_credentials import ProvenCredentials
from penstock.gateway.auth.prover import Prover
from penstock.gateway.auth.throttle import Throttle
from penstock.gateway.db.users import User
from penstock.gateway.permissions.subject import UserId
from servers import wait_until

CALLERS = 20


def header(name: str, password: str = "secret") -> list[tuple[bytes, bytes]]:
    value = base64.b64encode(f"{name}:{password}".encode())
    return [(b"host", b"h"), (b"authorization", b"Basic " + value)]


class Accounts:
    """Accounts whose passwords are all `secret`; counts verifications, and how many at once."""

    def __init__(self) -> None:
        self.verifications = 0
        self.most_at_once = 0
        self.fault: Exception | None = None
        self._at_once = 0
        self._lock = threading.Lock()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def find_proven(self, name: str, password: str) -> User | None:
        with self._lock:
            self.verifications += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        assert self.may_go_on.wait(20)
        with self._lock:
            self._at_once -= 1
        if self.fault is not None:
            raise self.fault
        number = UserId(len(name))
        user = User(number, name, is_admin=False, disabled=False, password_hash="x")
        return user if password == "secret" else None


class Tokens:
    """No tokens."""

    def find_proven(self, _token: str, _name: str | None = None) -> None:
        return None


class Sessions:
    """No sessions."""

    def find(self, _cookie: str) -> None:
        return None


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def proven() -> ProvenCredentials:
    return ProvenCredentials(300)


@pytest.fixture
def authenticator(accounts, proven) -> Authenticator:
    return Authenticator(
        Prover(accounts, Tokens(), Throttle()),
        Sessions(),
        proven=proven,
        proven_sessions=ProvenCredentials(300),
    )


async def count_to(accounts: Accounts, verifications: int) -> None:
    """Wait until so many verifications have begun."""
    await asyncio.to_thread(wait_until, lambda: accounts.verifications >= verifications)


async def together(accounts: Accounts, *identifications: Coroutine[Any, Any, Any]):
    """Begin all of these before the first can end."""
    accounts.may_go_on.clear()
    tasks = [asyncio.create_task(identification) for identification in identifications]
    for _ in range(5):
        await asyncio.sleep(0)
    accounts.may_go_on.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_callers_with_the_same_proof_share_one_verification(authenticator, accounts):
    """Twenty first requests of one client cost one password hash."""
    callers = [authenticator.identify(header("ann"), address="::1") for _ in range(CALLERS)]
    subjects = asyncio.run(together(accounts, *callers))
    assert (1, {"ann"}) == (accounts.verifications, {subject.email for subject in subjects})


def test_callers_with_the_same_wrong_proof_share_one_verification(authenticator, accounts):
    """A client that has the wrong password costs no more than one that has the right one."""
    callers = [
        authenticator.identify(header("ann", "wrong"), address="::1") for _ in range(CALLERS)
    ]
    refusals = asyncio.run(together(accounts, *callers))
    assert (1, {401}) == (accounts.verifications, {refusal.status for refusal in refusals})


def test_verifications_are_bounded(authenticator, accounts):
    """However many callers come at once, memory and cores for their hashes are bounded."""
    callers = [
        authenticator.identify(header(f"user{number}"), address="::1") for number in range(CALLERS)
    ]
    subjects = asyncio.run(together(accounts, *callers))
    assert {f"user{number}" for number in range(CALLERS)} == {one.email for one in subjects}
    assert CALLERS == accounts.verifications
    assert accounts.most_at_once <= AT_ONCE


def test_a_caller_who_comes_after_a_change_does_not_share_an_older_verification(
    authenticator, accounts, proven
):
    """Whoever comes after the change is verified after it."""

    async def scenario():
        accounts.may_go_on.clear()
        before = asyncio.create_task(authenticator.identify(header("ann"), address="::1"))
        await count_to(accounts, 1)
        proven.forget(UserId(3))
        after = asyncio.create_task(authenticator.identify(header("ann"), address="::1"))
        await count_to(accounts, 2)
        accounts.may_go_on.set()
        return await asyncio.gather(before, after)

    assert ["ann", "ann"] == [subject.email for subject in asyncio.run(scenario())]


def test_a_caller_who_gives_up_does_not_end_the_verification_of_others(authenticator, accounts):
    """Those who wait for the same proof still get it."""

    async def scenario():
        accounts.may_go_on.clear()
        first, second = (
            asyncio.create_task(authenticator.identify(header("ann"), address="::1"))
            for _ in range(2)
        )
        await count_to(accounts, 1)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        accounts.may_go_on.set()
        return await second

    assert "ann" == asyncio.run(scenario()).email
    assert 1 == accounts.verifications


def test_a_database_that_does_not_answer_is_no_wrong_proof(authenticator, accounts):
    """All who waited are told so, and the next caller is verified anew."""
    accounts.fault = DatabaseUnavailable("gone")

    async def scenario():
        callers = [authenticator.identify(header("ann"), address="::1") for _ in range(3)]
        faults = await together(accounts, *callers)
        accounts.fault = None
        return faults, await authenticator.identify(header("ann"), address="::1")

    faults, subject = asyncio.run(scenario())
    assert [DatabaseUnavailable] * 3 == [type(fault) for fault in faults]
    assert "ann" == subject.email


def test_no_proof_is_nobody(authenticator, accounts):
    """Whether that will do is not decided here."""
    assert asyncio.run(authenticator.identify([(b"host", b"h")], address="::1")) is None
    assert 0 == accounts.verifications


def test_a_malformed_proof_is_refused_without_a_verification(authenticator, accounts):
    """What is no name and password cannot be verified."""
    with pytest.raises(RequestRefused) as caught:
        asyncio.run(authenticator.identify([(b"authorization", b"Basic ?")], address="::1"))
    assert (401, 0) == (caught.value.status, accounts.verifications)


def test_a_claim_is_checked_against_a_remembered_proof_too(authenticator):
    """The `email` header is read with every request, not only with the first."""

    async def scenario():
        await authenticator.identify(header("ann"), address="::1")
        await authenticator.identify([*header("ann"), (b"email", b"ben")], address="::1")

    with pytest.raises(RequestRefused) as caught:
        asyncio.run(scenario())
    assert 401 == caught.value.status
