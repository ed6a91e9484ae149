"""Whether a subject may make something of a name, or give a name to something. Pure."""

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.resource import Resource
from penstock.gateway.permissions.scope import Scope


def may_create(resource: Resource, scope: Scope) -> bool:
    """Return whether a subject may make a resource.

    Everybody may where no grant speaks of the name. Where one does, it must allow changes: or
    who may only read `prod-*` could put something of their own among what others rely on.
    """
    finding = scope.explain(resource)
    return scope.is_admin or not finding.grants or finding.level >= Level.EDIT
