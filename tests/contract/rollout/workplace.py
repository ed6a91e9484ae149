"""One experiment of a real server, with runs that were saved without the cost of a model."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from contract.rollout.watched import endpoint, is_write, watch
from penstock import MlflowClient
from penstock.errors import MlflowException
from penstock.rest.entities import Metric, ModelVersion, Param, Run, RunTag
from penstock.rest.exchange import Request
from penstock.rollout.mlflow_api import plan
from penstock.rollout.model_names import encode_model_name
from penstock.rollout.plans import Plan
from penstock.rollout.registry import STAGES
from penstock.rollout.status import ModelStatus

VERSION = "1.4.2"
NOTHING: Mapping[str, str] = MappingProxyType({})


class Said(NamedTuple):
    """What a run says of itself: in metrics, and in tags."""

    status: str
    fraction: float
    status_tag: str | None
    fraction_tag: str | None


def said(run: Run) -> Said:
    metrics, tags = run.data.metrics, run.data.tags
    return Said(
        ModelStatus(metrics["active_state"]).name,
        metrics["test_fraction"],
        tags.get("penstock.status"),
        tags.get("penstock.fraction"),
    )


@dataclass
class Workplace:
    """`client` is the one under test; `plain` speaks to MLflow itself, and may write anything."""

    client: MlflowClient
    plain: MlflowClient
    name: str
    experiment_id: str
    _registered: set[str] = field(default_factory=set)

    @property
    def scope(self) -> dict[str, Any]:
        """The arguments that name the usual scope."""
        return {
            "model_version": VERSION,
            "experiment_id": self.experiment_id,
            "client": self.client,
        }

    def add_run(
        self,
        version: str = VERSION,
        *,
        submodel: str | None = None,
        immutable: dict[str, str] | None = None,
        mutable: dict[str, str] | None = None,
        is_registered: bool = False,
    ) -> str:
        """Make a run as `save_model` leaves it: New, of this version."""
        name = self.name if submodel is None else submodel
        run = self._make(mutable)
        run_id = run.info.run_id
        if is_registered:
            self._register(run, name)
        self._add_state(run_id, name, version, immutable or {})
        self.plain.set_terminated(run_id)
        return run_id

    def _make(self, tags: dict[str, str] | None) -> Run:
        return self.plain.create_run(self.experiment_id, tags=tags)

    def _add_state(
        self, run_id: str, name: str, version: str = VERSION, immutable: Mapping[str, str] = NOTHING
    ) -> str:
        numbers = version.split(".")
        keys = ("submodel_name", "major_version", "minor_version", "micro_version")
        params = [Param(*pair) for pair in zip(keys, (name, *numbers), strict=True)]
        params += [Param(*pair) for pair in immutable.items()]
        now = time.time_ns() // 1_000_000
        metrics = [Metric("active_state", 1.0, now, 0), Metric("test_fraction", 0.0, now, 0)]
        tags = [RunTag("penstock.status", "New"), RunTag("penstock.fraction", "0.0")]
        tags.append(RunTag("penstock.revision", "0"))
        self.plain.log_batch(run_id, metrics, params, tags, synchronous=True)
        return run_id

    def add_runs(self, count: int, **options: Any) -> list[str]:
        """Make several runs."""
        if count == 1 or options.get("is_registered"):
            return [self.add_run(**options) for _ in range(count)]
        with ThreadPoolExecutor(4) as threads:
            return list(threads.map(lambda _: self.add_run(**options), range(count)))

    def add_many(self, count: int) -> list[str]:
        """Make many runs with two requests for each."""
        with ThreadPoolExecutor(4) as threads:
            return list(
                threads.map(
                    lambda _: self._add_state(self._make(None).info.run_id, self.name), range(count)
                )
            )

    def register(self, run_id: str) -> str:
        """Register a run's model once more; return the version's number."""
        return self._register(self.plain.get_run(run_id), self.name)

    def _register(self, run: Run, submodel: str) -> str:
        name = encode_model_name(submodel)
        if name not in self._registered and not self._is_registered(name):
            self.plain.create_registered_model(name)
        self._registered.add(name)
        source = f"{run.info.artifact_uri}/model"
        return self.plain.create_model_version(name, source, run.info.run_id).version

    def plan(self) -> Plan:
        return plan(**self.scope)

    def fractions(self) -> dict[str, float]:
        """Return the fractions of the Active runs, by the plan."""
        return self.plan().active

    def mirrored(self, run_id: str) -> Said:
        """Return what a run says of itself."""
        return said(self.plain.get_run(run_id))

    def stages(self, submodel: str | None = None) -> dict[str, str]:
        """Return the stage of each registered run."""
        return {one.run_id or "": one.current_stage for one in self._versions(submodel)}

    def aliases(self, submodel: str | None = None) -> dict[str, str]:
        """Return the run that each alias names."""
        held = self.plain.get_registered_model(encode_model_name(submodel or self.name)).aliases
        runs = {str(one.version): one.run_id or "" for one in self._versions(submodel)}
        return {alias: runs[version] for alias, version in held.items()}

    def behind(self, run_ids: list[str]) -> dict[str, object]:
        """Return which of the runs' mirrors, stages and aliases say something else than the plan.

        Of runs that the plan does not hold, `New` and `Disabled` are both right.
        """
        present, stages = self.plan(), self.stages()
        wrong: dict[str, object] = {}
        for run in self.plain.iter_runs([self.experiment_id]):
            run_id, found = run.info.run_id, said(run)
            status = present.status_of(run_id, ModelStatus[found.status])
            fraction = present.fraction_of(run_id)
            if run_id in run_ids and found != (status.name, fraction, status.name, str(fraction)):
                wrong[run_id] = (found, status, fraction)
            if stages.get(run_id, STAGES[status]) != STAGES[status]:
                wrong["stage of " + run_id] = (stages[run_id], status)
        if stages and not self._aliases_fit(present):
            wrong["aliases"] = (self.aliases(), present)
        return wrong

    def _versions(self, submodel: str | None = None) -> list[ModelVersion]:
        name = encode_model_name(submodel or self.name)
        return list(self.plain.iter_model_versions(f"name = '{name}'"))

    def _aliases_fit(self, present: Plan) -> bool:
        aliases, active = self.aliases(), present.active
        best = max(active.values(), default=0)
        is_active = active.get(aliases.get("active", ""), 0) == best
        return is_active and (aliases.get("canary") in present.canaries) == bool(present.canaries)

    def _is_registered(self, name: str) -> bool:
        try:
            self.plain.get_registered_model(name)
        except MlflowException:
            return False
        return True


@contextmanager
def counted(client: MlflowClient) -> Iterator[list[str]]:
    """Collect the endpoints of the requests that a client makes in the block."""
    with listening(client, lambda _: True) as seen:
        yield seen


@contextmanager
def writes_of(client: MlflowClient) -> Iterator[list[str]]:
    """Collect those of them that change something."""
    with listening(client, is_write) as seen:
        yield seen


@contextmanager
def listening(client: MlflowClient, wanted: Any) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(request: Request) -> None:
        if wanted(request):
            seen.append(endpoint(request))

    before = client._tracking._channel
    watch(client, before=note)
    try:
        yield seen
    finally:
        client._tracking._channel = before
