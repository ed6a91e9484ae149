"""Metadata on a real server: any value, any id, at once and for good."""

import math
from datetime import date

import numpy as np
import pytest

from contract.lineage.conftest import ODD_IDS
from penstock.errors import LineageError
from penstock.lineage.tag_key import LONGEST_KEY, LONGEST_TEXT

VALUES = [
    1,
    "1",
    1.5,
    None,
    True,
    "",
    " ",
    'it\'s "quoted"',
    "null",
    {"a": [1, {"b": None}], "ü": "模型"},
    "x" * LONGEST_TEXT,
    "模" * 9000,
    {"big": list(range(20_000))},
    {"$artifact": "metadata/none.txt"},
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
def test_a_value_comes_back_at_once_and_from_the_server(begin, value):
    """The tracker that logged it reads it at once, another one after it was stopped."""
    tracker = begin()
    model = tracker.create_resource("model", type="model_version")
    tracker.log_metadata(model, "value", value)
    assert value == tracker.get_metadata(model, "value")
    tracker.stop()

    found = begin().get_metadata(model, "value")
    assert (type(value), value) == (type(found), found)


def test_what_json_has_no_word_for_comes_back_as_what_is_closest(begin):
    """Numbers of NumPy and what is none as numbers, dates as texts; also through the server."""
    tracker = begin()
    model = tracker.create_resource("model")
    numbers = {"share": np.float32(0.5), "long": np.longdouble(0.5), "none": math.nan}
    tracker.update_resource(model, {**numbers, "day": date(2026, 1, 31)})
    tracker.stop()
    later = begin()
    assert (0.5, 0.5, "2026-01-31") == tuple(
        later.get_metadata(model, key) for key in ("share", "long", "day")
    )
    assert math.isnan(later.get_metadata(model, "none"))


@pytest.mark.parametrize("odd", ODD_IDS, ids=lambda odd: odd[:12])
def test_any_text_is_an_id(begin, odd):
    """It is kept, found again as the previous version, and drawn."""
    first = begin()
    model = first.create_resource(odd, type="model_version")
    first.log_metadata(model, odd, odd)
    first.log_tag(model, "status", "DEPLOYED")
    first.stop()

    second = begin()
    version = second.create_resource(odd, type="model_version")
    previous = second.get_prev_resource_version(version)
    assert first.run.info.run_id == previous[1].info.run_id
    assert odd == second.get_metadata(previous, odd)
    status = f"tags.{second.get_resource_id(version)}.status = 'DEPLOYED'"
    assert 1 == len(second.get_prev_resource_version(version, extra_filters=[status], num=5))
    experiment = second.create_resource(None, type="experiment", parent=version)
    assert second.get_resource_id(version) == second.get_parent_id(experiment, "experiment")
    assert second.get_resource_id(version) in second.lineage(version).to_text()


def test_plain_texts_are_plain_in_mlflows_pages(tracker, client):
    """With keys and values that one can search for."""
    model = tracker.create_resource("model", type="model_version")
    tracker.log_metadata(model, "status", "REGISTERED")
    tracker.update_resource(model, {"owner": "ada", "rows": 3})
    tracker.stop()
    tags = client.get_run(tracker.run.info.run_id).data.tags
    assert ("True", "REGISTERED", "True", "ada", "3") == tuple(
        tags[key]
        for key in ("model.exists", "model.status", "parent_run", "model.owner", "model.rows")
    )


def test_keys_are_verbatim_but_for_what_mlflow_refuses(tracker, client):
    """That is escaped; of what is too long the full text stands in a tag beside it."""
    keys = {
        "my-model.v1 b/c:d_e": "my-model.v1 b/c:d_e",
        "modèle 模型": "modèle 模型",
        'it\'s "50%" `off` \U0001f600': "it_x27_s _x22_50_x25__x22_ _x60_off_x60_ _x1f600_",
        "_x22_": "_x5f_x22_",
    }
    for text in keys:
        tracker.log_tag(("model", tracker.run), text, text)
    tracker.create_resource("x" * 300)
    tracker.stop()
    tags = client.get_run(tracker.run.info.run_id).data.tags
    assert {f"model.{key}": text for text, key in keys.items()} == {
        key: text for key, text in tags.items() if key.startswith("model.")
    }
    marked, beside = sorted(key for key in tags if key.startswith("x"))
    assert ("True", f"{'x' * 300}.exists", f"{marked}.key") == (tags[marked], tags[beside], beside)
    assert marked.startswith("x" * 200)
    assert len(beside) <= LONGEST_KEY


def test_params_are_params_too_unless_that_would_change_one(tracker, client):
    """MLflow refuses another value of a param; the metadata has it all the same."""
    model = tracker.create_resource("model")
    tracker.log_metadata(model, "training_params", {"C": 1, "deep": {"a": None}})
    tracker.log_metadata(model, "training_params", {"C": 2, "new (odd)": "x" * 7000})
    tracker.log_metadata(model, "param_of_text", "no dictionary")
    tracker.log_metadata(model, "config", {"E": "of no params"})
    tracker.stop()
    assert {"C": 2, "new (odd)": "x" * 7000} == tracker.get_metadata(model, "training_params")
    params = client.get_run(tracker.run.info.run_id).data.params
    assert {"C": "1", "deep": "{'a': None}"} == params
    assert [] == tracker.client.failures


def test_params_that_others_logged_are_known(tracker, begin, client):
    """Also to a tracker that did not begin the run."""
    model = tracker.create_resource("model")
    client.log_param(tracker.run.info.run_id, "C", 1)
    other = begin()
    other.log_metadata(model, "params", {"C": 2, "D": 3})
    other.stop()
    assert {"C": "1", "D": "3"} == client.get_run(tracker.run.info.run_id).data.params


def test_tags_are_texts(tracker):
    """Whatever they look like; what is not there is None."""
    model = tracker.create_resource("model")
    tracker.log_tag(model, "digits", "0123")
    tracker.log_tag(model, "number", 7)
    tracker.log_tag(model, "long", "y" * 9000)
    assert ("0123", "7", "y" * 9000, None) == tuple(
        tracker.get_tag(model, key) for key in ("digits", "number", "long", "missing")
    )
    assert tracker.get_metadata(model, "missing") is None


def test_what_the_server_refuses_is_said(tracker, client):
    """Not swallowed: by the next read that asks the server, or by stop."""
    model = tracker.create_resource("model")
    experiment = tracker.create_resource(None, type="experiment", parent=model)
    client.delete_run(experiment[1].info.run_id)
    tracker.log_metadata(experiment, "value", 1)
    with pytest.raises(LineageError, match="refused"):
        tracker.get_metadata(model, "something else")
    client.restore_run(experiment[1].info.run_id)
