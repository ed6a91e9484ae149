"""Who a request comes from, once that is proven."""

from dataclasses import dataclass

from penstock.gateway.db.users import UserId


@dataclass(frozen=True, slots=True)
class Subject:
    """A proven identity."""

    user_id: UserId
    email: str
    is_admin: bool
