"""What every metadata tracker can be asked, whatever it keeps its answers in."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from penstock.lineage.artifacts import LocalPath
from penstock.lineage.resource import Resource


class BaseMetadataTracker(ABC):
    """Base of metadata trackers: they keep what is known of the resources that pipelines make.

    A resource is a pair (id, run). Methods take further arguments, which callers pass along.
    """

    url: str

    @abstractmethod
    def log_artifact(
        self, resource: Resource, id: str, path: LocalPath, *args: object, **kwargs: object
    ) -> None:
        """Upload a file or folder under an id."""

    @abstractmethod
    def get_artifact(
        self,
        resource: Resource,
        id: str,
        *args: object,
        dst_path: LocalPath | None = None,
        **kwargs: object,
    ) -> str:
        """Download what was uploaded under an id, and return where it is."""

    @abstractmethod
    def log_tag(
        self, resource: Resource, key: str, value: object, *args: object, **kwargs: object
    ) -> None:
        """Keep a text."""

    @abstractmethod
    def get_tag(self, resource: Resource, key: str, *args: object, **kwargs: object) -> str | None:
        """Return a text, None if there is none."""

    @abstractmethod
    def log_metadata(
        self, resource: Resource, id: str, data: object, *args: object, **kwargs: object
    ) -> None:
        """Keep a value of any kind."""

    @abstractmethod
    def get_metadata(self, resource: Resource, id: str, *args: object, **kwargs: object) -> Any:
        """Return a value as it was logged, None if there is none."""

    @abstractmethod
    def create_resource(
        self,
        id: str | None,
        type: str | None = None,
        parent: Resource | None = None,
        *args: object,
        **kwargs: object,
    ) -> Resource:
        """Make a version of a resource; one of type `experiment` gets a run of its own."""

    @abstractmethod
    def get_resource(
        self,
        id: str,
        type: str | None = None,
        parent: Resource | None = None,
        *args: object,
        **kwargs: object,
    ) -> Resource:
        """Return a resource that was made here, else where it was made last."""

    @abstractmethod
    def update_resource(
        self, resource: Resource, updates: Mapping[str, object], *args: object, **kwargs: object
    ) -> None:
        """Keep several values."""

    @abstractmethod
    def clean_resource(
        self, resource: Resource, type: str | None = None, *args: object, **kwargs: object
    ) -> None:
        """End the run of a resource, and no other."""

    @abstractmethod
    def get_prev_resource_version(
        self,
        resource: Resource,
        extra_filters: Sequence[str] = (),
        num: int = 1,
        *args: object,
        **kwargs: object,
    ) -> Any:
        """Return the version before, or None; with `num` above 1, a list of versions before."""

    @abstractmethod
    def get_currently_deployed_model_version(
        self, model_version: Resource, *args: object, **kwargs: object
    ) -> Resource | None:
        """Return the version of a model that is deployed, else what comes closest, else None."""

    @abstractmethod
    def get_prediction_job_model_version(
        self, prediction_job: Resource | str, *args: object, **kwargs: object
    ) -> Resource:
        """Return the model version that a prediction job used."""

    @abstractmethod
    def get_latest_model_resource(
        self, model: Resource | str, type: str | None = None, *args: object, **kwargs: object
    ) -> Resource:
        """Return the newest prediction job of a model, or else its newest version."""

    @abstractmethod
    def get_winning_experiment(
        self, model_version: Resource, *args: object, **kwargs: object
    ) -> Resource:
        """Return the experiment that a model version came from."""

    @abstractmethod
    def build_model_lineage(
        self,
        model_version: Resource,
        dataset_versions: Sequence[Resource],
        *args: object,
        **kwargs: object,
    ) -> None:
        """Keep which datasets a model version was made from."""

    @abstractmethod
    def get_resource_id(self, resource: Resource | str, *args: object, **kwargs: object) -> str:
        """Return the id of a resource; a path gives its stem."""

    @abstractmethod
    def get_parent_id(
        self, resource: Resource | str, type: str | None = None, *args: object, **kwargs: object
    ) -> str | None:
        """Return the id of the resource that an experiment was made for; None for other types."""

    @abstractmethod
    def register_vc_resource(
        self,
        resource: Resource,
        vc_info: Mapping[str, Any] | None,
        key: str | None = None,
        additional_metadata: Mapping[str, object] | None = None,
        *args: object,
        **kwargs: object,
    ) -> None:
        """Keep what version control said of a resource, or of a part of it."""

    @abstractmethod
    def get_vc_info(
        self, resource: Resource, key: str = "hexsha", *args: object, **kwargs: object
    ) -> dict[str, Any]:
        """Return what version control said."""

    @abstractmethod
    def log_data_profile(
        self, resource: Resource, file_path: LocalPath, *args: object, **kwargs: object
    ) -> None:
        """Upload a profile of data."""

    @abstractmethod
    def get_data_profile(
        self,
        resource: Resource,
        id: str | None = None,
        *args: object,
        dst_path: LocalPath | None = None,
        **kwargs: object,
    ) -> str:
        """Download a profile of data, and return where it is."""

    @abstractmethod
    def log_checks(
        self,
        resource: Resource,
        file_path: LocalPath,
        type: str = "data",
        *args: object,
        **kwargs: object,
    ) -> None:
        """Upload a report of checks."""

    @abstractmethod
    def get_data_checks(
        self,
        resource: Resource,
        id: str | None = None,
        type: str = "data",
        *args: object,
        dst_path: LocalPath | None = None,
        **kwargs: object,
    ) -> str:
        """Download a report of checks, and return where it is."""

    @abstractmethod
    def log_data_comparison(
        self, resource: Resource, file_path: LocalPath, *args: object, **kwargs: object
    ) -> None:
        """Upload a comparison of data."""

    @abstractmethod
    def stop(self, *args: object, status: str = "FINISHED", **kwargs: object) -> None:
        """End what the tracker has begun."""

    @abstractmethod
    def load_model(
        self,
        model_obj: object,
        model_version: Resource,
        ref_model: Any,
        pipeline_config: Mapping[str, Any] | None = None,
        *args: object,
        **kwargs: object,
    ) -> Any:
        """Build the trainer of a model version around a fitted model."""
