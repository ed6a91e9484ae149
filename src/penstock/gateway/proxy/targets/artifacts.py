"""What calls about files touch: those of runs, and paths in MLflow's own artifact store. Pure.

A path in the store belongs to nobody by itself. It is looked up as a location, which belongs to
the run, logged model or trace whose root it lies below; all else is for administrators.
"""

from collections.abc import Iterator

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import find_field, get_field, invalid, missing
from penstock.gateway.proxy.targets.finder import EDIT, READ, Finder
from penstock.gateway.proxy.targets.runs import agreed_run_id

STORE = "mlflow-artifacts:/"


def stored(level: Level) -> Finder:
    """Find the file of the path in the store."""

    def find(call: Call) -> Iterator[Reference]:
        yield Reference(Named.LOCATION, STORE + call.parameters["artifact_path"], level)

    return Finder(f"{level.name} on what the path belongs to", find)


def _find_part(call: Call) -> Iterator[Reference]:
    yield from stored(EDIT)(call)
    name = get_field(call, "path").replace("\\", "/").rpartition("/")[2]
    if name in {"", ".", ".."}:
        raise invalid("path", "must name a file")


def _find_listed(call: Call) -> Iterator[Reference]:
    yield Reference(Named.LOCATION, STORE + (find_field(call, "path") or ""), READ)


def _find_presigned_upload(call: Call) -> Iterator[Reference]:
    run_id, model_id = find_field(call, "run_id"), find_field(call, "model_id")
    if run_id:
        yield Reference(Named.RUN, run_id, EDIT)
    if model_id:
        yield Reference(Named.LOGGED_MODEL, model_id, EDIT)
    if not (run_id or model_id):
        raise missing("run_id")


def _query_run(level: Level) -> Finder:
    """Find the run of the query; these calls of MLflow's pages read it whatever the method."""

    def find(call: Call) -> Iterator[Reference]:
        run_id = agreed_run_id(call.argument("run_id") or None, call.argument("run_uuid") or None)
        yield Reference(Named.RUN, run_id, level)

    return Finder(f"{level.name} on the run `run_id` or `run_uuid` of the query", find)


stored_part = Finder("EDIT on what the path belongs to", _find_part)
listed = Finder("READ on what `path` belongs to", _find_listed)
presigned_upload = Finder("EDIT on the run `run_id` or the logged model", _find_presigned_upload)
run_file = _query_run(READ)
uploaded_file = _query_run(EDIT)
