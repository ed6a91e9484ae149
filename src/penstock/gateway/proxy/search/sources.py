"""Push a subject's scope into MLflow's filter language. Pure.

MLflow's filters know AND and IN, but no OR: what a subject may read becomes several sources, each
with a filter of its own. A filter may find too much (LIKE has no escape), never too little; each
row is judged again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.scope import Scope

MOST_SOURCES: Final = 16
"""With more of them one page would cost too many calls; then all is read, and judged row by row."""

CHUNK_LENGTH: Final = 6_000
"""Characters of a list of names or ids: some of them travel in a URL."""

UNSAYABLE: Final = frozenset("'\"\\`")
"""What MLflow's filters cannot quote."""

_IN: Final = {Kind.EXPERIMENT: "experiment_id", Kind.REGISTERED_MODEL: "name"}


@dataclass(frozen=True, slots=True)
class Source:
    """One filter, empty for all there is, and the resources that come from this source alone."""

    filter: str
    owns: Callable[[Resource], bool]

    @property
    def is_narrow(self) -> bool:
        """Whether most of what it finds may be read."""
        return bool(self.filter)


def sources(scope: Scope, kind: Kind) -> list[Source]:
    """Return the sources that together hold all that a subject may read of a kind."""
    patterns = [grant.pattern for grant in scope.readable(kind)]
    if scope.default >= Level.READ or any(_is_star(pattern) for pattern in patterns):
        return [everything()]
    prefixes = _outermost(pattern.text[:-1] for pattern in patterns if pattern.is_prefix)
    ids, names = _exact(patterns, kind)
    found = [*_lists(kind, ids), *_likes(kind, [*prefixes, *names], ids)]
    return found if len(found) <= MOST_SOURCES else [everything()]


def everything() -> Source:
    """Return the source of all there is."""
    return Source("", lambda _: True)


def mlflow_name(name: str) -> str:
    """Return how MLflow spells the name of a registered model that grants see."""
    return name.replace("/", "%2F").replace(":", "%3A")


def _is_star(pattern: Pattern) -> bool:
    return pattern.is_prefix and pattern.text == "*"


def _outermost(prefixes: Iterable[str]) -> list[str]:
    """Return the prefixes without those that begin with another one."""
    found: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not found or not prefix.startswith(found[-1]):
            found.append(prefix)
    return found


def _exact(patterns: Iterable[Pattern], kind: Kind) -> tuple[list[str], list[str]]:
    """Return what can stand in a list, ids of experiments or names, and the names that cannot."""
    listed, others = set(), set()
    for pattern in patterns:
        if pattern.is_prefix:
            continue
        if kind is Kind.EXPERIMENT and (pattern.resource_id is not None or pattern.names_id):
            listed.add(pattern.resource_id or pattern.text.removeprefix("id:"))
        elif kind is Kind.REGISTERED_MODEL and not UNSAYABLE & set(pattern.text):
            listed.add(pattern.text)
        else:
            others.add(pattern.text)
    return sorted(listed), sorted(others)


def _lists(kind: Kind, identities: list[str]) -> Iterator[Source]:
    for chunk in _chunks(identities):
        held = frozenset(chunk)
        spelled = chunk if kind is Kind.EXPERIMENT else [mlflow_name(name) for name in chunk]
        quoted = ", ".join(f"'{one}'" for one in spelled)
        yield Source(f"{_IN[kind]} IN ({quoted})", partial(_is_held, held))


def _is_held(held: frozenset[str], one: Resource) -> bool:
    return _identity(one) in held


def _likes(kind: Kind, prefixes: list[str], listed: list[str]) -> Iterator[Source]:
    before: list[str] = []
    for prefix in prefixes:
        earlier, taken = tuple(before), frozenset(listed)

        def owns(
            one: Resource,
            prefix: str = prefix,
            earlier: tuple[str, ...] = earlier,
            taken: frozenset[str] = taken,
        ) -> bool:
            return (
                one.name.startswith(prefix)
                and not one.name.startswith(earlier)
                and _identity(one) not in taken
            )

        yield Source(f"name LIKE '{_sayable(kind, prefix)}%'", owns)
        before.append(prefix)


def _sayable(kind: Kind, prefix: str) -> str:
    """Return a prefix up to the first sign that cannot be quoted."""
    end = next((at for at, sign in enumerate(prefix) if sign in UNSAYABLE), len(prefix))
    return prefix[:end] if kind is Kind.EXPERIMENT else mlflow_name(prefix[:end])


def _identity(resource: Resource) -> str:
    return resource.name if resource.id is None else resource.id


def _chunks(identities: list[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    length = 0
    for identity in identities:
        if chunk and length + len(identity) > CHUNK_LENGTH:
            yield chunk
            chunk, length = [], 0
        chunk.append(identity)
        length += len(identity) + 4
    if chunk:
        yield chunk
