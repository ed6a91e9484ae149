"""Rollouts: versions, statuses and A/B fractions that always add up to 1.

The public names are imported when first used.
"""

from typing import TYPE_CHECKING

from penstock.lazy_names import lazy_names

if TYPE_CHECKING:
    from penstock.rollout.loading import LoadedModel as LoadedModel
    from penstock.rollout.mlflow_api import canary_run as canary_run
    from penstock.rollout.mlflow_api import change_status as change_status
    from penstock.rollout.mlflow_api import change_test_fractions as change_test_fractions
    from penstock.rollout.mlflow_api import disable_run as disable_run
    from penstock.rollout.mlflow_api import enable_run as enable_run
    from penstock.rollout.mlflow_api import history as history
    from penstock.rollout.mlflow_api import list_models as list_models
    from penstock.rollout.mlflow_api import list_runs as list_runs
    from penstock.rollout.mlflow_api import plan as plan
    from penstock.rollout.mlflow_api import rollback as rollback
    from penstock.rollout.mlflow_api import save_model as save_model
    from penstock.rollout.mlflow_api import update_active_runs as update_active_runs
    from penstock.rollout.plans import LiveRun as LiveRun
    from penstock.rollout.plans import Plan as Plan
    from penstock.rollout.revisions import diff as diff
    from penstock.rollout.runs import RolloutRun as RolloutRun
    from penstock.rollout.saving import SavedRun as SavedRun
    from penstock.rollout.status import ModelStatus as ModelStatus

_FUNCTIONS = (
    "canary_run",
    "change_status",
    "change_test_fractions",
    "disable_run",
    "enable_run",
    "history",
    "list_models",
    "list_runs",
    "plan",
    "rollback",
    "save_model",
    "update_active_runs",
)
_HOMES = {
    **dict.fromkeys(_FUNCTIONS, "penstock.rollout.mlflow_api"),
    "diff": "penstock.rollout.revisions",
    "LiveRun": "penstock.rollout.plans",
    "LoadedModel": "penstock.rollout.loading",
    "ModelStatus": "penstock.rollout.status",
    "Plan": "penstock.rollout.plans",
    "RolloutRun": "penstock.rollout.runs",
    "SavedRun": "penstock.rollout.saving",
}

__all__ = [
    "LiveRun",
    "LoadedModel",
    "ModelStatus",
    "Plan",
    "RolloutRun",
    "SavedRun",
    "canary_run",
    "change_status",
    "change_test_fractions",
    "diff",
    "disable_run",
    "enable_run",
    "history",
    "list_models",
    "list_runs",
    "plan",
    "rollback",
    "save_model",
    "update_active_runs",
]


__getattr__, __dir__ = lazy_names(__name__, _HOMES)
