"""Runs the checks of `penstock ping` and shows how they end."""

import sys
from collections.abc import Iterable, Sequence

from penstock.cli import output
from penstock.cli.checks import Checks, Outcome, Status
from penstock.cli.server import SECONDS, find_place, open_server
from penstock.rest import MlflowClient


def run_connection_test(uri: str | None, *, as_json: bool) -> bool:
    """Check the server of `--uri` or the settings; return whether nothing failed."""
    address = find_place(uri).address
    with (
        open_server(uri) as server,
        MlflowClient(address, timeout=SECONDS, retries=0) as client,
    ):
        outcomes = Checks(server, client).run()
        ended = list(outcomes) if as_json else _show(outcomes)
    holds = all(outcome.status is not Status.FAILED for outcome in ended)
    if as_json:
        checks = [outcome.as_json() for outcome in ended]
        output.say_json({"uri": server.connection.base_url, "ok": holds, "checks": checks})
    _complain([outcome for outcome in ended if outcome.status is Status.FAILED])
    return holds


def _complain(failed: Sequence[Outcome]) -> None:
    """Say what failed, for whoever does not see stdout also why."""
    if failed and output.is_terminal() and output.is_terminal(sys.stderr):
        output.fail(f"failed: {', '.join(outcome.name for outcome in failed)}")
        return
    for outcome in failed:
        output.fail(f"{outcome.name}: {outcome.detail}")


def _show(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Show each outcome as soon as it is there."""
    shown = []
    for outcome in outcomes:
        time = "" if outcome.status is Status.SKIPPED else f"{1000 * outcome.seconds:.0f} ms"
        output.say(f"{outcome.name:<12} {outcome.status.value:<8} {time:>8}  {outcome.detail}")
        shown.append(outcome)
    return shown
