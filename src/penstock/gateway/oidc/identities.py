"""The account of somebody whom a provider knows: found, linked or made."""

from collections.abc import Callable

import structlog
from sqlalchemy import Connection

from penstock.errors import AccountError, IdentityRefused
from penstock.gateway.auth.account_name import AccountName, parse_account_name
from penstock.gateway.db import identities, users
from penstock.gateway.db.database import Database
from penstock.gateway.db.users import User
from penstock.gateway.oidc.person import Person
from penstock.gateway.oidc.told_groups import GroupChange, apply_groups, plan_groups
from penstock.gateway.permissions.subject import UserId
from penstock.gateway.provider_settings import ProviderSettings

log = structlog.get_logger()

NO_ACCOUNT = "you have no account here, and this login may not make one; ask an administrator"
"""Said whatever the reason is: whether an account exists is nobody's business. The log says it."""


class Identities:
    """The accounts of one database, by what providers say. Each call is one transaction.

    `on_user_change` is told who is an administrator now and was none, or the other way round;
    `on_group_change` that memberships are others; both after the commit.
    """

    def __init__(
        self,
        database: Database,
        *,
        on_user_change: Callable[[UserId], None] = lambda _: None,
        on_group_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._on_user_change = on_user_change
        self._on_group_change = on_group_change

    def log_in(self, provider: ProviderSettings, person: Person) -> User:
        """Return a person's account, in the groups that the provider puts them into.

        Groups that it does not tell stay. Raises IdentityRefused, or DatabaseUnavailable.
        """
        with self._database.reading() as connection:
            user = identities.find_identity(connection, person.issuer, person.subject)
            if user is not None and not _plan(connection, user, provider, person):
                return _admit(user)
        with self._database.writing() as connection:
            user = _admit(_find_or_make(connection, provider, person))
            change = _plan(connection, user, provider, person)
            if change is not None:
                apply_groups(connection, user, provider=provider, change=change)
            now = users.get_user(connection, user.id)
        if now is None:  # deleted by its own transaction: cannot be
            raise IdentityRefused(NO_ACCOUNT)
        self._tell(user, now, change)
        return now

    def _tell(self, before: User, now: User, change: GroupChange | None) -> None:
        if now.is_admin != before.is_admin:
            self._on_user_change(now.id)
        if change:
            self._on_group_change()


def _plan(
    connection: Connection, user: User, provider: ProviderSettings, person: Person
) -> GroupChange | None:
    """Return what has to change, or None where nothing has."""
    if person.groups is None or user.disabled:
        return None
    return plan_groups(connection, user, provider=provider, told=person.groups) or None


def _admit(user: User) -> User:
    if user.disabled:
        log.warning("disabled account refused", email=user.email)
        raise IdentityRefused("this account is disabled; ask an administrator")
    return user


def _find_or_make(connection: Connection, provider: ProviderSettings, person: Person) -> User:
    user = identities.find_identity(connection, person.issuer, person.subject)
    if user is not None:
        return user
    name = _name(provider, person)
    user = users.find_user(connection, name.key)
    if user is None:
        user = _make(connection, provider, person, name=name)
    else:
        _check_link(connection, provider, person, user=user)
    identities.add_identity(connection, user, issuer=person.issuer, subject=person.subject)
    log.info("identity linked", provider=provider.name, email=user.email)
    return user


def _name(provider: ProviderSettings, person: Person) -> AccountName:
    """Return the account name of a person who is new here."""
    if person.email is None:
        raise _refusal(provider, "the provider tells no e-mail address")
    if person.email_verified is False:
        raise _refusal(provider, "the e-mail address is not verified")
    if provider.domains and person.domain not in provider.domains:
        raise _refusal(provider, "the e-mail address is of another domain")
    try:
        return parse_account_name(person.email)
    except AccountError as error:
        raise _refusal(provider, str(error)) from error


def _make(
    connection: Connection, provider: ProviderSettings, person: Person, *, name: AccountName
) -> User:
    if not provider.create_users:
        raise _refusal(provider, "there is no such account, and create_users is off")
    log.info("account made", provider=provider.name, email=name.text, subject=person.subject)
    return users.add_user(
        connection, name.text, email_key=name.key, password_hash=None, is_admin=False
    )


def _check_link(
    connection: Connection, provider: ProviderSettings, person: Person, *, user: User
) -> None:
    if not provider.link_by_email:
        raise _refusal(provider, "the account exists, and link_by_email is off")
    if person.email_verified is not True:
        raise _refusal(provider, "the account exists, and the e-mail address is not verified")
    if not (person.email or "").isascii():
        # Names compare by what they look like; addresses that look alike have many owners.
        raise _refusal(provider, "the account exists, and the e-mail address is not ASCII")
    if identities.is_known_at(connection, user, person.issuer):
        # Addresses pass to other people; what the first one had here does not.
        raise _refusal(provider, "the account belongs to another subject of this provider")


def _refusal(provider: ProviderSettings, why: str) -> IdentityRefused:
    log.warning("login by identity provider refused", provider=provider.name, reason=why)
    return IdentityRefused(NO_ACCOUNT)
