"""The searches inside experiments: runs, logged models, traces, evaluation datasets.

They name experiments, or mean all; MLflow gets those that the caller may read. Its order and its
pages are the caller's then; only its page token is wrapped.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from penstock.errors import RequestRefused
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.permissions.scope import Scope
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.search.arguments import text, texts, wrong
from penstock.gateway.proxy.search.page_token import PageTokens
from penstock.gateway.proxy.search.upstream_search import UpstreamSearch
from penstock.gateway.proxy.searches import Search
from penstock.gateway.proxy.targets.lookup import MlflowLookup, Owners

MOST_EXPERIMENTS: Final = 10_000
"""In one search."""

RESTRICTED: Final = frozenset({Search.RUNS, Search.LOGGED_MODELS, Search.TRACES, Search.DATASETS})


@dataclass(frozen=True, slots=True)
class Restricted:
    """Answers these searches."""

    upstream: UpstreamSearch
    lookup: MlflowLookup
    tokens: PageTokens

    async def search(
        self, call: Call, arguments: Mapping[str, Any], scope: Scope
    ) -> dict[str, Any]:
        """Return MLflow's answer for the readable ones of the asked experiments.

        Raises RequestRefused, UpstreamError.
        """
        asked = _asked(arguments)
        if len(asked) > MOST_EXPERIMENTS:
            raise wrong("experiment_ids", f"must be at most {MOST_EXPERIMENTS}")
        readable = asked if scope.is_admin else await self._readable(asked, scope)
        if not readable and not scope.is_admin:
            return {}
        context = _context(call, arguments, readable)
        sent = _restricted(arguments, set(readable)) if asked else dict(arguments)
        if token := text(arguments, "page_token"):
            sent["page_token"] = self.tokens.read(token, context=context)
        path = call.target.partition("?")[0]
        send = self.upstream.get if call.method in {"GET", "HEAD"} else self.upstream.post
        answer = await send(path, sent)
        if call.route.duties.search is Search.DATASETS and "datasets" in answer:
            answer["datasets"] = await self._wholly_readable(answer["datasets"], scope)
        if following := answer.get("next_page_token"):
            answer["next_page_token"] = self.tokens.write(following, context=context)
        return answer

    async def _wholly_readable(self, datasets: Any, scope: Scope) -> list[Any]:  # noqa: ANN401 - JSON
        """Return the data sets of whose experiments the caller may read every one."""
        references = [
            Reference(Named.DATASET, str(one["dataset_id"]), Level.READ) for one in datasets
        ]
        found = await self.lookup.find_all(references)
        return [
            one for one, owners in zip(datasets, found, strict=True) if _may_read(owners, scope)
        ]

    async def _readable(self, asked: Sequence[str], scope: Scope) -> list[str]:
        references = [Reference(Named.EXPERIMENT, one, Level.READ) for one in asked]
        found = await self.lookup.find_all(references)
        return [one for one, owners in zip(asked, found, strict=True) if _may_read(owners, scope)]


def _may_read(owners: Owners, scope: Scope) -> bool:
    return bool(owners) and all(scope.level(owner) >= Level.READ for owner in owners or ())


def _asked(arguments: Mapping[str, Any]) -> list[str]:
    """Return the asked experiments, without repetition, in order. Raises RequestRefused (400)."""
    named = texts(arguments, "experiment_ids")
    for location in _locations(arguments):
        experiment_id = _experiment_of(location)
        if not isinstance(experiment_id, str):
            raise RequestRefused(
                400,
                "INVALID_PARAMETER_VALUE",
                "Invalid value for request parameter locations: name an mlflow_experiment each",
            )
        named = [*named, experiment_id]
    return list(dict.fromkeys(named))


def _restricted(arguments: Mapping[str, Any], readable: set[str]) -> dict[str, Any]:
    sent = dict(arguments)
    if "experiment_ids" in arguments:
        sent["experiment_ids"] = [one for one in arguments["experiment_ids"] if one in readable]
    if "locations" in arguments:
        sent["locations"] = [
            one for one in _locations(arguments) if _experiment_of(one) in readable
        ]
    return sent


def _locations(arguments: Mapping[str, Any]) -> list[Any]:
    locations = arguments.get("locations", [])
    if not isinstance(locations, list):
        raise wrong("locations", "must be a list")
    return locations


def _experiment_of(location: Any) -> Any:  # noqa: ANN401 - JSON is any
    """Return the experiment of a trace's location; None for any other kind of place."""
    if not isinstance(location, dict) or {"inference_table", "inferenceTable"} & set(location):
        return None
    experiment = location.get("mlflow_experiment", location.get("mlflowExperiment"))
    if not isinstance(experiment, dict):
        return None
    return experiment.get("experiment_id", experiment.get("experimentId"))


def _context(call: Call, arguments: Mapping[str, Any], readable: Sequence[str]) -> str:
    given = {name: value for name, value in arguments.items() if name != "page_token"}
    said = [
        call.subject.user_id,
        call.route.duties.search,
        sorted(given.items()),
        sorted(readable),
    ]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()
