"""Find the experiments or registered model that an identifier belongs to."""

import asyncio
from collections.abc import Sequence

from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.permissions.resource import Resource
from penstock.gateway.proxy.targets.directory import Directory
from penstock.gateway.proxy.targets.locations import Location, parse_location
from penstock.gateway.proxy.targets.owners import LASTING, Owner, ask_owner, ask_traces
from penstock.gateway.proxy.targets.questions import Questions
from penstock.gateway.proxy.targets.remembered import Remembered
from penstock.gateway.proxy.upstream import Upstream

MAX_OWNERS = 200_000
AT_ONCE = 16
UPSTREAM_SECONDS = 30

Owners = Sequence[Resource] | None
"""All resources that something belongs to; none: it is nobody's; None: there is no such thing."""


class MlflowLookup:
    """Finds the resources behind identifiers, by asking MLflow as the gateway itself.

    What never changes is remembered for as long as there is room, names until the policy
    changes: a call about what is known asks MLflow nothing.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._questions = Questions(upstream, seconds=UPSTREAM_SECONDS)
        self._directory = Directory(self._questions)
        self._owners: Remembered[tuple[Named, str], Owner] = Remembered(MAX_OWNERS)

    def forget(self) -> None:
        """Forget all names: one may have changed. Safe from any thread."""
        self._directory.forget()

    async def find(self, reference: Reference) -> Resource | None:
        """Return the one resource of a reference, or None where there is none.

        Raises UpstreamError.
        """
        found = await self.find_owners(reference)
        return found[0] if found else None

    async def find_all(self, references: Sequence[Reference]) -> list[Owners]:
        """Return the owners of each reference. Raises UpstreamError."""
        await self._learn_traces(references)
        found: list[Owners] = []
        for start in range(0, len(references), AT_ONCE):
            some = references[start : start + AT_ONCE]
            found += await asyncio.gather(*map(self.find_owners, some))
        return found

    async def find_owners(self, reference: Reference) -> Owners:
        """Return all resources that something belongs to. Raises UpstreamError."""
        match reference.named:
            case Named.EXPERIMENT:
                experiment = await self._directory.find_experiment(reference.id)
                return None if experiment is None else [experiment.resource]
            case Named.EXPERIMENT_NAME:
                return _only(await self._directory.find_experiment_named(reference.id))
            case Named.REGISTERED_MODEL:
                return _only(await self._directory.find_model(reference.id))
            case Named.LOCATION:
                return await self._location_owners(reference.id)
            case Named.NEW_TRACE:
                return await self._resources(await self._owner(Named.TRACE, reference.id)) or ()
            case _:
                return await self._resources(await self._owner(reference.named, reference.id))

    async def _resources(self, owner: Owner | None) -> Owners:
        if owner is None:
            return None
        found = [await self._directory.find_experiment(one) for one in owner.experiment_ids]
        resources = [one.resource for one in found if one is not None]
        return resources if len(resources) == len(found) else None

    async def _owner(self, named: Named, identifier: str) -> Owner | None:
        known = self._owners.get((named, identifier))
        if known is not None:
            return known
        owner = await ask_owner(self._questions, named, identifier)
        if owner is not None and named in LASTING:
            self._owners.put((named, identifier), owner)
        return owner

    async def _learn_traces(self, references: Sequence[Reference]) -> None:
        wanted = {one.id for one in references if one.named in {Named.TRACE, Named.NEW_TRACE}}
        unknown = [one for one in wanted if self._owners.get((Named.TRACE, one)) is None]
        if len(unknown) > 1:
            for trace_id, owner in (await ask_traces(self._questions, unknown)).items():
                self._owners.put((Named.TRACE, trace_id), owner)

    async def _location_owners(self, uri: str) -> Owners:
        location = parse_location(uri)
        for named, identifier in location.candidates() if location else ():
            owner = await self._owner(named, identifier)
            root = None if owner is None else await self._root(named, identifier, owner)
            if location and root and location.is_below(root):
                return await self._resources(owner)
        return None

    async def _root(self, named: Named, identifier: str, owner: Owner) -> Location | None:
        if named is not Named.TRACE:
            return parse_location(owner.root or "")
        # A tag says where a trace's files lie, but its experiment says where they belong.
        experiment = await self._directory.find_experiment(owner.experiment_ids[0])
        if experiment is None:
            return None
        folder = experiment.artifact_location.rstrip("/")
        return parse_location(f"{folder}/traces/{identifier}/artifacts")


def _only(resource: Resource | None) -> Owners:
    return None if resource is None else [resource]
