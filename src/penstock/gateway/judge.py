"""Decide about a call by its subject's grants, before anything of it reaches MLflow."""

from collections.abc import Sequence
from typing import Protocol

from penstock.errors import AccessRefused, RequestRefused
from penstock.gateway.permissions.access import Access
from penstock.gateway.permissions.creation import is_nameable, may_create
from penstock.gateway.permissions.policy import Need, Verdict, decide_needs
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.scope import Scope
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.model_name import registered_model
from penstock.gateway.unknown import hidden, unknown

MAX_REFERENCES = 2000
"""Of one call. MLflow takes at most 1,000 metrics in a batch."""

AT_ONCE = 100
"""References looked up before they are judged: what is refused early asks MLflow no more."""

CREATIONS = frozenset({Named.NEW_EXPERIMENT, Named.NEW_REGISTERED_MODEL})


class Lookup(Protocol):
    """Finds the experiments or registered model that an identifier belongs to."""

    async def find_all(
        self, references: Sequence[Reference]
    ) -> Sequence[Sequence[Resource] | None]:
        """Return for each reference all resources that it belongs to, None for no such thing.

        Raises UpstreamError.
        """
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

    async def scope_of(self, subject: Subject) -> Scope:
        """Return what a subject may do. Raises DatabaseUnavailable."""
        return await self._scopes.of(subject)

    async def judge(self, call: Call) -> Sequence[Reference]:
        """Return what the call touches, if the subject may make it.

        Raises RequestRefused: 404 for what the subject may not see, just as for what there is
        not; 403 for what they may see but not do; 400 for a call that is unclear, or gives a name
        that grants would take for a pattern.
        """
        find = call.route.duties.targets
        if call.route.access is not Access.GRANTED or find is None:
            return ()
        references = find(call)
        _check_protected(references)
        _check_names(references)
        await self.check(call.subject, references)
        return references

    async def check(self, subject: Subject, references: Sequence[Reference]) -> None:
        """Raise what `judge` raises unless a subject may do what takes these references."""
        scope = await self._scopes.of(subject)
        if not scope.is_admin:
            await self._check(references, scope)

    async def _check(self, references: Sequence[Reference], scope: Scope) -> None:
        if len(references) > MAX_REFERENCES:
            raise RequestRefused(
                400,
                "INVALID_PARAMETER_VALUE",
                f"the call names more than {MAX_REFERENCES} things; make several of it",
            )
        for reference in references:
            if reference.named is Named.RESERVED:
                raise _refused(reference, f"{reference.id} is for administrators; ask one of them")
            if reference.named in CREATIONS:
                _check_creation(reference, scope)
        wanted = [one for one in references if one.named not in CREATIONS]
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            found = await self._lookup.find_all(some)
            for reference, resources in zip(some, found, strict=True):
                _check_owners(reference, resources, scope)


def _check_owners(reference: Reference, resources: Sequence[Resource] | None, scope: Scope) -> None:
    needs = [Need(one, reference.level) for one in ([None] if resources is None else resources)]
    verdict = decide_needs(needs, scope)
    if verdict is Verdict.INVISIBLE and resources is None:
        raise unknown(reference)
    if verdict is Verdict.INVISIBLE:
        raise hidden(reference)
    if verdict is Verdict.FORBIDDEN:
        names = ", ".join(sorted({str(one) for one in resources or ()}))
        raise _refused(
            reference, f"this takes {reference.level.name} on {names}; ask who manages it"
        )


def _check_protected(references: Sequence[Reference]) -> None:
    """Refuse, to administrators too, what the gateway writes under its own authority alone."""
    for reference in references:
        if reference.named is Named.PROTECTED:
            raise _refused(
                reference,
                f"{reference.id} is written by rollouts alone; change them at /v1/rollout",
            )


def _check_names(references: Sequence[Reference]) -> None:
    """Refuse, to administrators too, names that would turn the grants on them into others."""
    for reference in references:
        if reference.named in CREATIONS and not is_nameable(_new_resource(reference)):
            raise RequestRefused(
                400,
                "INVALID_PARAMETER_VALUE",
                "a name must not end in '*', nor an experiment's begin with 'id:': "
                "grants would take it for a pattern; choose another one",
            )


def _new_resource(reference: Reference) -> Resource:
    if reference.named is Named.NEW_REGISTERED_MODEL:
        return registered_model(reference.id)
    return Resource(Kind.EXPERIMENT, reference.id)


def _check_creation(reference: Reference, scope: Scope) -> None:
    """Refuse what the subject may not create, or may not give this name."""
    resource = _new_resource(reference)
    if not may_create(resource, scope):
        raise _refused(
            reference,
            f"your grants let you not make {resource}; ask an administrator, or choose a name "
            "outside of what is granted to you for reading alone",
        )


def _refused(reference: Reference, message: str) -> AccessRefused:
    return AccessRefused(403, "PERMISSION_DENIED", message, target=str(reference))
