import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from penstock.gateway.auth.passwords import AT_ONCE, Passwords


class Tally(PasswordHasher):
    """Argon2id at its real memory, which counts the hashes that are under way at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=2, memory_cost=19456, parallelism=1)
        self._lock = threading.Lock()
        self._under_way = 0
        self.most = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        try:
            return super().hash(password, salt=salt)
        finally:
            with self._lock:
                self._under_way -= 1


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


def test_a_password_is_verified_by_its_hash(passwords):
    """The right one alone, in its own case."""
    password_hash = passwords.hash("a long secret \u00e9")
    assert passwords.verify(password_hash, "a long secret \u00e9")
    for wrong in ("a long secret e", "A long secret \u00e9", "a long secret \u00e9 ", ""):
        assert not passwords.verify(password_hash, wrong)


def test_each_hash_has_its_own_salt(passwords):
    """The same password twice does not show."""
    assert passwords.hash("a long secret") != passwords.hash("a long secret")


def test_nobody_has_no_password(passwords):
    """Not even the one that stands in for it, so that the time is spent."""
    for password in ("", "nobody has this password", "a long secret"):
        assert not passwords.verify(None, password)


@pytest.mark.parametrize("broken", ["", "x", "$argon2id$v=19$m=1", "plain text", "$2b$12$abc"])
def test_a_broken_hash_verifies_nothing(passwords, broken):
    """A row that somebody has edited lets nobody in, and breaks nothing."""
    assert not passwords.verify(broken, "a long secret")
    assert not passwords.verify(broken, broken)


def test_the_cost_is_the_one_that_owasp_names(passwords):
    """19 MiB, two passes, one lane."""
    assert passwords.hash("a long secret").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_crowd_waits_for_its_turn_to_hash():
    """However many set a password at once, the memory of a few hashes is enough."""
    tally = Tally()
    passwords = Passwords(tally)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(passwords.hash, [f"a long secret {number}" for number in range(24)]))
    assert AT_ONCE == tally.most
