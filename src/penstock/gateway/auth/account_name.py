"""Account names: what they may hold and how they compare. Pure."""

import unicodedata
from dataclasses import dataclass

from penstock.errors import AccountError

MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class AccountName:
    """A checked account name: `text` as its owner writes it, `key` as it is compared."""

    text: str
    key: str

    def __str__(self) -> str:
        return self.text


def parse_account_name(text: str) -> AccountName:
    """Check a name and normalise it for comparison (NFKC, without case).

    Raises AccountError that names the rule. `:` would end the name in HTTP Basic.
    """
    name = unicodedata.normalize("NFC", text)
    if not name or name != name.strip():
        raise AccountError("an account name must not be empty or begin or end with a space")
    if ":" in name:
        raise AccountError("an account name must not hold ':', for HTTP Basic ends the name there")
    if any(unicodedata.category(character).startswith("C") for character in name):
        raise AccountError("an account name must not hold control or invisible characters")
    key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    if max(len(name), len(key)) > MAX_LENGTH:
        raise AccountError(f"an account name must not be longer than {MAX_LENGTH} characters")
    if ":" in key or key != key.strip():
        raise AccountError("an account name must not hold ':' or spaces in another spelling")
    return AccountName(name, key)
