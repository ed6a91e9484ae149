"""Which version of a model runs now, and which experiment won it."""

from typing import Final

from penstock.errors import UnknownResource
from penstock.lineage.history import History, tag_is
from penstock.lineage.live_runs import LiveRuns
from penstock.lineage.metadata import Metadata
from penstock.lineage.resource import EXPERIMENT, Resource, place_of, run_of
from penstock.lineage.resources import Resources
from penstock.rest.entities import Run
from penstock.rollout.status import ModelStatus

STATUS: Final = "status"
WINNER: Final = "winning_experiment_id"
DEPLOYED: Final = "DEPLOYED"
PROMOTED: Final = "PROMOTED"


class Deployments:
    """Answers what is deployed, from rollout plans and the statuses that versions were given."""

    def __init__(self, history: History, live_runs: LiveRuns) -> None:
        self._history = history
        self._live_runs = live_runs

    def find_current(self, model_version: Resource) -> Resource | None:
        """Return the version that runs now, or else comes closest to it, or None."""
        run = self._find_live(model_version) or self._find_by_status(model_version)
        if run is None:
            earlier = self._history.list_previous(model_version)
            run = earlier[0] if earlier else None
        return None if run is None else (model_version[0], run)

    def _find_live(self, model_version: Resource) -> Run | None:
        """Return the version with the largest share of the highest rollout of a model, or None.

        A plan says what runs now; a status says what somebody meant when the version was made.
        """
        place, experiment_id = place_of(model_version), run_of(model_version).info.experiment_id
        for live in self._live_runs.iter_of(experiment_id, place.resource_id):
            if live.state.status is ModelStatus.Active:
                return live.origin
        return None

    def _find_by_status(self, model_version: Resource) -> Run | None:
        name = place_of(model_version).name(STATUS)
        for status in (DEPLOYED, PROMOTED):
            found = self._history.find_newest(
                run_of(model_version).info.experiment_id,
                place_of(model_version).resource_id,
                filters=[tag_is(name, status)],
            )
            if found is not None:
                return found
        return None


def get_winner(metadata: Metadata, resources: Resources, model_version: Resource) -> Resource:
    """Return the experiment that a model version came from. Raises UnknownResource."""
    place = place_of(model_version)
    winner = metadata.get(place, WINNER)
    if not isinstance(winner, str):
        raise UnknownResource(
            f"no winning experiment was logged for '{place.resource_id}' in run {place.run_id}; "
            f"log its id as metadata '{WINNER}'"
        )
    return resources.get(winner, EXPERIMENT, model_version)
