"""How prediction jobs and models lead to each other."""

from penstock.errors import UnknownResource
from penstock.lineage.metadata import Metadata
from penstock.lineage.resource import (
    PREDICTION_JOB,
    Resource,
    model_id_of,
    place_of,
    prediction_id,
    resource_id,
)
from penstock.lineage.resources import PARENT_RUN, Resources


class Predictions:
    """Finds the model version of a job, and the newest job or version of a model."""

    def __init__(self, metadata: Metadata, resources: Resources) -> None:
        self._metadata = metadata
        self._resources = resources

    def get_model_version(self, job: Resource | str) -> Resource:
        """Return the model version that a job predicted with.

        A job that was made without `parent=` predicted with the version of its own run.
        """
        found = self._get_newest(job) if isinstance(job, str) else job
        place = place_of(found)
        model_id = model_id_of(place.resource_id)
        run_id = self._metadata.find_text(place, PARENT_RUN)
        if run_id is None or run_id == place.run_id:
            return model_id, found[1]
        return model_id, self._resources.tags.look_up(run_id)

    def get_latest(self, model: Resource | str, kind: str | None) -> Resource:
        """Return the newest prediction job of a model, or else its newest version."""
        model_id = resource_id(model)
        return self._get_newest(prediction_id(model_id) if kind == PREDICTION_JOB else model_id)

    def _get_newest(self, name: str) -> Resource:
        found = self._resources.find_newest(name)
        if found is None:
            raise UnknownResource(
                f"no finished run of this MLflow experiment has made '{name}'; check the id and "
                "mlflow_experiment_name"
            )
        return found
