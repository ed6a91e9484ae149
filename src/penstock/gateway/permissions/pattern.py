"""Patterns of grants: what they match, and which of two is more specific. Pure."""

from dataclasses import dataclass

from penstock.gateway.permissions.resource import Kind, Resource

EXACT = 1_000_000
"""The specificity of a name or an id; a prefix has its length, `*` has 0."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """An exact name, `id:12` for an experiment, a prefix ending in `*`, or `*`.

    `resource_id` is the experiment that an exact name was bound to when it was granted or when
    the experiment came; a bound name matches that experiment alone, whatever its name is now.
    """

    kind: Kind
    text: str
    resource_id: str | None = None

    @property
    def is_prefix(self) -> bool:
        """Whether it may match several resources."""
        return self.text.endswith("*")

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
        if self.kind is Kind.EXPERIMENT:
            return resource.id is not None and self.text == f"id:{resource.id}"
        return resource.name == self.text
