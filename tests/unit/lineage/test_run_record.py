"""What the tags of a run say of its resources."""

import pytest

from penstock.errors import LineageError
from penstock.lineage.node import NodeKind
from penstock.lineage.run_record import iso_moment, read_record
from penstock.rest.entities import Run, RunInfo

RUN = Run(RunInfo(run_id="r1", start_time=1000))


def record(**texts: str):
    return read_record(RUN, {name.replace("__", "."): text for name, text in texts.items()})


def test_entries_belong_to_the_longest_id_that_fits():
    """An id may begin like another one."""
    found = record(a__exists="True", a__b__exists="True", a__b__status="X", a__c="1", z__y="2")
    assert {"a": {"exists": "True", "c": "1"}, "a.b": {"exists": "True", "status": "X"}} == {
        name: dict(texts) for name, texts in found.resources.items()
    }


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        ({"a__resource_type": "dataset_version"}, NodeKind.DATASET),
        ({"a__resource_type": "model"}, NodeKind.MODEL_VERSION),
        ({"a__resource_type": "else", "a__status": "X"}, NodeKind.MODEL_VERSION),
        ({"a__hexsha": "abc"}, NodeKind.DATASET),
        ({}, NodeKind.RESOURCE),
    ],
)
def test_the_kind_is_told_or_guessed(texts, kind):
    """Runs of older trackers tell no types."""
    assert kind is record(a__exists="True", **texts).kind_of("a")


def test_predictions_are_known_by_their_name():
    """Also without a type."""
    found = record(m__exists="True", m_predictions__exists="True")
    assert ["m_predictions"] == found.list_kind(NodeKind.PREDICTION_JOB)


def test_a_marked_list_of_datasets_is_no_resource():
    """Older trackers mark it."""
    assert {"m"} == set(record(m__exists="True", m__dataset_versions__exists="True").resources)


def test_values_are_decoded():
    """And nothing is None."""
    found = record(m__exists="True", m__count="3")
    assert (3, "3", None, None) == (
        found.value("m", "count"),
        found.text("m", "count"),
        found.value("m", "else"),
        found.text("other", "count"),
    )
    assert "1970-01-01T00:00:01.000+00:00" == found.started


def test_times_are_told_in_iso_8601():
    """With their milliseconds, in UTC."""
    assert "2026-01-31T12:00:00.007+00:00" == iso_moment(1769860800007)


@pytest.mark.parametrize("milliseconds", [10**15, -(10**15), 2**63 - 1, 10**400])
def test_a_time_that_no_calendar_has_is_told(milliseconds):
    """With what to do: whoever makes a run may say any time."""
    with pytest.raises(LineageError, match=r"no calendar has; correct the run's start"):
        iso_moment(milliseconds)
