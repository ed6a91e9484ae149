import posixpath
from functools import cached_property

from penstock.errors import MlflowException, NotMlflow
from penstock.rest._api import Api
from penstock.rest._artifact_listing import check_listing, walk
from penstock.rest._artifact_paths import join_path, safe_path
from penstock.rest._artifact_roots import ArtifactRoot, open_root
from penstock.rest._download import Wanted, download
from penstock.rest._sink import Sink
from penstock.rest.entities import FileInfo, LoggedModelRecord, Run

NOT_FOUND = 404
NEVER_IN_MODEL_NAMES = set("/:.%\"'")


class RunArtifacts:
    """The artifacts of a run: listed by the server wherever they lie, read at their root."""

    def __init__(self, api: Api, run_id: str) -> None:
        self._api = api
        self._run_id = run_id
        self._root_uri = ""

    def children(self, path: str) -> list[FileInfo]:
        """Return the files and folders in a folder; nothing for a file."""
        answer = self._api.get("mlflow/artifacts/list", run_id=self._run_id, path=path or None)
        self._root_uri = answer.one("root_uri", str)
        return check_listing(path, answer.many("files", FileInfo))

    def fetch(self, path: str, sink: Sink) -> None:
        """Write the content of one file to a sink. Something must have been listed before."""
        self._root.fetch(path, sink)

    @cached_property
    def _root(self) -> ArtifactRoot:
        return open_root(self._root_uri, self._api)


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


def list_run_artifacts(api: Api, run_id: str, path: str) -> list[FileInfo]:
    """Return what lies in a folder of a run, its logged models included."""
    found = RunArtifacts(api, run_id).children(path)
    name, _, rest = path.partition("/")
    model = find_model_of_run(api, run_id, name)
    return found if model is None else found + model.children(rest)


def download_run_artifacts(api: Api, run_id: str, path: str, *, dst_path: str | None) -> str:
    """Download a file or folder of a run, its logged models included; return where it is now.

    As in MLflow, the destination gets the last part of the path, or what lies in a folder if the
    path ends with a slash; of a logged model it gets the whole path.
    """
    clean = safe_path(path)
    run = RunArtifacts(api, run_id)
    found = plan(run, clean)
    if found or not clean:
        holder, name = posixpath.split(path)
        of_run = [_below(safe_path(holder), item) for item in found]
        folder = download(of_run + _plan_model(api, run_id, clean), dst_path)
        return join_path(folder, name)
    name = posixpath.basename(clean)
    try:
        return join_path(download([Wanted(run, clean, name)], dst_path), name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        of_model = _plan_model(api, run_id, clean)
        if not of_model:
            raise
    return join_path(download(of_model, dst_path), clean)


def _plan_model(api: Api, run_id: str, path: str) -> list[Wanted]:
    name, _, rest = path.partition("/")
    model = find_model_of_run(api, run_id, name)
    return [] if model is None else model.wanted(rest)


def _below(folder: str, item: Wanted) -> Wanted:
    return item._replace(local=item.local.removeprefix(f"{folder}/") if folder else item.local)


def plan(root: ArtifactRoot, path: str) -> list[Wanted]:
    """Return what to download of a folder; nothing if it holds nothing, or is a file."""
    return [
        Wanted(root, None if file.is_dir else file.path, file.path) for file in walk(root, path)
    ]


def find_model_of_run(api: Api, run_id: str, name: str) -> ModelOfRun | None:
    """Return the logged model of this name that a run made, or None; older servers have none."""
    if not name or NEVER_IN_MODEL_NAMES & set(name):
        return None
    run = api.get("mlflow/runs/get", run_id=run_id).one("run", Run)
    try:
        found = api.post(
            "mlflow/logged-models/search",
            experiment_ids=[run.info.experiment_id],
            filter=f"name = '{name}' AND source_run_id = '{run_id}'",
        ).many("models", LoggedModelRecord)
    except NotMlflow as error:
        if error.get_http_status_code() == NOT_FOUND:
            return None
        raise
    return (
        ModelOfRun(name, open_root(found[0].to_model().artifact_location, api)) if found else None
    )
