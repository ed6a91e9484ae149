import logging
import shutil
import tempfile
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

from penstock.errors import CacheError, MlflowException, ModelUnavailable
from penstock.models.cache.cache import ModelCache
from penstock.models.cache.entry import OpenEntry
from penstock.models.flavour_choice import FlavourLike
from penstock.models.loaded import load_model
from penstock.models.loaded_model import LoadedModel, SourceName
from penstock.models.mlmodel import MLMODEL, read_mlmodel
from penstock.models.reference import Kind, ModelReference
from penstock.models.resolution import Resolution, make_key
from penstock.models.sources.memory import Held, MemorySource
from penstock.models.sources.question import Question
from penstock.rest import MlflowClient
from penstock.rest.entities import ModelVersion
from penstock.uris import ModelsUri, parse_runs_uri

FAILED = "FAILED_REGISTRATION"


class RegistrySource:
    """The server: says what a reference means, and has the files."""

    name = SourceName.MLFLOW

    def __init__(
        self, client: Callable[[], MlflowClient], cache: ModelCache, memory: MemorySource
    ) -> None:
        self._client = client
        self._cache = cache
        self._memory = memory

    def load(self, question: Question) -> LoadedModel:
        """Return the model that the server means, downloaded if need be."""
        resolution = question.asked
        if question.reference.kind is Kind.PLACE:
            return self._load_uncached(resolution, question.flavour).answer(self.name)
        try:
            entry = self.open(resolution)
        except CacheError as error:
            _warn_of_cache(error)
            return self._load_uncached(resolution, question.flavour).answer(self.name)
        return self._memory.hold(entry, resolution, question.flavour).answer(self.name)

    def resolve(self, reference: ModelReference) -> Resolution:
        """Ask the server what a reference means. Raises MlflowException, or ModelUnavailable.

        That is one request for a version, an alias, a stage or the latest version.
        """
        if reference.kind is Kind.FOLDER:
            raise ModelUnavailable(f"{reference} is on this machine, and nothing that a server has")
        client = self._client()
        uri = reference.models_uri
        if uri is not None:
            if uri.model_id is not None:
                return _of_logged(client, uri.model_id)
            return describe(client, find_version(client, uri))
        return self._of_place(client, reference)

    def open(self, resolution: Resolution) -> OpenEntry:
        """Open the cache's entry of a model, downloaded if need be. Raises CacheError."""
        return self._cache.get(resolution, partial(self.download, resolution))

    def download(self, resolution: Resolution, folder: Path) -> str:
        """Download the files of a model into a folder, past the cache; return it."""
        return self._client().download_model(resolution.source, str(folder))

    def _load_uncached(self, resolution: Resolution, flavour: FlavourLike) -> Held:
        """Load a model from a folder that goes with it."""
        place = tempfile.mkdtemp(prefix="penstock-")
        try:
            folder = Path(place, "model")
            self.download(resolution, folder)
            held = Held(load_model(folder, flavour=flavour), resolution, folder)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        try:
            weakref.finalize(held.model, shutil.rmtree, place, ignore_errors=True)
        except TypeError:
            weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
        return held

    def _of_place(self, client: MlflowClient, reference: ModelReference) -> Resolution:
        if reference.kind is Kind.PLACE:
            key = make_key(client.tracking_uri, reference)
            return Resolution(key, reference.text, reference.text)
        return _of_run(client, reference)


def find_version(client: MlflowClient, uri: ModelsUri) -> ModelVersion:
    """Return the version that a URI means, by one request. Raises MlflowException."""
    name = uri.name or ""
    if uri.version is not None:
        return _ready(client.get_model_version(name, str(uri.version)))
    if uri.alias is not None:
        return _ready(_find_by_alias(client, name, uri.alias))
    found = client.get_latest_versions(name, None if uri.stage is None else [uri.stage])
    usable = [version for version in found if version.status != FAILED]
    if not usable:
        where = f" in stage '{uri.stage}'" if uri.stage else ""
        raise MlflowException(
            f"the registered model '{name}' has no version{where}", "RESOURCE_DOES_NOT_EXIST"
        )
    return max(usable, key=lambda version: int(version.version))


def _find_by_alias(client: MlflowClient, name: str, alias: str) -> ModelVersion:
    try:
        return client.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        # MLflow has another code for an alias that is unknown than for all else that is.
        if error.error_code == "INVALID_PARAMETER_VALUE" and "not found" in error.message:
            raise MlflowException(error.message, "RESOURCE_DOES_NOT_EXIST") from error
        raise


def describe(client: MlflowClient, version: ModelVersion) -> Resolution:
    """Return which files a version is. A name can be given away again, with the same numbers."""
    made = (version.creation_timestamp, version.source, version.run_id)
    uri = str(ModelsUri(version.name, version=int(version.version)))
    return Resolution(
        key=make_key(client.registry_uri, version.name, version.version, *made),
        source=uri,
        model_uri=uri,
        name=version.name,
        version=version.version,
        run_id=version.run_id or None,
        status=version.status,
    )


def _ready(version: ModelVersion) -> ModelVersion:
    if version.status == FAILED:
        raise MlflowException(
            f"version {version.version} of '{version.name}' could not be registered: "
            f"{version.status_message or version.status}",
            "INVALID_STATE",
        )
    return version


def _of_logged(client: MlflowClient, model_id: str) -> Resolution:
    # Its files stay as they are, so that nothing need be asked.
    uri = str(ModelsUri(model_id=model_id))
    return Resolution(make_key(client.tracking_uri, uri), uri, uri)


def _of_run(client: MlflowClient, reference: ModelReference) -> Resolution:
    """Tell which model a folder of a run holds now: saving gives each one an id of its own."""
    uri = parse_runs_uri(reference.text)
    with tempfile.TemporaryDirectory(prefix="penstock-") as folder:
        path = client.download_artifacts(uri.run_id, f"{uri.path}/{MLMODEL}".lstrip("/"), folder)
        found = read_mlmodel(Path(path).parent)
    made = (found.model_uuid, found.utc_time_created)
    key = make_key(client.tracking_uri, reference, *made)
    return Resolution(key, reference.text, reference.text, run_id=uri.run_id)


def _warn_of_cache(error: CacheError) -> None:
    logging.getLogger("penstock.models").warning("%s; loading without the cache", error)
