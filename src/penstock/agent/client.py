"""What a registry holds, asked through one shared client.

Every method works on the class and on an instance.
"""

from __future__ import annotations

from abc import ABCMeta
from typing import TYPE_CHECKING, Any

from penstock.agent.class_property import ClassProperty
from penstock.agent.configuration import MLFlowConfiguration
from penstock.agent.shared_client import SharedClient
from penstock.agent.singleton_meta import SingletonMeta
from penstock.agent.stages import check_stage, find_versions_at, not_registered
from penstock.agent.versions import parse_version_number
from penstock.errors import MlflowException, PenstockError
from penstock.models.client_manager import manager_of
from penstock.models.comparison import compare_details
from penstock.models.details import describe_data, describe_version_fully
from penstock.models.outage import is_absence
from penstock.models.reference import parse_reference, refer_to
from penstock.uris import ModelsUri

if TYPE_CHECKING:
    from penstock.rest import MlflowClient
    from penstock.rest.entities import RegisteredModel

__all__ = [
    "MLFlowClient",
    "MLFlowClientModelAgent",
    "MLFlowClientModelLoader",
    "MLFlowConfiguration",
    "ModelDownloader",
]


class _ClientMeta(SingletonMeta, ABCMeta):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - of whatever class
        """Return the instance; the root of the hierarchy gives its concrete class."""
        if cls is MLFlowClient:
            return MLFlowClientModelLoader()
        return super().__call__(*args, **kwargs)


class MLFlowClient(metaclass=_ClientMeta):
    """Root of the hierarchy; `MLFlowClient()` gives an `MLFlowClientModelLoader`."""

    @classmethod
    def init_mlflow_client(cls) -> MlflowClient:
        """Return the client that all classes share; it is made here, or with the first call.

        Raises ConfigurationError, naming the setting, where no address is set.
        """
        return SharedClient().get()

    @ClassProperty
    def mlflow_client(cls) -> MlflowClient:  # noqa: N805 - of the class
        """Return the client that all classes share."""
        return SharedClient().get()


class MLFlowClientModelAgent(MLFlowClient):
    """Asks the registry for models and versions."""

    @classmethod
    def get_model_latest_version(cls, name: str, stage: str | None = None) -> str:
        """Return the numerically highest version, of all or of those at a stage.

        Raises ValueError for an unknown stage, and where nothing is registered there.
        """
        check_stage(stage)
        versions = find_versions_at(cls.init_mlflow_client(), name, stage)
        if not versions:
            raise ValueError(not_registered(name, stage))
        return str(max(versions))

    @classmethod
    def compose_model_uri(
        cls, name: str, model_version: str | int | None = None, model_stage: str | None = None
    ) -> str:
        """Return `models:/{name}/{version}`: the version given, or the latest at the stage.

        Raises TypeError for a name that is no text, ValueError for a version that is not
        registered, or is not at the stage that is given too.
        """
        _check_wish(name, model_version, model_stage)
        if model_version is None:
            version = int(cls.get_model_latest_version(name, model_stage))
        else:
            version = cls._check_version(name, model_version, model_stage)
        return str(ModelsUri(name, version=version))

    @classmethod
    def is_model_version_registered(cls, name: str, version: str | int) -> bool:
        """Tell whether a version exists. A server that cannot be asked raises."""
        try:
            cls.init_mlflow_client().get_model_version(name, str(parse_version_number(version)))
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return False
            raise
        return True

    @classmethod
    def get_mlflow_registered_model(cls, name: str) -> RegisteredModel:
        """Return a registered model. Raises MlflowException where there is none."""
        return cls.init_mlflow_client().get_registered_model(name)

    @classmethod
    def get_model_download_source_uri(
        cls, name: str, model_version: str | int | None = None, model_stage: str | None = None
    ) -> str:
        """Return where the files of a version are; which version is said as for a model URI."""
        uri = cls.compose_model_uri(name, model_version, model_stage)
        version = uri.rpartition("/")[2]
        return cls.init_mlflow_client().get_model_version_download_uri(name, version)

    @classmethod
    def list_all_registered_models(cls) -> list[RegisteredModel]:
        """Return all registered models, by name."""
        return list(cls.init_mlflow_client().iter_registered_models())

    @classmethod
    def get_training_data_info(cls, run_id: str) -> list[dict[str, Any]]:
        """Return the data sets that a run was trained on, as dictionaries."""
        return describe_data(cls.init_mlflow_client().get_run(run_id))

    @classmethod
    def get_model_details(cls, name: str, version: str | int | None = None) -> dict[str, Any]:
        """Return a version, by default the latest, with its run's params, metrics and data."""
        number = cls.compose_model_uri(name, version).rpartition("/")[2]
        return describe_version_fully(cls.init_mlflow_client(), name, number)

    @classmethod
    def compare_models(
        cls, name1: str, version1: str | int, name2: str, version2: str | int
    ) -> dict[str, Any]:
        """Return two versions' params, metrics and data side by side, and what differs."""
        return compare_details(
            cls.get_model_details(name1, version1), cls.get_model_details(name2, version2)
        )

    @classmethod
    def _check_version(cls, name: str, given: str | int, stage: str | None) -> int:
        number = parse_version_number(given)
        if not cls.is_model_version_registered(name, number):
            raise ValueError(f"model '{name}' has no version {number}")
        if stage is not None:
            at_stage = find_versions_at(cls.init_mlflow_client(), name, stage)
            if number not in at_stage:
                latest = f"version {max(at_stage)}" if at_stage else "no version"
                raise ValueError(
                    f"model '{name}': version {number} is not at stage {stage}, {latest} is; "
                    "leave one of the two out"
                )
        return number


