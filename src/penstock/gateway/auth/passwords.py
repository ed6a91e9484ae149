"""Passwords: the rules they keep, and Argon2id."""

import re
import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from penstock.errors import AccountError
from penstock.gateway.auth.account_name import AccountName, comparison_key
from penstock.gateway.auth.proof import TOKEN_PREFIX, is_token

MIN_LENGTH = 10
MAX_LENGTH = 1024

AT_ONCE: Final = 2
"""Hashes under way at once, whoever asks; each takes 19 MiB and one core for some 30 ms."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def check_password(password: str, name: AccountName) -> None:
    """Raise AccountError, naming the rule, for a password that must not be used."""
    if len(password) < MIN_LENGTH:
        raise AccountError(f"a password must have at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        raise AccountError(f"a password must have at most {MAX_LENGTH} characters")
    if comparison_key(password) == name.key:
        raise AccountError("a password must differ from the account name")
    if is_token(password):
        raise AccountError(f"a password must not begin with '{TOKEN_PREFIX}', for tokens do")
    if _LONE_SURROGATE.search(password):
        raise AccountError("a password must be text; this one holds half a character")


class Passwords:
    """Hashes and verifies with Argon2id, at the cost that OWASP names for it (19 MiB, t=2).

    `verify` costs the same whether there is a hash to compare with or not, so that the time of
    an answer does not tell which accounts exist. Safe under threads, of which all but a few wait.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys_hash = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Return a salted hash in PHC format."""
        with self._turns:
            return self._hasher.hash(_encode(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password is the hashed one; never for a hash of None."""
        try:
            with self._turns:
                self._hasher.verify(password_hash or self._nobodys_hash, _encode(password))
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None


def _encode(password: str) -> bytes:
    return password.encode("utf-8", errors="surrogatepass")
