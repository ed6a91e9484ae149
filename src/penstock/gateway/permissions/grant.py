"""A grant: who has which level on what."""

from dataclasses import dataclass

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern


@dataclass(frozen=True, slots=True)
class Grant:
    """One row of the grants. `subject` is `user:a@example.com` or `group:release`."""

    id: int
    subject: str
    pattern: Pattern
    level: Level
