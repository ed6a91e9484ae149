import logging
import os
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from penstock.errors import MlflowException, PenstockError
from penstock.models.cache.cache import ModelCache
from penstock.models.flavour_choice import FlavourLike
from penstock.models.loaded_model import LoadedModel
from penstock.models.loader import ModelLoader
from penstock.models.local_copies import LocalCopies
from penstock.models.model_data import ModelData, parse_model_data
from penstock.models.model_facts import Facts
from penstock.models.model_handle import ModelHandle, Version
from penstock.models.places import resolve_places
from penstock.models.registration import RegisteredVersion
from penstock.models.registry_entry import RegistryEntry, register
from penstock.models.sources.registry import describe, find_version
from penstock.models.station import (
    experiment_name,
    model_name,
    parse_given_version,
    version_tag,
)
from penstock.models.station_versions import VERSION_TAG, find_next_version, find_uri
from penstock.models.upload import FOLDER
from penstock.rest import MlflowClient
from penstock.uris import ModelsUri

_UNKNOWN: Final = "RESOURCE_DOES_NOT_EXIST"

TIMEOUT: Final = (3.0, 60.0)
"""Seconds to wait for the server before another source is asked: to connect, and to read."""


class ModelManager:
    """Registers and loads models; a cache and local copies stand in while the server is away.

    Connects with the first call that needs the server. Without `client` it makes one of the
    settings. `local_dir` is for copies of what is registered here, `cache_dir` for what is
    downloaded; where they are None, the settings tell, else the user's own folders are taken.
    """

    def __init__(
        self,
        namespace: str = "water-quality",
        *,
        local_dir: str | os.PathLike[str] | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        cache_bytes: int | None = None,
        client: MlflowClient | None = None,
    ) -> None:
        places = resolve_places(local_dir, cache_dir, cache_bytes)
        self.namespace = namespace
        self._given_client = client
        self._copies = LocalCopies(places.local_dir)
        self.loader = ModelLoader(
            lambda: self.client,
            realm=lambda: f"{self.client.tracking_uri} {self.client.registry_uri}",
            cache=ModelCache(places.cache_dir, most_bytes=places.cache_bytes),
            copies=self._copies,
        )

    @cached_property
    def client(self) -> MlflowClient:
        """The client of the server; made when first used. Raises ConfigurationError."""
        return self._given_client or MlflowClient(timeout=TIMEOUT, retries=1)

    def model(self, name: str) -> ModelHandle:
        """Return the registered model of any name."""
        return ModelHandle(name, self.loader)

    def load(self, uri: str | os.PathLike[str], *, flavour: FlavourLike = "pyfunc") -> LoadedModel:
        """Load the model that a `models:`, `runs:` or artifact URI, or the path of a folder, names.

        Raises ModelUnavailable that says what each source said.
        """
        return self.loader.load(uri, flavour=flavour)

    def register_model_in_mlflow(
        self, station_id: object, model_type: str, model_data: Mapping[str, Any]
    ) -> RegisteredVersion:
        """Log and register a model of a station, with its run, and keep a local copy.

        `model_data` holds `model`, and maybe `params`, `metrics`, `version`, `flavor`, `signature`,
        `input_example`, and as `options` those of the flavour's `save_model`: with
        `pip_requirements` among them, MLflow need not take seconds to find them out. Without a
        version it is the one after the highest. On any error the run ends FAILED, and nothing
        half-registered remains.
        """
        given = parse_model_data(model_data)
        tag = self._tag(given, station_id, model_type)
        name = self.model_name(station_id, model_type)
        entry = RegistryEntry(
            experiment_name(self.namespace, station_id),
            name,
            {
                "station_id": str(station_id),
                "model_type": model_type,
                VERSION_TAG: tag,
            },
        )
        with tempfile.TemporaryDirectory(prefix="penstock-") as place:
            folder = Path(place, FOLDER)
            version = register(self.client, entry, given, folder=folder)
            self._keep_copy(folder, version)
        return version

    def get_model_from_mlflow(
        self, station_id: object, model_type: str, version: Version = "latest"
    ) -> dict[str, Any] | None:
        """Return `model_name`, `version`, `model_uri`, `run_id`, `status`; None if not registered.

        `version` is a number, `"latest"` or None, `"@"` and an alias, a stage, or a semantic
        version.
        """
        name = self.model_name(station_id, model_type)
        try:
            found = find_version(self.client, find_uri(self.client, name, version))
        except MlflowException as error:
            if error.error_code != _UNKNOWN:
                raise
            return None
        return {
            "model_name": found.name,
            "version": found.version,
            "model_uri": str(ModelsUri(found.name, version=int(found.version))),
            "run_id": found.run_id or None,
            "status": found.status,
        }

    def load_model(
        self, station_id: object, model_type: str, *, flavour: FlavourLike = "pyfunc"
    ) -> LoadedModel:
        """Load the latest model of a station: from memory, the registry, the cache, a local copy.

        Whatever fails, the next source is asked. Raises ModelUnavailable that says what each said.
        """
        return self.model(self.model_name(station_id, model_type)).load(flavour=flavour)

    def get_model_info(self, station_id: object, model_type: str) -> Facts:
        """Return which `source` knows the latest model (`mlflow`, `cache`, `local`), and what.

        `name`, `version`, `uri`, `run_id`, `status`; of files here also `path`, `size` in bytes,
        `last_modified`. Raises ModelUnavailable where no source knows it.
        """
        return self.model(self.model_name(station_id, model_type)).info()

    def delete_model(self, station_id: object, model_type: str) -> bool:
        """Delete a station's model: from the registry, the cache and the local copies.

        Returns whether something was deleted. Raises when the server cannot be asked; then nothing
        was.
        """
        name = self.model_name(station_id, model_type)
        was_registered = self._delete_registered(name)
        self.loader.memory.forget(name)
        return any([was_registered, self.loader.forget(name), self._copies.remove(name)])

    def predict(self, station_id: object, model_type: str, data: Any) -> Any:  # noqa: ANN401 - whatever the model takes and returns
        """Return what the latest model of a station predicts."""
        return self.load_model(station_id, model_type).predict(data)

    def mlflow_api_call(
        self, endpoint: str, method: str = "GET", data: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 - JSON is any
        """Make any call of MLflow's API, as `MlflowClient.mlflow_api_call`."""
        return self.client.mlflow_api_call(endpoint, method, data)

    def model_name(self, station_id: object, model_type: str) -> str:
        """Return the name that a station's models of a type are registered under."""
        return model_name(self.namespace, station_id, model_type)

    def close(self) -> None:
        """End the connections of a client that was made here."""
        if self._given_client is None and "client" in vars(self):
            self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _tag(self, given: ModelData, station_id: object, model_type: str) -> str:
        if given.version is not None:
            return version_tag(model_type, parse_given_version(given.version), station_id)
        following = find_next_version(self.client, self.model_name(station_id, model_type))
        return version_tag(model_type, following, station_id)

    def _keep_copy(self, folder: Path, version: RegisteredVersion) -> None:
        try:
            found = self.client.get_model_version(version.name, version.version)
            self._copies.keep(folder, describe(self.client, found))
        except PenstockError as error:
            # What was asked for is done; only the last resort is missing.
            logging.getLogger("penstock.models").warning(
                "no local copy of %s is kept: %s", version.model_uri, error
            )

    def _delete_registered(self, name: str) -> bool:
        try:
            self.client.delete_registered_model(name)
        except MlflowException as error:
            if error.error_code != _UNKNOWN:
                raise
            return False
        return True
