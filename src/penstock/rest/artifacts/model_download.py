from collections.abc import Collection

from penstock.errors import MlflowException
from penstock.rest.artifacts.download import Wanted, download
from penstock.rest.artifacts.paths import safe_path
from penstock.rest.artifacts.run_artifacts import RunArtifacts, find_model_of_run, plan, plan_run
from penstock.rest.artifacts.store import ArtifactStore
from penstock.uris import parse_runs_uri


def download_model_folder(
    store: ArtifactStore, uri: str, *, dst_path: str | None, only: Collection[str] | None = None
) -> str:
    """Download the folder that a `runs:/` or artifact URI names, and return the destination.

    With `only`, nothing but the files of these names in it.
    """
    wanted, path = _plan(store, uri)
    if not wanted:
        raise MlflowException(f"there are no files at '{uri}'", "RESOURCE_DOES_NOT_EXIST")
    below = [_below(path, item) for item in wanted]
    return download([one for one in below if only is None or one.local in only], dst_path)


def _plan(store: ArtifactStore, uri: str) -> tuple[list[Wanted], str]:
    if not uri.startswith("runs:"):
        return plan(store.open(uri), ""), ""
    try:
        named = parse_runs_uri(uri)
    except ValueError as error:
        raise MlflowException(str(error), "INVALID_PARAMETER_VALUE") from error
    path = safe_path(named.path)
    name, _, rest = path.partition("/")
    model = find_model_of_run(store, named.run_id, name)
    if model is None:
        return plan_run(RunArtifacts(store, named.run_id), path), path
    return plan(model.root, rest), rest


def _below(path: str, item: Wanted) -> Wanted:
    return item._replace(local=item.local.removeprefix(f"{path}/") if path else item.local)
