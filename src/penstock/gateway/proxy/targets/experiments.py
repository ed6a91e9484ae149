"""What calls about experiments touch. Pure."""

from collections.abc import Iterator

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import find_field, get_field
from penstock.gateway.proxy.targets.finder import (
    EDIT,
    MANAGE,
    READ,
    Finder,
    each,
    required,
    reserved,
)
from penstock.gateway.proxy.targets.owner_tag import owner_tag
from penstock.gateway.proxy.targets.protected import protected_tag, protected_tags

DEFAULT_EXPERIMENT = "0"
"""Where MLflow puts what names no experiment."""


def experiment(level: Level) -> Finder:
    """Find the experiment `experiment_id`, which must be given."""
    return required(Named.EXPERIMENT, "experiment_id", level)


def experiments(level: Level) -> Finder:
    """Find the experiments `experiment_ids`, at least one."""
    return each(Named.EXPERIMENT, "experiment_ids", level)


def experiment_or_default(level: Level) -> Finder:
    """Find the experiment `experiment_id`, or MLflow's default one where none is given."""

    def find(call: Call) -> Iterator[Reference]:
        name = find_field(call, "experiment_id") or DEFAULT_EXPERIMENT
        yield Reference(Named.EXPERIMENT, name, level)

    return Finder(f"{level.name} on the experiment `experiment_id`, without it on 0", find)


def _find_creation(call: Call) -> Iterator[Reference]:
    yield Reference(Named.NEW_EXPERIMENT, get_field(call, "name"), MANAGE)
    if find_field(call, "artifact_location"):
        # Any folder or bucket that MLflow can reach, other experiments' too.
        yield reserved("an `artifact_location` of one's own")


def _find_rename(call: Call) -> Iterator[Reference]:
    yield Reference(Named.EXPERIMENT, get_field(call, "experiment_id"), MANAGE)
    yield Reference(Named.NEW_EXPERIMENT, get_field(call, "new_name"), MANAGE)


experiment_by_name = required(Named.EXPERIMENT_NAME, "experiment_name", READ)
experiment_creation = (
    Finder("the right to create `name`; administrators for an `artifact_location`", _find_creation)
    & protected_tags
)
experiment_tag = experiment(EDIT) & protected_tag & owner_tag
experiment_rename = Finder(
    "MANAGE on the experiment `experiment_id`; the right to create `new_name`", _find_rename
)
