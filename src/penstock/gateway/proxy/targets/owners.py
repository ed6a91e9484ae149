"""Learn from MLflow which experiments an identifier belongs to."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from penstock.errors import UpstreamError
from penstock.gateway.permissions.reference import Named
from penstock.gateway.proxy.targets.questions import V2, V3, Questions

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}")

TRACES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Owner:
    """The experiments of something, and the root of its files where MLflow says it."""

    experiment_ids: tuple[str, ...]
    root: str | None = None


Answer = Mapping[str, Any]


def is_identifier(text: str) -> bool:
    """Return whether something of MLflow's can have this id: nothing that a path would change."""
    return _IDENTIFIER.fullmatch(text) is not None


async def ask_owner(questions: Questions, named: Named, identifier: str) -> Owner | None:
    """Return whom an identifier belongs to, None where there is no such thing.

    Raises UpstreamError.
    """
    if not is_identifier(identifier):
        return None
    answer = await _QUESTIONS[named](questions, identifier)
    if answer is None:
        return None
    try:
        owner = _READERS[named](answer)
    except (KeyError, TypeError, AttributeError) as error:
        raise UpstreamError(f"MLflow's answer does not say whose a {named} is") from error
    # What is linked to no experiment is as if it were not there, for all but administrators.
    is_nobodys = named is Named.DATASET and not owner.experiment_ids
    return None if is_nobodys else owner


async def ask_traces(questions: Questions, trace_ids: Sequence[str]) -> dict[str, Owner]:
    """Return whom several traces belong to, those that there are. Raises UpstreamError."""
    found: dict[str, Owner] = {}
    known = [one for one in trace_ids if is_identifier(one)]
    for start in range(0, len(known), TRACES_AT_ONCE):
        asked = known[start : start + TRACES_AT_ONCE]
        answer = await questions.post(f"{V3}/traces/batchGetInfos", {"trace_ids": asked})
        for info in (answer or {}).get("trace_infos", ()):
            found[info["trace_id"]] = Owner((_trace_experiment(info),))
    return found


def _by_argument(path: str, name: str) -> Callable[[Questions, str], Awaitable[Answer | None]]:
    return lambda questions, identifier: questions.get(path, {name: identifier})


def _by_path(path: str) -> Callable[[Questions, str], Awaitable[Answer | None]]:
    return lambda questions, identifier: questions.get(path.format(identifier))


def _trace_experiment(info: Answer) -> str:
    return str(info["trace_location"]["mlflow_experiment"]["experiment_id"])


def _read_run(answer: Answer) -> Owner:
    info = answer["run"]["info"]
    return Owner((str(info["experiment_id"]),), info.get("artifact_uri"))


def _read_logged_model(answer: Answer) -> Owner:
    info = answer["model"]["info"]
    return Owner((str(info["experiment_id"]),), info.get("artifact_uri"))


def _read_configs(answer: Answer) -> Owner:
    return Owner(tuple(sorted({str(one["experiment_id"]) for one in answer["configs"]})))


def _inside(*names: str) -> Callable[[Answer], Owner]:
    def read(answer: Answer) -> Owner:
        value: Any = answer
        for name in names:
            value = value[name]
        return Owner((str(value),))

    return read


_QUESTIONS: dict[Named, Callable[[Questions, str], Awaitable[Answer | None]]] = {
    Named.RUN: _by_argument(f"{V2}/runs/get", "run_id"),
    Named.LOGGED_MODEL: _by_path(V2 + "/logged-models/{}?allow_deleted=true"),
    Named.TRACE: _by_path(V3 + "/traces/{}"),
    Named.DATASET: _by_path(V3 + "/datasets/{}/experiment-ids"),
    Named.ISSUE: _by_path(V3 + "/issues/{}"),
    Named.LABEL_SCHEMA: _by_argument(f"{V3}/label-schemas/get", "schema_id"),
    Named.REVIEW_QUEUE: _by_argument(f"{V3}/review-queues/get", "queue_id"),
    Named.SCORER_CONFIGS: _by_argument(f"{V3}/scorers/online-configs", "scorer_ids"),
}
_READERS: dict[Named, Callable[[Answer], Owner]] = {
    Named.RUN: _read_run,
    Named.LOGGED_MODEL: _read_logged_model,
    Named.TRACE: lambda answer: Owner((_trace_experiment(answer["trace"]["trace_info"]),)),
    Named.DATASET: lambda answer: Owner(tuple(map(str, answer.get("experiment_ids", ())))),
    Named.ISSUE: _inside("issue", "experiment_id"),
    Named.LABEL_SCHEMA: _inside("label_schema", "experiment_id"),
    Named.REVIEW_QUEUE: _inside("review_queue", "experiment_id"),
    Named.SCORER_CONFIGS: _read_configs,
}

LASTING = frozenset(
    {
        Named.RUN,
        Named.LOGGED_MODEL,
        Named.TRACE,
        Named.ISSUE,
        Named.LABEL_SCHEMA,
        Named.REVIEW_QUEUE,
    }
)
"""What never moves to another experiment."""
