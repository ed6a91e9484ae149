import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from argon2 import PasswordHasher

from penstock.gateway.auth.passwords import AT_ONCE, Passwords


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


class CrowdedHasher(PasswordHasher):
    """Waits a moment for too many at once, and counts them."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self._full = threading.Barrier(AT_ONCE + 1)
        self.crowd = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        if isinstance(password, bytes):
            with suppress(threading.BrokenBarrierError):
                self._full.wait(0.3)
                self.crowd += 1
        return super().hash(password, salt=salt)


def test_few_hash_at_once():
    """Whoever sets passwords in many requests at once fills no memory."""
    hasher = CrowdedHasher()
    passwords = Passwords(hasher)
    with ThreadPoolExecutor(4 * AT_ONCE) as pool:
        hashes = list(pool.map(passwords.hash, ["a long secret"] * 4 * AT_ONCE))
    assert 4 * AT_ONCE == len(set(hashes))
    assert 0 == hasher.crowd
