"""Rollouts: which run of which version is live, and with which share of the traffic.

Every function takes `client=`, by default one made of the settings for the call. What breaks a
rule raises InvalidRollout, which is a ValueError, before anything is written. A change through a
Penstock gateway is compared and set; on a stock server the last of two writers wins, and the
other gets PlanConflict when it sees that.
"""

from penstock.rollout.change_functions import (
    canary_run,
    change_status,
    change_test_fractions,
    disable_run,
    enable_run,
    update_active_runs,
)
from penstock.rollout.plan_functions import history, plan, rollback
from penstock.rollout.run_functions import list_models, list_runs, save_model

__all__ = [
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
]
