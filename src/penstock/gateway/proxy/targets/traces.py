"""What calls about traces and their assessments touch. Pure."""

from collections.abc import Iterator

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import (
    find_field,
    get_field,
    list_objects,
    missing,
    object_member,
    string_member,
)
from penstock.gateway.proxy.targets.experiments import DEFAULT_EXPERIMENT, experiment_or_default
from penstock.gateway.proxy.targets.finder import (
    EDIT,
    READ,
    Finder,
    each,
    each_given,
    in_path,
    references,
    required,
)
from penstock.gateway.proxy.targets.trace_tags import pairs, tag_references


def trace(level: Level) -> Finder:
    """Find the trace `trace_id` of the path."""
    return in_path(Named.TRACE, "trace_id", level)


def request(level: Level) -> Finder:
    """Find the trace of the path where the second version of the API calls it a request."""
    return in_path(Named.TRACE, "request_id", level)


def _find_started(call: Call) -> Iterator[Reference]:
    found = object_member(object_member(call.document or {}, "trace"), "trace_info")
    place = object_member(object_member(found, "trace_location"), "mlflow_experiment")
    experiment_id = string_member(place, "experiment_id") or DEFAULT_EXPERIMENT
    yield Reference(Named.EXPERIMENT, experiment_id, EDIT)
    trace_id = string_member(found, "trace_id")
    if trace_id is None:
        raise missing("trace.trace_info.trace_id")
    # MLflow adds to a trace of this id that there is already, whichever its experiment.
    yield Reference(Named.NEW_TRACE, trace_id, EDIT)
    yield from tag_references(object_member(found, "tags").items())
    yield from _source_runs(object_member(found, "trace_metadata").get("mlflow.sourceRun"))


def _source_runs(run_id: object) -> list[Reference]:
    return references(Named.RUN, [run_id if isinstance(run_id, str) else None], READ)


def _find_tags(call: Call) -> Iterator[Reference]:
    yield from tag_references(pairs(list_objects(call.document or {}, "tags")))
    metadata = dict(pairs(list_objects(call.document or {}, "request_metadata")))
    yield from _source_runs(metadata.get("mlflow.sourceRun"))


def _find_tag(call: Call) -> Iterator[Reference]:
    value = find_field(call, "value")
    yield from tag_references([(get_field(call, "key"), value)])


def _find_prompts(call: Call) -> Iterator[Reference]:
    prompts = list_objects(call.document or {}, "prompt_versions")
    names = (string_member(prompt, "name") for prompt in prompts)
    yield from references(Named.REGISTERED_MODEL, names, READ)


def _find_file(call: Call) -> Iterator[Reference]:
    # This call of MLflow's pages reads the query whatever the method.
    request_id = call.argument("request_id")
    if not request_id:
        raise missing("request_id")
    yield Reference(Named.TRACE, request_id, READ)


_tags = Finder("READ on what tags and metadata point to", _find_tags)
_tag = Finder("READ on what the tag points to", _find_tag)
started_trace = Finder(
    "EDIT on the experiment of the trace, and on the trace if there is one of its id", _find_started
)
started_request = experiment_or_default(EDIT) & _tags
ended_request = request(EDIT) & _tags
trace_tag = trace(EDIT) & _tag
request_tag = request(EDIT) & _tag
traces = each(Named.TRACE, "trace_ids", READ) & each_given(Named.EXPERIMENT, "experiment_ids", READ)
one_trace = required(Named.TRACE, "trace_id", READ)
linked_run = required(Named.RUN, "run_id", EDIT) & each(Named.TRACE, "trace_ids", READ)
linked_prompts = required(Named.TRACE, "trace_id", EDIT) & Finder(
    "READ on each prompt of `prompt_versions`", _find_prompts
)
trace_file = Finder("READ on the trace `request_id` of the query", _find_file)
