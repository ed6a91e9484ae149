"""Account names: what they may hold and how they compare. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from penstock.errors import AccountError

MAX_LENGTH = 255

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2028\u2029\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
"""Characters that show nothing, beyond those of the categories C: selectors, fillers, separators.

Source: Unicode's property Default_Ignorable_Code_Point.
"""


@dataclass(frozen=True, slots=True)
class AccountName:
    """A checked account name: `text` as its owner writes it, `key` as it is compared."""

    text: str
    key: str

    def __str__(self) -> str:
        return self.text


def parse_account_name(text: str) -> AccountName:
    """Check a name and normalise it for comparison (NFKC, without case).

    Raises AccountError that names the rule. `:` would end the name in HTTP Basic; slashes, dots
    alone and percent-escapes cannot stand in the account's address, `/v1/user/{name}`.
    """
    name = unicodedata.normalize("NFC", text)
    if not name or name != name.strip():
        raise AccountError("an account name must not be empty or begin or end with a space")
    if ":" in name:
        raise AccountError("an account name must not hold ':', for HTTP Basic ends the name there")
    if name in {".", ".."} or set(name) & set("/\\"):
        raise AccountError(
            "an account name must not hold '/' or '\\', or be '.' or '..', for it stands in "
            "addresses"
        )
    if _ESCAPE.search(name):
        raise AccountError("an account name must not hold a percent-escape such as '%2e'")
    if _INVISIBLE.search(name) or any(unicodedata.category(one).startswith("C") for one in name):
        raise AccountError("an account name must not hold control or invisible characters")
    key = comparison_key(name)
    if max(len(name), len(key)) > MAX_LENGTH:
        raise AccountError(f"an account name must not be longer than {MAX_LENGTH} characters")
    if _is_reserved(key):
        raise AccountError(
            "an account name must not be '.' or '..', or hold ':', '/', '\\', a percent-escape or "
            "spaces around it, in another spelling"
        )
    return AccountName(name, key)


def _is_reserved(key: str) -> bool:
    return (
        key in {".", ".."}
        or bool(set(key) & set(":/\\"))
        or key != key.strip()
        or _ESCAPE.search(key) is not None
    )


def comparison_key(text: str) -> str:
    """Return the form in which names compare: NFKC, without case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
