"""Decide about a call by its subject's grants, before anything of it reaches MLflow."""

from collections.abc import Sequence
from typing import Protocol

from penstock.errors import RequestRefused
from penstock.gateway.auth.subject import Subject
from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.policy import Need, Verdict, decide_needs
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.permissions.resource import Resource
from penstock.gateway.permissions.scope import Scope
from penstock.gateway.proxy.call import Call


class Lookup(Protocol):
    """Finds the experiment or registered model that an identifier belongs to."""

    async def find(self, reference: Reference) -> Resource | None:
        """Return the resource, or None where there is none. Raises UpstreamError."""
        ...


class Scopes(Protocol):
    """Knows what each subject may do."""

    async def of(self, subject: Subject) -> Scope:
        """Return the scope of a subject as it is now. Raises DatabaseUnavailable."""
        ...


class Judge:
    """Says yes, or raises the refusal."""

    def __init__(self, scopes: Scopes, lookup: Lookup) -> None:
        self._scopes = scopes
        self._lookup = lookup

    async def judge(self, call: Call) -> Sequence[Reference]:
        """Return what the call touches, if the subject may make it.

        Raises RequestRefused: 404 for what the subject may not see, just as for what there is
        not; 403 for what they may see but not do; 400 for a call that is unclear.
        """
        find = call.route.duties.targets
        if call.route.access is not Access.GRANTED or find is None:
            return ()
        references = find(call)
        scope = await self._scopes.of(call.subject)
        if not scope.is_admin:
            for reference in references:
                await self._check(reference, scope)
        return references

    async def _check(self, reference: Reference, scope: Scope) -> None:
        if reference.named is Named.NOTHING:
            return
        need = Need(await self._lookup.find(reference), reference.level)
        verdict = decide_needs([need], scope)
        if verdict is Verdict.INVISIBLE:
            raise RequestRefused(
                404,
                "RESOURCE_DOES_NOT_EXIST",
                f"there is no {reference.named} '{reference.id}', or none that you may see",
            )
        if verdict is Verdict.FORBIDDEN:
            raise RequestRefused(
                403,
                "PERMISSION_DENIED",
                f"this takes {reference.level.name} on {need.resource}; ask who manages it",
            )
