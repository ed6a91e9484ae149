"""Learn from MLflow whether it has carried out what somebody asked it for."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from penstock.errors import UpstreamError
from penstock.gateway.permissions.change import Change, Created, Deleted, Intent, Renamed
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.proxy.targets.model_name import spelled_name
from penstock.gateway.proxy.targets.owner_tag import OWNER_TAG
from penstock.gateway.proxy.targets.questions import V2, Questions
from penstock.gateway.proxy.upstream import Upstream

CLOCKS_DIFFER: Final = timedelta(seconds=60)
"""How far MLflow's clock may be from ours."""

UPSTREAM_SECONDS: Final = 10

Found = Mapping[str, Any]


class Outcomes:
    """Compares intents with what MLflow has now, past everything that is remembered of it."""

    def __init__(self, upstream: Upstream) -> None:
        self._questions = Questions(upstream, seconds=UPSTREAM_SECONDS)

    async def find(self, intent: Intent) -> Change | None:
        """Return what has changed, complete with ids, or None where nothing has, so far.

        Nobody is taken for the creator of what somebody else has made. Raises UpstreamError.
        """
        is_model = intent.change.resource.kind is Kind.REGISTERED_MODEL
        match intent.change:
            case Created():
                return await self._find_created(intent, is_model=is_model)
            case Renamed(old=str(old)) if is_model:
                return await self._find_renamed_model(intent, old)
            case Renamed():
                return await self._find_renamed_experiment(intent.change)
            case Deleted():
                model = await self._find_model(intent.change.resource.name)
                return intent.change if model is None or _is_newer(model, intent) else None

    async def _find_created(self, intent: Intent, *, is_model: bool) -> Change | None:
        resource = intent.change.resource
        find = self._find_model if is_model else self._find_experiment_named
        found = await find(resource.name)
        if found is None or _owner(found) != intent.email or _is_older(found, intent):
            return None
        return intent.change if is_model else Created(replace(resource, id=_id(found)))

    async def _find_renamed_model(self, intent: Intent, old: str) -> Change | None:
        before, after = await self._find_model(old), await self._find_model(_name(intent))
        if before is not None and not _is_newer(before, intent):
            return None  # it has its old name still
        if after is None or _is_newer(after, intent):
            # Gone under both names, or another one: the grants of the old name end.
            return Deleted(Resource(Kind.REGISTERED_MODEL, old))
        return intent.change

    async def _find_renamed_experiment(self, change: Change) -> Change | None:
        resource = change.resource
        answer = await self._questions.get(
            f"{V2}/experiments/get", {"experiment_id": resource.id or ""}
        )
        found = None if answer is None else _inside(answer, "experiment")
        return change if found is not None and found.get("name") == resource.name else None

    async def _find_experiment_named(self, name: str) -> Found | None:
        arguments = {"experiment_name": name}
        answer = await self._questions.get(f"{V2}/experiments/get-by-name", arguments)
        return None if answer is None else _inside(answer, "experiment")

    async def _find_model(self, name: str) -> Found | None:
        arguments = {"name": spelled_name(name)}
        answer = await self._questions.get(f"{V2}/registered-models/get", arguments)
        return None if answer is None else _inside(answer, "registered_model")


def _name(intent: Intent) -> str:
    return intent.change.resource.name


def _inside(answer: Found, name: str) -> Found:
    found = answer.get(name)
    if not isinstance(found, dict):
        raise UpstreamError(f"MLflow's answer holds no {name}")
    return found


def _id(experiment: Found) -> str:
    found = experiment.get("experiment_id")
    if not isinstance(found, str):
        raise UpstreamError("MLflow's answer does not name the experiment")
    return found


def _owner(found: Found) -> str | None:
    tags = found.get("tags") or ()
    return next((tag.get("value") for tag in tags if tag.get("key") == OWNER_TAG), None)


def _made_at(found: Found) -> datetime:
    made = found.get("creation_time", found.get("creation_timestamp"))
    try:
        return datetime.fromtimestamp(int(made or "") / 1000, UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise UpstreamError("MLflow's answer does not say when something was made") from error


def _is_newer(found: Found, intent: Intent) -> bool:
    return _made_at(found) > intent.at + CLOCKS_DIFFER


def _is_older(found: Found, intent: Intent) -> bool:
    return _made_at(found) < intent.at - CLOCKS_DIFFER
