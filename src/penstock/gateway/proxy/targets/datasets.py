"""What calls about evaluation data sets touch. Pure.

A data set belongs to all experiments that it is linked to, and takes the level on each of them;
one that is linked to none is for administrators.
"""

from collections.abc import Iterator

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import list_field
from penstock.gateway.proxy.targets.finder import (
    EDIT,
    Finder,
    each,
    in_path,
    references,
    reserved,
)


def dataset(level: Level) -> Finder:
    """Find the data set of the path."""
    return in_path(Named.DATASET, "dataset_id", level)


def _find_creation(call: Call) -> Iterator[Reference]:
    experiment_ids = list_field(call, "experiment_ids")
    yield from references(Named.EXPERIMENT, experiment_ids, EDIT)
    if not any(experiment_ids):
        yield reserved("a data set without an experiment; give `experiment_ids`")


dataset_creation = Finder("EDIT on each experiment of `experiment_ids`", _find_creation)
linked_dataset = dataset(EDIT) & each(Named.EXPERIMENT, "experiment_ids", EDIT)
