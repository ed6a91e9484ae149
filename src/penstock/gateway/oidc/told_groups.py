"""The groups that a provider puts a user into, and takes them out of again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from penstock.errors import AccountError
from penstock.gateway.access.principals import check_group_name
from penstock.gateway.auth.account_name import comparison_key
from penstock.gateway.db import memberships, users
from penstock.gateway.db.groups import GroupId, add_group
from penstock.gateway.db.memberships import Membership
from penstock.gateway.db.policy import Part, bump
from penstock.gateway.db.users import User
from penstock.gateway.provider_settings import ProviderSettings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What has to change for a user: groups to join, by key; memberships to end; the role."""

    join: Mapping[str, str]
    leave: tuple[Membership, ...]
    is_admin: bool
    was_admin: bool

    def __bool__(self) -> bool:
        return bool(self.join or self.leave or self.is_admin != self.was_admin)


def plan_groups(
    connection: Connection, user: User, *, provider: ProviderSettings, told: Iterable[str]
) -> GroupChange:
    """Return what has to change so that a user is where a provider says.

    Only memberships that came from this provider end. Whoever it calls an administrator becomes
    one; whoever it called one, and does so no more, is none any longer.
    """
    wanted = _by_key(told)
    current = memberships.list_memberships(connection, user.id)
    missing = {key: wanted[key] for key in wanted.keys() - {one.name_key for one in current}}
    known = memberships.find_group_ids(connection, missing)
    admin = comparison_key(provider.admin_group)
    join = {
        key: name
        for key, name in missing.items()
        if key in known or provider.create_groups or key == admin
    }
    leave = tuple(
        one for one in current if one.source == provider.name and one.name_key not in wanted
    )
    demoted = user.is_admin and admin in {one.name_key for one in leave}
    is_admin = not demoted and (user.is_admin or (admin != "" and admin in wanted))
    return GroupChange(join, leave, is_admin, user.is_admin)


def apply_groups(
    connection: Connection, user: User, *, provider: ProviderSettings, change: GroupChange
) -> None:
    """Carry out a change; the last administrator stays one, and stays in their group."""
    leave = change.leave
    has_other_role = change.is_admin != change.was_admin
    if has_other_role and not _set_admin(connection, user, is_admin=change.is_admin):
        admin = comparison_key(provider.admin_group)
        leave = tuple(one for one in leave if one.name_key != admin)
    for membership in leave:
        memberships.delete_membership(connection, membership.group_id, user.id)
    for group_id in _find_or_make(connection, change.join):
        memberships.add_membership(connection, group_id, user.id, source=provider.name)
    if leave or change.join:
        bump(connection)


def _set_admin(connection: Connection, user: User, *, is_admin: bool) -> bool:
    """Change the role, and return whether an administrator is left; else nothing has changed."""
    users.set_admin(connection, user, is_admin=is_admin)
    if users.has_administrator(connection):
        bump(connection, Part.ACCOUNTS)
        bump(connection)
        log.info("role set by identity provider", email=user.email, is_admin=is_admin)
        return True
    users.set_admin(connection, user, is_admin=not is_admin)
    log.warning("the last administrator stays, though the provider says no", email=user.email)
    return False


def _find_or_make(connection: Connection, names: Mapping[str, str]) -> list[GroupId]:
    known = memberships.find_group_ids(connection, names)
    for key, name in names.items():
        if key not in known:
            add_group(connection, name, name_key=key)
            log.info("group made by identity provider", group=name)
    return list(memberships.find_group_ids(connection, names).values())


def _by_key(told: Iterable[str]) -> dict[str, str]:
    names = {}
    for name in told:
        try:
            check_group_name(name)
        except AccountError as error:
            log.warning("group of identity provider passed over", group=name, reason=str(error))
        else:
            names[comparison_key(name)] = name
    return names
