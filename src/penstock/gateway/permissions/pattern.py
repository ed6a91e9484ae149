"""Patterns of grants: what they match, and which of two is more specific. Pure."""

import re
from dataclasses import dataclass

from penstock.errors import GrantError
from penstock.gateway.permissions.resource import Kind, Resource

EXACT = 1_000_000
"""The specificity of a name or an id; a prefix has its length, `*` has 0."""

MAX_LENGTH = 512

_EXPERIMENT_ID = re.compile(r"id:(?:0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pattern:
    """An exact name, `id:12` for an experiment, a prefix ending in `*`, or `*`.

    `resource_id` is the experiment that an exact name was bound to when it was granted or when
    the experiment came; a bound name matches that experiment alone, whatever its name is now. A
    name that is not bound waits for an experiment of this name.
    """

    kind: Kind
    text: str
    resource_id: str | None = None

    @property
    def is_prefix(self) -> bool:
        """Whether it may match several resources; what is bound is one, whatever its name."""
        return self.resource_id is None and self.text.endswith("*")

    @property
    def names_id(self) -> bool:
        """Whether it names an experiment by its id; an experiment's name never counts then."""
        return (
            self.kind is Kind.EXPERIMENT
            and self.resource_id is None
            and self.text.startswith("id:")
        )

    @property
    def specificity(self) -> int:
        """How specific it is, from 0 for `*` to EXACT."""
        return len(self.text) - 1 if self.is_prefix else EXACT

    def matches(self, resource: Resource) -> bool:
        """Return whether the pattern covers a resource."""
        if resource.kind is not self.kind:
            return False
        if self.is_prefix:
            return resource.name.startswith(self.text[:-1])
        if self.resource_id is not None:
            return resource.id == self.resource_id
        if self.names_id:
            return resource.id is not None and self.text == f"id:{resource.id}"
        return resource.name == self.text


def parse_pattern(kind: Kind, text: str) -> Pattern:
    """Return the pattern of a text, not bound. Raises GrantError that says what is wrong."""
    if not text or len(text) > MAX_LENGTH:
        raise GrantError(f"a pattern must have 1 to {MAX_LENGTH} characters")
    if not text.isprintable():
        raise GrantError("a pattern must not hold control characters")
    if "*" in text[:-1]:
        raise GrantError("a pattern may hold '*' at its end alone, as in 'team-a/*'")
    pattern = Pattern(kind, text)
    if pattern.names_id and not pattern.is_prefix and not _EXPERIMENT_ID.fullmatch(text):
        raise GrantError("an experiment's id is written as 'id:12'")
    return pattern
