import pickle

import pytest

from penstock.errors import MlflowException
from penstock.rest.entities import (
    Experiment,
    LifecycleStage,
    LoggedModelStatus,
    Metric,
    RegisteredModel,
    Run,
    RunInfo,
    RunStatus,
    ViewType,
)


def test_statuses_of_runs():
    """By name and number, as in MLflow."""
    assert (RunStatus.FAILED, 4) == (RunStatus.from_string("FAILED"), RunStatus.FAILED)
    assert "FAILED" == RunStatus.to_string(4)
    assert [False, False, True, True, True] == [
        RunStatus.is_terminated(status) for status in RunStatus.all_status()
    ]


def test_views():
    """By the names that MLflow has for them here."""
    assert ViewType.DELETED_ONLY == ViewType.from_string("deleted_only")
    assert ["active_only", "deleted_only", "all"] == [ViewType.to_string(n) for n in (1, 2, 3)]


def test_stages():
    """Which view shows which."""
    assert ["active", "deleted"] == LifecycleStage.view_type_to_stages()
    assert LifecycleStage.matches_view_type(ViewType.ACTIVE_ONLY, "active")
    assert not LifecycleStage.matches_view_type(ViewType.DELETED_ONLY, "active")
    assert [True, False] == [LifecycleStage.is_valid(stage) for stage in ("deleted", "gone")]


def test_statuses_of_logged_models():
    """By name and number, as in MLflow."""
    assert LoggedModelStatus.READY == LoggedModelStatus.from_int(2) == LoggedModelStatus("READY")
    assert LoggedModelStatus.is_finalized("FAILED")
    assert not LoggedModelStatus.is_finalized(LoggedModelStatus.PENDING)
    assert [0, 1, 2, 3] == [status.to_int() for status in LoggedModelStatus]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: RunStatus.from_string("DONE"),
        lambda: RunStatus.to_string(9),
        lambda: ViewType.from_string("ALL"),
        lambda: ViewType.to_string(0),
        lambda: LifecycleStage.matches_view_type(1, "gone"),
        lambda: LifecycleStage.view_type_to_stages(7),
        lambda: LoggedModelStatus.parse("DONE"),
        lambda: LoggedModelStatus.parse([]),
        lambda: LoggedModelStatus.from_int(-1),
        lambda: Metric.from_dictionary({"key": "m"}),
        lambda: Metric.from_dictionary({**Metric("m", 1).to_dictionary(), "other": 1}),
    ],
)
def test_what_is_none_of_them_is_refused(ask):
    """With MLflow's code for a wrong argument."""
    with pytest.raises(MlflowException) as refusal:
        ask()
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


def test_members_can_be_sent_to_another_process():
    """And are the same there."""
    for member in (RunStatus.FAILED, ViewType.ALL, LifecycleStage.ACTIVE, LoggedModelStatus.READY):
        assert member is pickle.loads(pickle.dumps(member))  # noqa: S301 - made here


def test_a_metric_comes_back_from_its_dictionary():
    """As in MLflow."""
    metric = Metric("m", 0.5, 1, 2, model_id="m-1")
    assert metric == Metric.from_dictionary(metric.to_dictionary())


def test_entities_are_keys_of_dictionaries():
    """Those that hold dictionaries as well; equal ones are the same key."""
    made = [
        Run(RunInfo(run_id="a", experiment_id="1")),
        Experiment(experiment_id="1"),
        RegisteredModel(name="churn"),
        Metric("m", 1.0, 2, 3),
    ]
    again = [
        Run(RunInfo(run_id="a", experiment_id="1")),
        Experiment(experiment_id="1"),
        RegisteredModel(name="churn"),
        Metric("m", 1.0, 2, 3),
    ]
    assert 4 == len({*made, *again})
    assert 2 == len({Metric("m", 1.0, 2, 3), Metric("m", 1.0, 2, 4)})