class MLFlowClientModelLoader(MLFlowClientModelAgent):
    """Loads models, from the cache where it has them, also while the server is away."""

    @classmethod
    def get_download_model_uri(
        cls,
        model_name: str,
        model_version: str | int | None = None,
        model_stage: str | None = None,
    ) -> str:
        """Return where the files of a version are; which version is said as for a model URI."""
        return cls.get_model_download_source_uri(model_name, model_version, model_stage)

    @classmethod
    def load_pyfunc_model(
        cls,
        model_name: str,
        model_version: str | int | None = None,
        model_stage: str | None = None,
    ) -> Any:  # noqa: ANN401 - models of all makers
        """Load a version as MLflow's `PyFuncModel`: `predict` checks against the signature.

        Raises ModelUnavailable, which says what each source said, where none has it.
        """
        return cls._load(model_name, model_version, model_stage, flavour="pyfunc")

    @classmethod
    def load_original_model(
        cls,
        model_name: str,
        model_version: str | int | None = None,
        model_stage: str | None = None,
    ) -> Any:  # noqa: ANN401 - models of all makers
        """Load a version as the object that its own library makes of it."""
        return cls._load(model_name, model_version, model_stage, flavour="native")

    @classmethod
    def _load(cls, name: str, version: str | int | None, stage: str | None, *, flavour: str) -> Any:  # noqa: ANN401 - models of all makers
        _check_wish(name, version, stage)
        loader = manager_of(cls.init_mlflow_client()).loader
        wanted = refer_to(name, version or stage or "latest")
        try:
            with loader.asking(wanted):
                meant = parse_reference(cls.compose_model_uri(name, version, stage))
        except PenstockError as error:
            if not is_absence(error):
                raise
            # The server is away: the cache knows what was meant when it last answered.
            return loader.load(wanted, flavour=flavour).model
        loaded = loader.load(meant, flavour=flavour)
        loader.note_meaning(wanted, meant)
        return loaded.model


def _check_wish(name: object, version: object, stage: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"the name of a model must be a text, not {name!r}")
    check_stage(stage)
    if version is not None:
        parse_version_number(version)


ModelDownloader = MLFlowClientModelLoader
"""The other name of the document."""
