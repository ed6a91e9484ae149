"""Makes, finds and ends resources."""

from typing import Final, NamedTuple

from penstock.errors import LineageError, MlflowException, UnknownResource
from penstock.lineage.history import EXISTS, History
from penstock.lineage.metadata import Metadata
from penstock.lineage.own_runs import OwnRuns
from penstock.lineage.resource import (
    EXPERIMENT,
    Place,
    Resource,
    experiment_id,
    place_of,
    resource_id,
    run_of,
    split_experiment_id,
)
from penstock.lineage.run_tags import RunTags
from penstock.rest.entities import Run

TYPE: Final = "resource_type"
PARENT_RUN: Final = "parent_run_id"
PARENT: Final = "parent_id"
MARK: Final = "True"
_NOT_FOUND: Final = "RESOURCE_DOES_NOT_EXIST"


class Resources(NamedTuple):
    """The resources of one tracker, whose own run is `run`."""

    run: Run
    tags: RunTags
    metadata: Metadata
    history: History
    own_runs: OwnRuns

    def create(self, name: str | None, kind: str | None, parent: Resource | None) -> Resource:
        """Make a version of a resource; an experiment gets a run of its own."""
        if kind == EXPERIMENT:
            return self._create_experiment(parent)
        if self.own_runs.is_stopped:
            raise LineageError("this tracker has been stopped; make a new one to log more")
        if not isinstance(name, str) or not name:
            raise LineageError(f"a resource needs an id that is a text, not {name!r}")
        resource = (name, self.run)
        self._mark(place_of(resource), kind, parent)
        return resource

    def get(self, name: str | None, kind: str | None, parent: Resource | None) -> Resource:
        """Return a resource that was made here, else where it was made last."""
        if not isinstance(name, str) or not name:
            raise LineageError(f"a resource is found by an id that is a text, not {name!r}")
        if kind == EXPERIMENT:
            return name, self._get_experiment_run(name)
        if parent is not None and self._made(run_of(parent).info.run_id, name):
            return name, run_of(parent)
        if self._made(self.run.info.run_id, name):
            return name, self.run
        return name, self._get_newest(name)

    def clean(self, resource: Resource) -> None:
        """End the run of a resource."""
        self.own_runs.end(place_of(resource).run_id, "FINISHED")
        self.tags.look_again()

    def find_newest(self, name: str) -> Resource | None:
        """Return the newest version of a resource, which may be the one made here, or None."""
        if self._made(self.run.info.run_id, name):
            return name, self.run
        run = self.history.find_newest(self.run.info.experiment_id, resource_id(name))
        return None if run is None else (name, run)

    def _create_experiment(self, parent: Resource | None) -> Resource:
        if parent is None:
            raise LineageError("an experiment needs parent=, the resource it is made for")
        run = self.own_runs.nest(run_of(parent))
        self.tags.params.begin(run.info.run_id)
        name = experiment_id(run.info.run_id, resource_id(parent))
        self._mark(Place(name, run.info.run_id), EXPERIMENT, parent)
        return name, run

    def _mark(self, place: Place, kind: str | None, parent: Resource | None) -> None:
        texts = {EXISTS: MARK}
        if kind is not None:
            texts[TYPE] = kind
        if parent is not None:
            above = place_of(parent)
            texts |= {PARENT: above.resource_id, PARENT_RUN: above.run_id}
        self.metadata.update_texts(place, texts)

    def _made(self, run_id: str, name: str) -> bool:
        return self.metadata.find_text(Place(resource_id(name), run_id), EXISTS) == MARK

    def _get_experiment_run(self, name: str) -> Run:
        run_id, _ = split_experiment_id(name)
        try:
            return self.tags.look_up(run_id)
        except MlflowException as error:
            if error.error_code != _NOT_FOUND:
                raise
            raise UnknownResource(
                f"there is no run of experiment '{name}'; check the id, and that it is not deleted"
            ) from error

    def _get_newest(self, name: str) -> Run:
        found = self.history.find_newest(self.run.info.experiment_id, resource_id(name))
        if found is None:
            raise UnknownResource(
                f"no finished run of this MLflow experiment has made '{name}'; make it with "
                "create_resource, or check mlflow_experiment_name and the id"
            )
        return found
