"""Ids of resources, experiments and prediction jobs."""

import pytest

from penstock.errors import LineageError
from penstock.lineage.resource import (
    experiment_id,
    find_parent_id,
    is_prediction_id,
    model_id_of,
    place_of,
    prediction_id,
    resource_id,
    run_of,
    split_experiment_id,
)
from penstock.rest.entities import Run, RunInfo

RUN = Run(RunInfo(run_id="r1"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("model", "model"),
        ("my model.v1", "my model.v1"),
        ("/d/x.train.csv", "x_train"),
        ("s3://bucket/raw.data.parquet", "raw_data"),
        ("/", "/"),
    ],
)
def test_a_path_gives_its_stem(given, expected):
    """All other ids stay as they are."""
    assert expected == resource_id((given, RUN)) == resource_id(given)


@pytest.mark.parametrize("given", [None, 3, "", ("", RUN), (None, RUN), ("a",), RUN])
def test_what_is_no_resource_is_refused(given):
    """The message says what one is."""
    with pytest.raises(LineageError, match=r"pair \(id, run\)|a text that is not empty"):
        resource_id(given)


@pytest.mark.parametrize("given", ["model", ("model", None), ("model", "r1")])
def test_a_resource_without_its_run_has_no_place(given):
    """A missing run is said at once, not when it is written to."""
    with pytest.raises(LineageError, match="create_resource"):
        run_of(given)


def test_names_of_tags_begin_with_the_id():
    """As the contract with other trackers says."""
    assert "x_train.status" == place_of(("/d/x.train.csv", RUN)).name("status")


def test_experiments_are_found_below_ids_with_dots():
    """Ids of runs have none."""
    assert ("abc", "my.model.v1") == split_experiment_id(experiment_id("abc", "my.model.v1"))


@pytest.mark.parametrize(
    ("resource", "kind", "expected"),
    [
        (("r1.my.model", RUN), "experiment", "my.model"),
        (("r1.my.model", RUN), None, "my.model"),
        ("r1.my.model", "experiment", "my.model"),
        (("my.model", RUN), None, None),
        (("my.model", RUN), "model_version", None),
        ("r1.my.model", None, None),
    ],
)
def test_only_experiments_have_a_parent(resource, kind, expected):
    """With the type, or by the run that their id begins with."""
    assert expected == find_parent_id(resource, kind)


@pytest.mark.parametrize("text", ["abc", ".x", "abc."])
def test_what_is_no_experiment_is_refused(text):
    """With the form that one has."""
    with pytest.raises(LineageError, match="<run id>"):
        split_experiment_id(text)


def test_prediction_jobs_are_named_for_their_model():
    """And the way back."""
    assert "m_predictions" == prediction_id("m")
    assert "m" == model_id_of("m_predictions") == model_id_of("m")
    assert [True, False, False] == [
        is_prediction_id(name) for name in ("m_predictions", "m", "_predictions")
    ]
