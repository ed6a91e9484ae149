"""Two models side by side."""

from penstock.models.comparison import compare_details


def described(**parts: object) -> dict[str, object]:
    return {"name": "churn", "version": "1", "params": {}, "metrics": {}, "data": [], **parts}


def used(name: str, digest: str, context: str | None = None) -> dict[str, str | None]:
    return {"name": name, "digest": digest, "context": context}


def test_what_one_has_and_the_other_has_not_differs():
    """It is None there."""
    found = compare_details(described(params={"a": "1", "b": "2"}), described(params={"a": "1"}))
    assert {"a": ["1", "1"], "b": ["2", None]} == found["params"]
    assert {"params": ["b"], "metrics": [], "data": []} == found["different"]


def test_data_of_one_name_stay_apart():
    """By what they were used for; and all states of one are told."""
    first = [used("wells", "d1", "training"), used("wells", "d2", "testing"), used("x", "d3")]
    second = [used("wells", "d1", "training"), used("wells", "d4", "training")]
    found = compare_details(described(data=first), described(data=second))
    assert {
        "wells (training)": ["d1", "d1, d4"],
        "wells (testing)": ["d2", None],
        "x": ["d3", None],
    } == found["data"]


def test_a_metric_that_is_no_number_is_the_same_as_another():
    """Although NaN is not equal to itself."""
    nan = described(metrics={"rmse": float("nan")})
    assert [] == compare_details(nan, nan)["different"]["metrics"]


def test_a_model_without_a_name_is_told_by_its_uri():
    """As one of a run is."""
    of_run = described(name=None, version=None, uri="runs:/r/model")
    assert ["runs:/r/model", "churn/1"] == compare_details(of_run, described())["models"]
