"""What calls about runs and their metrics touch. Pure."""

from collections.abc import Iterable, Iterator

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import (
    find_field,
    invalid,
    list_objects,
    missing,
    string_member,
)
from penstock.gateway.proxy.targets.experiments import experiment_or_default
from penstock.gateway.proxy.targets.finder import (
    EDIT,
    READ,
    Finder,
    each,
    optional,
    references,
)
from penstock.gateway.proxy.targets.owner_tag import owner_tag, owner_tags
from penstock.gateway.proxy.targets.protected import (
    protected_input_tags,
    protected_metric,
    protected_metrics,
    protected_tag,
    protected_tags,
)


def run(level: Level) -> Finder:
    """Find the run `run_id`, or `run_uuid` in its older spelling; both must agree.

    Some calls of MLflow read either of the two, others `run_id` alone.
    """
    return Finder(
        f"{level.name} on the run `run_id`",
        lambda call: references(Named.RUN, [_run_id(call)], level),
    )


def _run_id(call: Call) -> str:
    return agreed_run_id(find_field(call, "run_id"), find_field(call, "run_uuid"))


def agreed_run_id(run_id: str | None, run_uuid: str | None) -> str:
    """Return the run that both spellings name. Raises RequestRefused (400)."""
    if run_id and run_uuid and run_id != run_uuid:
        raise invalid("run_uuid", "names another run than 'run_id'")
    either = run_id or run_uuid
    if either is None:
        raise missing("run_id")
    return either


def _members_of(name: str, field: str, named: Named, level: Level) -> Finder:
    def find(call: Call) -> Iterable[Reference]:
        objects = list_objects(call.document or {}, name)
        return references(named, (string_member(one, field) for one in objects), level)

    return Finder(f"{level.name} on each {named} of `{name}`, if any", find)


def _find_bulk_history(call: Call) -> Iterator[Reference]:
    # This call of MLflow's pages reads the query whatever the method, and all values.
    run_ids = [value for key, value in call.query if key == "run_id"]
    if not run_ids:
        raise missing("run_id")
    yield from references(Named.RUN, run_ids, READ)


run_creation = experiment_or_default(EDIT) & protected_tags
run_tag = run(EDIT) & owner_tag & protected_tag
metric = run(EDIT) & optional(Named.LOGGED_MODEL, "model_id", EDIT) & protected_metric
batch = (
    run(EDIT)
    & _members_of("metrics", "model_id", Named.LOGGED_MODEL, EDIT)
    & _members_of("metrics", "run_id", Named.RUN, EDIT)
    & owner_tags
    & protected_tags
    & protected_metrics
)
run_inputs = (
    run(EDIT) & _members_of("models", "model_id", Named.LOGGED_MODEL, READ) & protected_input_tags
)
run_outputs = run(EDIT) & _members_of("models", "model_id", Named.LOGGED_MODEL, EDIT)
bulk_history = Finder("READ on each run `run_id` of the query", _find_bulk_history)
interval_history = each(Named.RUN, "run_ids", READ)
