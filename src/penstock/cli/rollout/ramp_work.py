"""Begin a ramp, or go on with one, and follow it to its end."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import typer

from penstock.cli import output
from penstock.cli.rollout.connection import open_client
from penstock.cli.rollout.experiments import find_experiment
from penstock.cli.rollout.manner import Manner
from penstock.cli.rollout.ramp_evidence import EvidenceSource, open_source
from penstock.cli.rollout.ramp_view import (
    describe_interruption,
    describe_watch,
    event_as_json,
    order_as_json,
    say_event,
    show_order,
)
from penstock.cli.rollout.run_ids import Named, get_runs
from penstock.cli.rollout.scopes import describe_scope
from penstock.cli.rollout.which import Which
from penstock.cli.server import find_place
from penstock.cli.status_line import shown_status
from penstock.cli.termination import terminable
from penstock.errors import InvalidRollout, PenstockError, RampStopped
from penstock.rest import MlflowClient
from penstock.rollout.plans import Plan
from penstock.rollout.ramps.events import Event, Finished, Unasked, Watched, WentBack
from penstock.rollout.ramps.evidence import Evidence
from penstock.rollout.ramps.guards import Guard
from penstock.rollout.ramps.memory import RampMemory, ramps_folder
from penstock.rollout.ramps.order import RampOrder
from penstock.rollout.ramps.ramp import Ramp
from penstock.rollout.ramps.state import RampState, begin
from penstock.rollout.ramps.steps import left_steps
from penstock.rollout.scope import Scope
from penstock.rollout.store import find_store

LOOKS: Final = 20
"""How often a step is looked at, at least."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 10.0


class Asked(NamedTuple):
    """What the command line says of a ramp."""

    run: str
    experiment: str | None
    steps: tuple[float, ...]
    every: float
    guards: tuple[Guard, ...]
    requests: int
    servers: tuple[str, ...]
    data: Path | None


class _Told(Protocol):
    def __call__(self, event: Event) -> None: ...


def carry_out_ramp(asked: Asked, manner: Manner) -> None:
    """Follow a ramp to its end, or show it alone. Raises RampStopped where it did not get there."""
    with open_client(manner.uri) as client:
        order = _order(client, asked)
        memory = RampMemory(ramps_folder(), find_place(manner.uri).address, order.scope)
        with memory.held():
            plan = find_store(client).read(order.scope)
            begun = memory.find()
            is_going = begun is not None and begun.is_of(plan)
            state = _continue(begun, order) if begun and is_going else _begin(plan, order)
            if not _is_wanted(client, order, state, manner=manner):
                return
            with _source(asked) as source:
                if state.broken is None:
                    source(state.run_id, state.baseline)
                memory.keep(state)
                ramp = Ramp(client, state, ask=source, memory=memory, now=time.time)
                _follow(ramp, order.every, manner)


def _order(client: MlflowClient, asked: Asked) -> RampOrder:
    scope, (run_id,) = get_runs(client, Named((asked.run,)), Which(asked.experiment))
    return RampOrder(
        scope=scope,
        run_id=run_id,
        steps=asked.steps,
        every=asked.every,
        guards=asked.guards,
        requests=asked.requests,
    )


def _begin(plan: Plan, order: RampOrder) -> RampState:
    others = [run_id for run_id in plan.active if run_id != order.run_id]
    if not others:
        raise InvalidRollout(
            f"no other run of {order.scope} is Active, so there is nothing to take traffic from; "
            f"make this one Active: penstock rollout enable {order.run_id}"
        )
    steps = left_steps(order.steps, plan.active.get(order.run_id, 0.0))
    return begin(replace(order, steps=steps), plan)


def _continue(state: RampState, order: RampOrder) -> RampState:
    """Return the ramp that was interrupted. Raises InvalidRollout where it was another one."""
    if state.continues(order):
        return state
    raise InvalidRollout(
        f"a ramp of run '{state.run_id}' was interrupted at {state.fraction * 100:g} %; repeat its "
        "command to go on, or change the plan (penstock rollout set, enable, rollback), which "
        "ends it"
    )


def _is_wanted(client: MlflowClient, order: RampOrder, state: RampState, *, manner: Manner) -> bool:
    shown = replace(order, steps=state.steps)
    plan = state.former_plan(order.scope)
    if manner.as_json:
        document = order_as_json(shown, plan, is_dry_run=manner.is_dry_run)
        output.say(output.json_text(document))
        return not manner.is_dry_run
    show_order(_describe(client, order.scope), shown, plan)
    if state.is_made or state.step:
        output.say(f"going on at step {state.step + 1}")
    if manner.is_dry_run:
        output.say("nothing was changed: this was a dry run")
        return False
    is_watched = output.is_terminal(sys.stdin) and output.is_terminal()
    if is_watched and not manner.is_agreed and not typer.confirm("Begin?"):
        output.say("nothing was changed")
        raise typer.Exit(1)
    return True


def _describe(client: MlflowClient, scope: Scope) -> str:
    experiment = find_experiment(client, Which(experiment_id=scope.experiment_id))
    return str(scope) if experiment is None else describe_scope(scope, experiment)


@contextmanager
def _source(asked: Asked) -> Iterator[EvidenceSource]:
    """Open what guards go by; without guards nobody is asked."""
    if not asked.guards:
        yield lambda _run_id, _baseline: Evidence()
        return
    with open_source(asked.servers, asked.data) as source:
        yield source


def _follow(ramp: Ramp, every: float, manner: Manner) -> None:
    pause = min(max(every / LOOKS, SHORTEST_PAUSE), LONGEST_PAUSE)
    try:
        with terminable(), _telling(manner) as tell:
            last = _tell_all(ramp, tell, pause)
    except (KeyboardInterrupt, SystemExit, PenstockError) as error:
        if not isinstance(error, RampStopped):
            output.warn(describe_interruption(ramp.state))
        raise
    if isinstance(last, WentBack):
        raise RampStopped(f"{last.why}; the fractions of revision {last.former} are live again")


def _tell_all(ramp: Ramp, tell: _Told, pause: float) -> Event:
    """Tell each event, the same trouble once; return the last."""
    last: Event | None = None
    while True:
        event = ramp.advance()
        if not isinstance(event, Unasked) or event != last:
            tell(event)
        last = event
        if isinstance(event, Finished | WentBack):
            return event
        if isinstance(event, Watched | Unasked):
            time.sleep(pause)


@contextmanager
def _telling(manner: Manner) -> Iterator[_Told]:
    """Tell events as JSON lines, or as lines for people with a status below them at a terminal."""
    if manner.as_json:
        yield lambda event: output.say(output.json_text(event_as_json(event)))
        return
    if not output.is_terminal(sys.stderr):
        yield say_event
        return
    with shown_status("beginning") as show:

        def tell(event: Event) -> None:
            if isinstance(event, Watched):
                show(describe_watch(event))
            say_event(event)

        yield tell
