"""The finders of the route table: values that say what a call touches, and can be read. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import (
    find_field,
    get_field,
    list_field,
    list_required,
)

READ, EDIT, MANAGE = Level.READ, Level.EDIT, Level.MANAGE


@dataclass(frozen=True, slots=True)
class Finder:
    """Names all that a call touches; `needs` says it in words for the reference.

    Calling it raises RequestRefused (400) for a call that is unclear.
    """

    needs: str
    find: Callable[[Call], Iterable[Reference]]

    def __call__(self, call: Call) -> Sequence[Reference]:
        """Return the references of a call, each once."""
        return tuple(dict.fromkeys(self.find(call)))

    def __and__(self, other: "Finder") -> "Finder":
        """Return the finder of what both find."""
        return Finder(
            f"{self.needs}; {other.needs}", lambda call: (*self.find(call), *other.find(call))
        )


def required(named: Named, name: str, level: Level) -> Finder:
    """Find by a field that a call must have."""
    return Finder(
        f"{level.name} on the {named} `{name}`",
        lambda call: [Reference(named, get_field(call, name), level)],
    )


def optional(named: Named, name: str, level: Level) -> Finder:
    """Find by a field that a call may have."""
    return Finder(
        f"{level.name} on the {named} `{name}` if given",
        lambda call: references(named, [find_field(call, name)], level),
    )


def each(named: Named, name: str, level: Level) -> Finder:
    """Find by a repeated field with at least one value."""
    return Finder(
        f"{level.name} on each {named} of `{name}`",
        lambda call: references(named, list_required(call, name), level),
    )


def each_given(named: Named, name: str, level: Level) -> Finder:
    """Find by a repeated field that may be empty."""
    return Finder(
        f"{level.name} on each {named} of `{name}`, if any",
        lambda call: references(named, list_field(call, name), level),
    )


def in_path(named: Named, name: str, level: Level) -> Finder:
    """Find by a parameter of the path."""
    return Finder(
        f"{level.name} on the {named} of the path",
        lambda call: [Reference(named, call.parameters[name], level)],
    )


def references(named: Named, ids: Iterable[str | None], level: Level) -> list[Reference]:
    """Return a reference for each identifier that there is."""
    return [Reference(named, one, level) for one in ids if one]


def reserved(what: str) -> Reference:
    """Return the reference to what is for administrators alone."""
    return Reference(Named.RESERVED, what, MANAGE)


NOTHING = Finder("nothing; the answer holds only what the caller may read", lambda _: ())
"""For searches, which are answered by the caller's grants."""
