"""Servers of tomorrow: what this client does not know of yet does no harm."""

import json

import pytest

from penstock.rest._answer import Answer
from penstock.rest.entities import (
    Experiment,
    FileInfo,
    LoggedModelRecord,
    Metric,
    ModelVersion,
    RegisteredModel,
    Run,
)

NEW = {"future_field": {"nested": [1, None, "x"]}, "future_list": [], "future_number": "12"}
LABELS = [{"key": "k", "value": "v", **NEW}]
BODIES = {
    Experiment: {"experiment_id": "1", "tags": LABELS},
    Run: {
        "info": {"run_id": "a", "status": "FINISHED", **NEW},
        "data": {
            "metrics": [{"key": "m", "value": 1, **NEW}],
            "params": LABELS,
            "tags": LABELS,
            **NEW,
        },
        "inputs": {
            "dataset_inputs": [{"dataset": {"name": "d", "digest": "1", **NEW}, "tags": LABELS}],
            "model_inputs": [{"model_id": "m-1", **NEW}],
            **NEW,
        },
        "outputs": {"model_outputs": [{"model_id": "m-1", "step": "3", **NEW}], **NEW},
    },
    RegisteredModel: {
        "name": "n",
        "latest_versions": [{"name": "n", "version": "1", **NEW}],
        "aliases": [{"alias": "a", "version": "1", **NEW}],
        "tags": LABELS,
    },
    ModelVersion: {"name": "n", "version": "1", "tags": LABELS, "status": "STATUS_OF_TOMORROW"},
    LoggedModelRecord: {
        "info": {"model_id": "m-1", "status": "STATUS_OF_TOMORROW", "tags": LABELS, **NEW},
        "data": {"params": LABELS, "metrics": [{"key": "m", "value": "NaN", **NEW}], **NEW},
    },
    Metric: {"key": "m", "value": 1},
    FileInfo: {"path": "a", "file_size": "5"},
}


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_unknown_fields_are_ignored(kind):
    """On every level; what is known is read."""
    known, found = (
        Answer("GET", "/", 200, json.dumps({"thing": body}).encode()).one("thing", kind)
        for body in (BODIES[kind], {**BODIES[kind], **NEW})
    )
    assert repr(known) == repr(found)
