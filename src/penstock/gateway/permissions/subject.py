"""Who a request comes from, once that is proven."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

UserId = NewType("UserId", int)


class TokenScope(StrEnum):
    """What a proof is good for."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Subject:
    """A proven identity. `token_name` is the token that proved it, if one did.

    `expires_at` is when that token ends, if it does. `by_session` is true where a cookie proved
    it, which a browser also sends for a foreign page.
    """

    user_id: UserId
    email: str
    is_admin: bool
    token_name: str | None = None
    token_scope: TokenScope = TokenScope.WRITE
    by_session: bool = False
    expires_at: datetime | None = None
