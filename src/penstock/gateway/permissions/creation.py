"""Whether a subject may make something of a name, or give a name to something. Pure."""

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Resource
from penstock.gateway.permissions.scope import Scope


def may_create(resource: Resource, scope: Scope) -> bool:
    """Return whether a subject may make a resource.

    Everybody may where no grant speaks of the name. Where one does, it must allow changes: or
    who may only read `prod-*` could put something of their own among what others rely on.
    """
    finding = scope.explain(resource)
    return scope.is_admin or not finding.grants or finding.level >= Level.EDIT


def is_nameable(resource: Resource) -> bool:
    """Return whether grants take the name for a name: not for a prefix, nor for an id.

    Its maker's grant would be one on all that the pattern matches.
    """
    pattern = Pattern(resource.kind, resource.name)
    return not pattern.is_prefix and not pattern.names_id
