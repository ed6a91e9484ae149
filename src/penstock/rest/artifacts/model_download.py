from penstock.errors import MlflowException
from penstock.rest._api import Api
from penstock.rest._artifact_paths import safe_path
from penstock.rest._artifact_roots import ArtifactRoot, open_root
from penstock.rest._download import Wanted, download
from penstock.rest._run_artifacts import RunArtifacts, find_model_of_run, plan
from penstock.uris import parse_runs_uri


def download_model_folder(api: Api, uri: str, *, dst_path: str | None) -> str:
    """Download the folder that a `runs:/` or artifact URI names, and return the destination."""
    root, path = _open(api, uri)
    wanted = plan(root, path)
    if not wanted:
        raise MlflowException(f"there are no files at '{uri}'", "RESOURCE_DOES_NOT_EXIST")
    return download([_below(path, item) for item in wanted], dst_path)


def _open(api: Api, uri: str) -> tuple[ArtifactRoot, str]:
    if not uri.startswith("runs:"):
        return open_root(uri, api), ""
    try:
        named = parse_runs_uri(uri)
    except ValueError as error:
        raise MlflowException(str(error), "INVALID_PARAMETER_VALUE") from error
    path = safe_path(named.path)
    name, _, rest = path.partition("/")
    model = find_model_of_run(api, named.run_id, name)
    return (RunArtifacts(api, named.run_id), path) if model is None else (model.root, rest)


def _below(path: str, item: Wanted) -> Wanted:
    return item._replace(local=item.local.removeprefix(f"{path}/") if path else item.local)
