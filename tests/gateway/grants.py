"""Users with grants on the first of the two experiments, and on the first registered model."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert

from gateway.running import Gateway, running_gateway
from gateway.wire import Caller, basic
from penstock.gateway.db.tables import grants
from penstock.gateway.permissions.level import Level

PASSWORD = "a long and common secret"
HELD = (None, "NONE", "READ", "EDIT", "MANAGE", "ADMINISTRATOR")


def grant(gateway: Gateway, email: str, kind: str, pattern: str, level: Level) -> None:
    """Store a grant, as one that was given earlier."""
    (user,) = [one for one in gateway.accounts.list_users() if one.email == email]
    row = {"user_id": user.id, "kind": kind, "pattern": pattern, "level": int(level)}
    with gateway.app.parts.database.writing() as connection:
        connection.execute(insert(grants).values(row))
    gateway.app.parts.watch.changed()


def caller(gateway: Gateway, held: str | None) -> Caller:
    """Return the caller who holds a level."""
    if held is None:
        return gateway.anonymous
    if held == "ADMINISTRATOR":
        return gateway.admin
    return Caller(gateway.address, authorization=basic(f"{held.lower()}@example.org", PASSWORD))


@contextmanager
def granting_gateway(
    folder: Path, upstream_url: str, *, experiment: str, model: str, **others: Any
) -> Iterator[Gateway]:
    """Run a gateway with a user of each level on one experiment and one registered model."""
    with running_gateway(folder, upstream_url, **others) as gateway:
        known = {user.email for user in gateway.accounts.list_users()}
        for level in Level:
            email = f"{level.name.lower()}@example.org"
            if email not in known:
                gateway.accounts.add(email, password=PASSWORD)
        restore_grants(gateway, experiment=experiment, model=model)
        yield gateway


def restore_grants(gateway: Gateway, *, experiment: str, model: str) -> None:
    """Give each user their first grants again; a rename or a deletion has changed them."""
    with gateway.app.parts.database.writing() as connection:
        connection.execute(delete(grants))
    for level in (Level.READ, Level.EDIT, Level.MANAGE):
        email = f"{level.name.lower()}@example.org"
        grant(gateway, email, "experiment", f"id:{experiment}", level)
        grant(gateway, email, "registered_model", model, level)
