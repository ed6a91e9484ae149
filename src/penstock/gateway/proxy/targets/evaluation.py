"""What calls about scorers, issues, label schemas and review queues touch. Pure."""

import json
from collections.abc import Iterator

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import (
    find_field,
    get_field,
    invalid,
    list_field,
)
from penstock.gateway.proxy.targets.experiments import experiment
from penstock.gateway.proxy.targets.finder import (
    EDIT,
    READ,
    Finder,
    each,
    each_given,
    in_path,
    optional,
    references,
    required,
    reserved,
)


def issue(level: Level) -> Finder:
    """Find the issue of the path."""
    return in_path(Named.ISSUE, "issue_id", level)


def label_schema(level: Level) -> Finder:
    """Find the label schema `schema_id`."""
    return required(Named.LABEL_SCHEMA, "schema_id", level)


def review_queue(level: Level) -> Finder:
    """Find the review queue `queue_id`."""
    return required(Named.REVIEW_QUEUE, "queue_id", level)


def _find_issues(call: Call) -> Iterator[Reference]:
    experiment_id = find_field(call, "experiment_id")
    yield from references(Named.EXPERIMENT, [experiment_id], READ)
    if experiment_id is None:
        yield reserved("the issues of all experiments; give `experiment_id`")


def _find_scorers(call: Call) -> Iterator[Reference]:
    ids = [find_field(call, "experiment_id"), *list_field(call, "experiment_ids")]
    yield from references(Named.EXPERIMENT, ids, READ)
    if not any(ids):
        yield reserved("the scorers of all experiments; give `experiment_id`")


def _find_registered_scorer(call: Call) -> Iterator[Reference]:
    try:
        scorer = json.loads(get_field(call, "serialized_scorer"))
    except (ValueError, RecursionError) as error:
        raise invalid("serialized_scorer", "must be JSON") from error
    if any(text.strip().lower().startswith("gateway:") for text in _texts(scorer)):
        # MLflow would call the endpoint, and spend its secret, in the scorer's name.
        yield reserved("a scorer on an endpoint of the AI gateway")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


issue_creation = experiment(EDIT) & optional(Named.RUN, "source_run_id", READ)
issue_search = Finder("READ on the experiment `experiment_id`", _find_issues)
scorer_list = Finder("READ on the experiments `experiment_id` and `experiment_ids`", _find_scorers)
scorer_registration = experiment(EDIT) & Finder(
    "administrators for an endpoint of the AI gateway", _find_registered_scorer
)
scorer_configs = each(Named.SCORER_CONFIGS, "scorer_ids", READ)
review_queue_creation = experiment(EDIT) & each_given(Named.LABEL_SCHEMA, "schema_ids", READ)
review_queue_update = review_queue(EDIT) & each_given(Named.LABEL_SCHEMA, "schema_ids", READ)
review_queue_list = experiment(READ) & optional(Named.TRACE, "item_id", READ)
added_items = review_queue(EDIT) & each_given(Named.TRACE, "item_ids", READ)
