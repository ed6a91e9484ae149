"""Lists of runs: which, in what order, with what, at what cost."""

import math

import pytest

from contract.rollout.sides import one_way
from contract.rollout.workplace import Workplace, counted
from penstock.rest.entities import Metric
from penstock.rollout import ModelStatus, list_runs
from penstock.rollout.mlflow_api import canary_run, disable_run, enable_run

ODD = ["it's", 'the "best"', "`tick`", "100%", "a\\b", "both '\" here", "日本 ü", "x = 'y'", ""]


def versions_of(place: Workplace, asked: object) -> list[str]:
    found = list_runs(asked, experiment_id=place.experiment_id, client=place.client)
    return sorted(str(run.version) for run in found)


def test_versions_are_matched_number_by_number(place):
    """All three parts of a version; ranges and wildcards too."""
    for version in ("1.4.2", "1.4.20", "1.14.2", "11.4.2", "1.5.0", "2.0.0"):
        place.add_run(version)
    assert ["1.4.2"] == versions_of(place, "1.4.2") == versions_of(place, (1, 4, 2))
    assert ["1.4.2", "1.4.20"] == versions_of(place, "1.4.*")
    assert ["1.14.2", "1.4.2", "1.4.20", "1.5.0"] == versions_of(place, "1.*")
    assert ["1.14.2", "1.5.0", "2.0.0"] == versions_of(place, ">=1.5,<3")
    assert 6 == len(versions_of(place, None)) == len(versions_of(place, "*"))
    assert [] == versions_of(place, "9.9.9")
    for wrong in ("1.4", "v1.4.2", "latest", ">=1.5,<1", ""):
        with pytest.raises(ValueError, match="version"):
            versions_of(place, wrong)


def test_runs_come_newest_first_with_all_that_is_known(place):
    """Version, status, fraction, metadata, times."""
    first = place.add_run(immutable={"team": "a"}, mutable={"note": "1"})
    second = place.add_run()
    enable_run(first, client=place.client)
    found = list_runs(**place.scope)
    assert [second, first] == [run.run_id for run in found]
    run, info = found[1], place.plain.get_run(first).info
    assert (place.experiment_id, place.name, "1.4.2") == (
        run.experiment_id,
        run.submodel_name,
        str(run.version),
    )
    assert (ModelStatus.Active, 1.0, {"team": "a"}) == (
        run.status,
        run.fraction,
        run.immutable_metadata,
    )
    assert {"note": "1"} == {
        key: value for key, value in run.mutable_metadata.items() if key == "note"
    }
    assert (info.start_time, info.end_time) == (run.start_time, run.end_time)
    assert f"runs:/{first}/model" == run.model_uri


@one_way
@pytest.mark.parametrize("value", ODD)
def test_metadata_are_matched_literally(place, value):
    """Mutable and immutable ones, whatever stands in them."""
    here = place.add_run(immutable={"a b/c": value}, mutable={"d.e-f": value})
    place.add_run(immutable={"a b/c": value + "x"}, mutable={"d.e-f": value + "x"})
    place.add_run()
    for asked in (
        {"extra_immutable_metadata": {"a b/c": value}},
        {"extra_mutable_metadata": {"d.e-f": value}},
        {"extra_immutable_metadata": {"a b/c": value}, "extra_mutable_metadata": {"d.e-f": value}},
    ):
        assert [here] == [run.run_id for run in list_runs(**place.scope, **asked)]
    assert [] == list_runs(**place.scope, extra_mutable_metadata={"a b/c": value})
    assert [] == list_runs(**place.scope, extra_mutable_metadata={"no 'such` key": value})


def test_a_status_is_matched_by_the_plan(place):
    """Not by what a run says of itself."""
    new, active, canary, off = place.add_runs(4)
    enable_run(active, client=place.client)
    canary_run(canary, client=place.client)
    disable_run(off, client=place.client)
    place.plain.log_metric(new, "active_state", 2, step=99)
    expected = {"Active": {active}, "Canary": {canary}, "Disabled": {off, new}, "New": set()}
    for status in ModelStatus:
        found = list_runs(**place.scope, active_state=status)
        assert expected[status.name] == {run.run_id for run in found}


def test_what_is_no_run_of_a_rollout_is_left_out(place):
    """Half saved, deleted, without a version, or of one that is none."""
    good, deleted = place.add_runs(2)
    place.plain.delete_run(deleted)
    place.plain.create_run(place.experiment_id)
    half = place.plain.create_run(place.experiment_id).info.run_id
    odd = place.plain.create_run(place.experiment_id).info.run_id
    for run_id, micro in ((half, "2"), (odd, "02")):
        for key, value in {"major": "1", "minor": "4", "micro": micro}.items():
            place.plain.log_param(run_id, f"{key}_version", value)
        place.plain.log_param(run_id, "submodel_name", place.name)
    place.plain.log_metric(odd, "active_state", 1)
    for version in ("1.4.2", "1.*", None):
        found = list_runs(version, place.experiment_id, client=place.client)
        assert [good] == [run.run_id for run in found]


def test_a_run_whose_own_metric_is_no_status_is_new(place, side):
    """And can take part: its metrics are right then, on a stock server whatever their step was."""
    values = [math.nan, math.inf, -math.inf, -1.0, 2.5, 7.0]
    other, *odd = place.add_runs(1 + len(values))
    step = 5 if side == "direct" else 0
    for run_id, value in zip(odd, values, strict=True):
        batch = [Metric(key, value, 2**41, step) for key in ("active_state", "test_fraction")]
        place.plain.log_batch(run_id, batch, synchronous=True)
    enable_run(other, client=place.client)
    found = {run.run_id: run.status for run in list_runs(**place.scope)}
    assert {**dict.fromkeys(odd, ModelStatus.New), other: ModelStatus.Active} == found
    for run_id in odd:
        enable_run(run_id, client=place.client)
        assert {run_id: 1.0} == place.fractions()
    assert {} == place.behind([*odd, other])


def test_a_list_is_one_request_a_page(place, monkeypatch):
    """Beside those for the experiment and its plans."""
    place.add_runs(7)
    list_runs(**place.scope)
    with counted(place.client) as seen:
        assert 7 == len(list_runs(**place.scope))
    assert 1 == seen.count("runs/search")
    assert len(seen) <= 4
    defaults = {**type(place.client).iter_runs.__kwdefaults__, "page_size": 3}
    monkeypatch.setattr(type(place.client).iter_runs, "__kwdefaults__", defaults)
    with counted(place.client) as seen:
        assert 7 == len(list_runs(**place.scope))
    assert 3 == seen.count("runs/search")


def test_a_table_has_the_columns_of_a_search(place):
    """Those of `mlflow.search_runs`, with what the plan says beside them; also without a row."""
    first = place.add_run(immutable={"team": "a"}, mutable={"note": "1"})
    enable_run(first, client=place.client)
    table = list_runs(**place.scope).to_pandas()
    row = table.iloc[0]
    assert (first, "1.4.2", "Active", 1.0) == (
        row["run_id"],
        row["version"],
        row["active_state"],
        row["test_fraction"],
    )
    assert ("a", "1", 2.0) == (row["params.team"], row["tags.note"], row["metrics.active_state"])
    assert "UTC" == str(table["start_time"].dt.tz)
    empty = list_runs("9.9.9", place.experiment_id, client=place.client).to_pandas()
    assert (0, True) == (len(empty), {"run_id", "version", "start_time"} <= {*empty.columns})
