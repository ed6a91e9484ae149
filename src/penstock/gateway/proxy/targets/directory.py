"""Names of experiments and registered models, as MLflow has them now."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from penstock.errors import UpstreamError
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.proxy.targets.model_name import registered_model
from penstock.gateway.proxy.targets.questions import V2, Questions
from penstock.gateway.proxy.targets.remembered import Remembered

MAX_NAMES = 50_000
NAME_SECONDS = 30
"""How long a name may count that another program has changed at MLflow itself."""

_EXPERIMENT_ID = re.compile(r"0|[1-9][0-9]{0,18}")
_MOST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment, and where its files lie."""

    resource: Resource
    artifact_location: str


class Directory:
    """Experiments by id and name, and registered models by name.

    A name is remembered until `forget`, and for NAME_SECONDS at most.
    """

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._experiments: Remembered[str, Experiment] = Remembered(MAX_NAMES, seconds=NAME_SECONDS)
        self._named: Remembered[str, Resource] = Remembered(MAX_NAMES, seconds=NAME_SECONDS)
        self._models: Remembered[str, Resource] = Remembered(MAX_NAMES, seconds=NAME_SECONDS)

    def forget(self) -> None:
        """Forget all names: one may have changed. Safe from any thread."""
        for names in (self._experiments, self._named, self._models):
            names.forget()

    async def find_experiment(self, experiment_id: str) -> Experiment | None:
        """Return an experiment, deleted ones too, or None. Raises UpstreamError."""
        if not is_experiment_id(experiment_id):
            return None
        known = self._experiments.get(experiment_id)
        if known is not None:
            return known
        generation = self._experiments.generation
        answer = await self._questions.get(
            f"{V2}/experiments/get", {"experiment_id": experiment_id}
        )
        if answer is None:
            return None
        experiment = _read_experiment(answer)
        self._experiments.put(experiment_id, experiment, generation=generation)
        return experiment

    async def find_experiment_named(self, name: str) -> Resource | None:
        """Return the experiment of a name, with its id, or None. Raises UpstreamError."""
        known = self._named.get(name)
        if known is not None:
            return known
        generation = self._named.generation
        answer = await self._questions.get(
            f"{V2}/experiments/get-by-name", {"experiment_name": name}
        )
        if answer is None:
            return None
        # With the name that MLflow has: some databases find it in another case, too.
        resource = _read_experiment(answer).resource
        self._named.put(name, resource, generation=generation)
        return resource

    async def find_model(self, name: str) -> Resource | None:
        """Return the registered model of a name, or None. Raises UpstreamError."""
        known = self._models.get(name)
        if known is not None:
            return known
        generation = self._models.generation
        answer = await self._questions.get(f"{V2}/registered-models/get", {"name": name})
        if answer is None:
            return None
        resource = registered_model(_member(answer, "registered_model", "name"))
        self._models.put(name, resource, generation=generation)
        return resource


def is_experiment_id(text: str) -> bool:
    """Return whether a text can be the id of an experiment.

    MLflow takes ` 1`, `+1` and `01` for 1; here they are no experiments. It fails (500) at a
    number that no database can hold.
    """
    return bool(_EXPERIMENT_ID.fullmatch(text)) and int(text) <= _MOST_ID


def _read_experiment(answer: Mapping[str, object]) -> Experiment:
    name = _member(answer, "experiment", "name")
    experiment_id = _member(answer, "experiment", "experiment_id")
    location = _member(answer, "experiment", "artifact_location")
    return Experiment(Resource(Kind.EXPERIMENT, name, experiment_id), location)


def _member(answer: Mapping[str, object], inside: str, name: str) -> str:
    found = answer.get(inside)
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, str):
        raise UpstreamError(f"MLflow's answer does not say the {inside.replace('_', ' ')}'s {name}")
    return value
