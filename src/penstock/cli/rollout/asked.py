"""The changes that commands ask for."""

import math
from collections.abc import Callable, Mapping, Sequence

import typer

from penstock.cli.rollout.proposal import Proposal
from penstock.cli.rollout.run_ids import Named, get_runs
from penstock.cli.rollout.scopes import get_plan
from penstock.cli.rollout.showing import Moment, get_plan_of
from penstock.cli.rollout.which import Which
from penstock.errors import InvalidRollout
from penstock.rest import MlflowClient
from penstock.rollout import changes
from penstock.rollout.changes import Statuses
from penstock.rollout.plans import Plan
from penstock.rollout.status import ModelStatus

RunChange = Callable[[Plan, str, Statuses], Plan]


def parse_shares(texts: Sequence[str]) -> dict[str, float]:
    """Return the shares of `RUN=SHARE` by what names the run. Raises BadParameter.

    `RUN= SHARE` is the same: shells put a space after what they complete.
    """
    shares: dict[str, float] = {}
    for text in _joined(texts):
        run, _, number = text.rpartition("=")
        if run in shares:
            raise typer.BadParameter(f"run '{run}' has two shares; give it one")
        shares[run] = _parse_share(number)
        if not run or math.isnan(shares[run]):
            raise typer.BadParameter(f"'{text}' is no RUN=SHARE, such as 0f1e2d3c=0.8")
    return shares


def share_out(client: MlflowClient, asked: Mapping[str, float], which: Which) -> Proposal:
    """Return the proposal that the named runs, and no others, become Active."""
    scope, run_ids = get_runs(client, Named(tuple(asked)), which)
    shares = dict(zip(run_ids, asked.values(), strict=True))
    if len(shares) < len(asked):
        raise InvalidRollout("one run has two shares, under two beginnings of its id; give it one")
    return Proposal(
        scope, run_ids, lambda plan, statuses: changes.update_active_runs(plan, shares, statuses)
    )


def change_run(client: MlflowClient, run: Named, which: Which, *, change: RunChange) -> Proposal:
    """Return the proposal of a change of one run."""
    scope, (run_id,) = get_runs(client, run, which)
    return Proposal(scope, [run_id], lambda plan, statuses: change(plan, run_id, statuses))


def enabling(fraction: float | None) -> RunChange:
    """Return the change that makes a run the Active one, or one beside others."""
    if fraction is None:
        return changes.enable_run
    return lambda plan, run_id, statuses: changes.change_status(
        plan, run_id, statuses, status=ModelStatus.Active, fraction=fraction
    )


def go_back(client: MlflowClient, revision: int, which: Which) -> Proposal:
    """Return the proposal that an earlier revision becomes the present one again."""
    scope = get_plan(client, which).plan.scope
    earlier = get_plan_of(client, scope, Moment(revision))
    return Proposal(
        scope,
        list(earlier.runs),
        lambda plan, statuses: changes.restore(plan, earlier, statuses),
        restored=revision,
    )


def _joined(texts: Sequence[str]) -> list[str]:
    joined: list[str] = []
    for text in texts:
        if joined and joined[-1].endswith("=") and "=" not in text:
            joined[-1] += text
        else:
            joined.append(text)
    return joined


def _parse_share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
