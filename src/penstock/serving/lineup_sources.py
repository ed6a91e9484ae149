"""Where it is read which runs should answer: a rollout's plans, or the registry."""

from collections.abc import Callable
from typing import Protocol

from penstock.errors import NothingToServe
from penstock.models.manager import ModelManager
from penstock.models.reference import Kind, ModelReference
from penstock.rest import MlflowClient
from penstock.rest.gateway_api import find_gateway
from penstock.rollout.experiments import check_submodel, get_experiment
from penstock.rollout.plans import Plan
from penstock.rollout.store import PlanStore, find_store
from penstock.semver import VersionRange
from penstock.serving.lineup import Lineup, lineup_of_model, lineup_of_plan


class LineupSource(Protocol):
    """Says which runs should answer."""

    def read(self) -> Lineup:
        """Return them. Raises PenstockError where nobody can be asked."""

    @property
    def is_close(self) -> bool:
        """Whether asking costs so little that it may be done all the time."""


class PlanSource:
    """The plan of the newest live version in a range, of a submodel in an experiment."""

    def __init__(
        self,
        client: Callable[[], MlflowClient],
        experiment: str | None,
        *,
        versions: VersionRange,
        submodel: str | None = None,
        experiment_id: str | None = None,
    ) -> None:
        self._client = client
        self._experiment = experiment
        self._experiment_id = experiment_id
        self._submodel = submodel
        self._versions = versions
        self._place: tuple[str, str] | None = None
        self._store: PlanStore | None = None

    @property
    def is_close(self) -> bool:
        """Whether a gateway answers, which keeps plans at hand."""
        return self._store is not None and find_gateway(self._client()) is not None

    def read(self) -> Lineup:
        """Return the runs of the plan. Raises NothingToServe where no version is live."""
        client = self._client()
        if self._place is None:
            experiment = get_experiment(client, self._experiment_id, self._experiment)
            self._place = experiment.experiment_id, check_submodel(self._submodel, experiment)
            self._store = find_store(client)
        experiment_id, submodel = self._place
        plans = (self._store or find_store(client)).read_all(experiment_id)
        return lineup_of_plan(self._newest(plans, submodel))

    def _newest(self, plans: list[Plan], submodel: str) -> Plan:
        live = [
            plan
            for plan in plans
            if plan.submodel_name == submodel and plan.version in self._versions and plan.active
        ]
        if not live:
            raise NothingToServe(
                f"no run of '{submodel}' in these versions is Active; make one so: "
                "penstock rollout enable RUN"
            )
        return max(live, key=lambda plan: plan.version)


class ModelSource:
    """One model: the version that a URI means, followed when an alias or stage moves."""

    is_close = False

    def __init__(self, manager: ModelManager, reference: ModelReference) -> None:
        self._manager = manager
        self._reference = reference

    def read(self) -> Lineup:
        """Return the model as the only one. Raises PenstockError where nobody can be asked."""
        reference = self._reference
        if reference.kind is Kind.FOLDER:
            return lineup_of_model(reference.text, version=None, run_id=None, meant=reference.text)
        loader = self._manager.loader
        known = loader.find_known(reference) if reference.is_fixed else None
        found = known or loader.registry.resolve(reference)
        return lineup_of_model(
            reference.text, version=found.version, run_id=found.run_id, meant=found.model_uri
        )
