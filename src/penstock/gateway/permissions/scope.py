"""What one subject may do with which resource. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from penstock.gateway.permissions.grant import Grant
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.resource import Kind, Resource


@dataclass(frozen=True, slots=True)
class Finding:
    """The level on one resource, and the grants that say so; none: the default level."""

    level: Level
    grants: tuple[Grant, ...] = ()


class Scope:
    """All grants of one subject, their own and their groups'.

    The most specific pattern wins; among equals NONE denies, else the highest level counts.
    """

    def __init__(self, grants: Iterable[Grant], *, default: Level, is_admin: bool = False) -> None:
        self.is_admin = is_admin
        self.default = Level.MANAGE if is_admin else default
        self.grants = () if is_admin else tuple(grants)
        self._exact: dict[tuple[Kind, str], list[Grant]] = defaultdict(list)
        self._prefixes: dict[Kind, list[Grant]] = {kind: [] for kind in Kind}
        for grant in self.grants:
            self._index(grant)
        for grants_of_kind in self._prefixes.values():
            grants_of_kind.sort(key=lambda grant: -grant.pattern.specificity)

    def level(self, resource: Resource) -> Level:
        """Return the level on a resource."""
        return self.explain(resource).level

    def explain(self, resource: Resource) -> Finding:
        """Return the level on a resource, with the grants that decide."""
        found = self._find(resource)
        if not found:
            return Finding(self.default)
        levels = [grant.level for grant in found]
        return Finding(Level.NONE if Level.NONE in levels else max(levels), tuple(found))

    def readable(self, kind: Kind) -> list[Grant]:
        """Return the grants that let at least read, where no more specific one denies it."""
        return [
            grant
            for grant in self.grants
            if grant.pattern.kind is kind and grant.level >= Level.READ
        ]

    def _index(self, grant: Grant) -> None:
        pattern = grant.pattern
        if pattern.is_prefix:
            self._prefixes[pattern.kind].append(grant)
        elif pattern.resource_id is not None:
            self._exact[pattern.kind, pattern.resource_id].append(grant)
        elif pattern.names_id:
            self._exact[pattern.kind, pattern.text.removeprefix("id:")].append(grant)
        else:
            self._exact[pattern.kind, pattern.text].append(grant)

    def _find(self, resource: Resource) -> list[Grant]:
        exact = self._exact.get((resource.kind, resource.name), [])
        if resource.id is not None:
            exact = exact + self._exact.get((resource.kind, resource.id), [])
        if found := [grant for grant in exact if grant.pattern.matches(resource)]:
            return list(dict.fromkeys(found))
        winner = -1
        for grant in self._prefixes[resource.kind]:
            if grant.pattern.specificity < winner:
                break
            if grant.pattern.matches(resource):
                winner = grant.pattern.specificity
                found.append(grant)
        return found
