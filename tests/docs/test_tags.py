"""The page of tags names what rollouts write, and nothing else."""

import json
import re
from pathlib import Path

from penstock.rollout import LiveRun, ModelStatus, Plan
from penstock.rollout.codec import PREFIX, encode
from penstock.rollout.filters import VERSION_PARAMS
from penstock.rollout.members import FRACTION_METRIC, STATE_METRIC
from penstock.rollout.mirrors import FRACTION_TAG, REVISION_TAG, STATUS_TAG
from penstock.rollout.registry import ALIASES, STAGES
from penstock.rollout.scope import Scope
from penstock.semver import SemVer

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "tags.md"

FULL = Plan(
    Scope("1", "churn", SemVer(1, 4, 0)),
    3,
    {"a": LiveRun(ModelStatus.Active, 1.0), "b": LiveRun(ModelStatus.Canary)},
    1_700_000_000_000,
    "ann@example.com",
    {"c": ModelStatus.New, "d": ModelStatus.Disabled},
    "ramp, step 1 of 2",
)


def rows(head: str) -> dict[str, str]:
    """Return the table whose first column has this head, by the names in that column."""
    page = PAGE.read_text(encoding="utf-8")
    table = page.partition(f"| {head} |")[2].partition("\n\n")[0]
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    return {
        name: told
        for names, told in found
        if names != "---"
        for name in re.findall(r"`([^`]+)`", names) or [names]
    }


def test_every_tag_param_and_metric_has_its_row():
    """Whoever reads a run in MLflow finds here what its fields are."""
    assert {f"{PREFIX}<digest>"} == rows("tag of the experiment").keys()
    assert {STATUS_TAG, FRACTION_TAG, REVISION_TAG} == rows("tag of the run").keys()
    assert {STATE_METRIC, FRACTION_METRIC} == rows("metric of the run").keys()
    assert set(VERSION_PARAMS) == rows("param of the run").keys()


def test_every_field_of_the_plan_has_its_row():
    """A plan that has everything has these fields."""
    assert json.loads(encode(FULL)).keys() == rows("field of the document").keys()


def test_stages_and_aliases_are_those_of_the_code():
    """A status leads to one stage."""
    stages = {status.name: f"`{stage}`" for status, stage in STAGES.items()}
    assert stages == rows("status of the run")
    assert ALIASES.keys() == rows("alias of the registered model").keys()


def test_the_numbers_of_the_statuses_are_told():
    """They are what old programs compare with."""
    told = rows("metric of the run")[STATE_METRIC]
    for status in ModelStatus:
        assert f"{status.value} {status.name}" in told
