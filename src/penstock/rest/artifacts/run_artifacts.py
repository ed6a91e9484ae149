import os
import posixpath
from collections.abc import Iterable

from penstock.errors import MlflowException, NotMlflow, ServerTooOld
from penstock.rest.artifacts.download import Wanted, download
from penstock.rest.artifacts.listing import check_listing, walk
from penstock.rest.artifacts.paths import check_served, join_path, safe_path
from penstock.rest.artifacts.roots import ArtifactRoot
from penstock.rest.artifacts.store import ArtifactStore
from penstock.rest.entities import FileInfo, LoggedModelRecord, Run

NOT_FOUND = 404
NEVER_IN_MODEL_NAMES = set("/:.%\"'")


class RunArtifacts:
    """The artifacts of a run: listed by the server wherever they lie, read at their root."""

    def __init__(self, store: ArtifactStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._root_uri: str | None = None

    def children(self, path: str) -> list[FileInfo]:
        """Return the files and folders in a folder; nothing for a file."""
        check_served(path)
        answer = self._store.api.get(
            "mlflow/artifacts/list", run_id=self._run_id, path=path or None
        )
        self._root_uri = answer.one("root_uri", str)
        return check_listing(path, answer.many("files", FileInfo))

    @property
    def root(self) -> ArtifactRoot:
        """Return the root, which the last listing named."""
        if self._root_uri is None:
            return self._store.of_run(self._run_id)
        return self._store.open(self._root_uri)


class ModelOfRun:
    """A logged model of a run, which MLflow 3 shows as a folder among the run's artifacts."""

    def __init__(self, name: str, root: ArtifactRoot) -> None:
        self.name = name
        self.root = root

    def children(self, rest: str) -> list[FileInfo]:
        """Return the files and folders in a folder of the model, named as the run shows them."""
        return [
            FileInfo(join_path(self.name, file.path), file.is_dir, file.file_size)
            for file in self.root.children(rest)
        ]

    def wanted(self, rest: str) -> list[Wanted]:
        """Return what to download of a file or folder of the model."""
        found = plan(self.root, rest) or ([Wanted(self.root, rest, rest)] if rest else [])
        return [item._replace(local=join_path(self.name, item.local)) for item in found]


def list_run_artifacts(store: ArtifactStore, run_id: str, path: str) -> list[FileInfo]:
    """Return what lies in a folder of a run, its logged models included."""
    found = RunArtifacts(store, run_id).children(path)
    name, _, rest = path.partition("/")
    model = find_model_of_run(store, run_id, name)
    return found if model is None else found + model.children(rest)


def download_run_artifacts(
    store: ArtifactStore, run_id: str, path: str, *, dst_path: str | os.PathLike[str] | None
) -> str:
    """Download a file or folder of a run, its logged models included; return where it is now.

    As in MLflow, the destination gets the last part of the path, or what lies in a folder if the
    path ends with a slash; of a logged model it gets the whole path.
    """
    clean = safe_path(path)
    run = RunArtifacts(store, run_id)
    found = plan_run(run, clean)
    if found or not clean:
        holder, name = posixpath.split(path)
        of_run = [_below(safe_path(holder), item) for item in found]
        folder = download(of_run + _plan_model(store, run_id, clean), dst_path)
        return join_path(folder, name)
    name = posixpath.basename(clean)
    try:
        return join_path(download([Wanted(run.root, clean, name)], dst_path), name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        of_model = _plan_model(store, run_id, clean)
        if not of_model:
            raise
    return join_path(download(of_model, dst_path), clean)


def _plan_model(store: ArtifactStore, run_id: str, path: str) -> list[Wanted]:
    name, _, rest = path.partition("/")
    model = find_model_of_run(store, run_id, name)
    return [] if model is None else model.wanted(rest)


def _below(folder: str, item: Wanted) -> Wanted:
    return item._replace(local=item.local.removeprefix(f"{folder}/") if folder else item.local)


def plan_run(run: RunArtifacts, path: str) -> list[Wanted]:
    """Return what to download of a folder of a run; nothing if it holds nothing, or is a file."""
    found = list(walk(run, path))
    return _plan(found, run.root) if found else []


def plan(root: ArtifactRoot, path: str) -> list[Wanted]:
    """Return what to download of a folder; nothing if it holds nothing, or is a file."""
    return _plan(walk(root, path), root)


def _plan(found: Iterable[FileInfo], root: ArtifactRoot) -> list[Wanted]:
    return [
        Wanted(root, None if file.is_dir else file.path, file.path, file.file_size)
        for file in found
    ]


def find_model_of_run(store: ArtifactStore, run_id: str, name: str) -> ModelOfRun | None:
    """Return the logged model of this name that a run made, or None; older servers have none."""
    if not name or NEVER_IN_MODEL_NAMES & set(name):
        return None
    run = store.api.get("mlflow/runs/get", run_id=run_id).one("run", Run)
    try:
        found = store.api.post(
            "mlflow/logged-models/search",
            experiment_ids=[run.info.experiment_id],
            filter=f"name = '{name}' AND source_run_id = '{run_id}'",
        ).many("models", LoggedModelRecord)
    except (NotMlflow, ServerTooOld) as error:
        if error.get_http_status_code() == NOT_FOUND:
            return None
        raise
    return ModelOfRun(name, store.open(found[0].to_model().artifact_location)) if found else None
