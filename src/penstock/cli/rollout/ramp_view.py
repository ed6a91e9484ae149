"""What a ramp does, for people and for scripts."""

from collections.abc import Mapping
from typing import Any

from penstock.cli import output
from penstock.cli.rollout.bars import bar, percent
from penstock.cli.rollout.names import short_ids
from penstock.cli.rollout.plan_view import plan_as_json
from penstock.rollout.plans import Plan
from penstock.rollout.ramps.events import Event, Finished, StepMade, Unasked, Watched, WentBack
from penstock.rollout.ramps.order import RampOrder
from penstock.rollout.ramps.state import RampState

MINUTE, HOUR = 60, 3600


def show_order(name: str, order: RampOrder, plan: Plan) -> None:
    """Show what a ramp is going to do, from the present plan."""
    run = short_ids({order.run_id, *plan.runs})[order.run_id]
    output.say(f"{name}: a ramp of {run} from revision {plan.revision}")
    rows = [
        (str(number), percent(fraction), bar(fraction), _begins(number, order.every))
        for number, fraction in enumerate(order.steps, 1)
    ]
    output.say_table(("STEP", "SHARE", "", "BEGINS"), rows)
    for guard in order.guards:
        output.say(f"guard {guard.text}; back to revision {plan.revision} when it breaks")


def order_as_json(order: RampOrder, plan: Plan, *, is_dry_run: bool) -> dict[str, Any]:
    """Return what a ramp is going to do as a JSON object."""
    return {
        "event": "ordered",
        "dry_run": is_dry_run,
        "run_id": order.run_id,
        "steps": list(order.steps),
        "every": order.every,
        "guards": [guard.text for guard in order.guards],
        "requests": order.requests,
        "before": plan_as_json(plan),
    }


def say_event(event: Event) -> None:
    """Say what has come to stay; a look alone is no line."""
    match event:
        case StepMade(number, fraction, plan):
            output.say(
                f"step {number}: {percent(fraction):>6} {bar(fraction)} revision {plan.revision}"
            )
        case Finished(plan):
            output.say(f"the ramp is over: revision {plan.revision} stays")
        case WentBack(_, former, plan):
            output.say(f"back to the fractions of revision {former}, as revision {plan.revision}")
        case Unasked(why):
            output.warn(f"{why}; the ramp waits where it is")
        case Watched():
            return


def describe_watch(event: Watched) -> str:
    """Return one line of how a step stands."""
    left = f"{duration(event.seconds_left)} left" if event.seconds_left else "time is up"
    told = [f"step {event.number}, {percent(event.fraction)}: {left}, {event.requests} requests"]
    told += [f"{one.guard.text} {one.verdict.value} ({one.why})" for one in event.judgements]
    return " · ".join(told)


def describe_interruption(state: RampState) -> str:
    """Return what stands of a ramp that was told to end."""
    step = f"step {state.step + 1} ({percent(state.fraction)})"
    if state.broken is not None:
        told = f"interrupted on the way back to revision {state.former_revision}"
    elif state.is_made:
        told = f"interrupted in {step}: the fractions stay as they are, and nobody watches them"
    else:
        told = f"interrupted before {step} was seen to be live"
    return f"{told}; the same command goes on"


def event_as_json(event: Event) -> dict[str, Any]:
    """Return what has happened as a JSON object."""
    match event:
        case StepMade(number, fraction, plan):
            return {"event": "step", "step": number, "fraction": fraction, **_plan(plan)}
        case Watched(number, fraction, left, requests, judgements):
            guards = {
                one.guard.text: {"verdict": one.verdict.value, "why": one.why} for one in judgements
            }
            watched = {"step": number, "fraction": fraction, "seconds_left": round(left, 3)}
            return {"event": "watched", **watched, "requests": requests, "guards": guards}
        case Unasked(why):
            return {"event": "unasked", "why": why}
        case Finished(plan):
            return {"event": "finished", **_plan(plan)}
        case WentBack(why, former, plan):
            return {"event": "went_back", "why": why, "former": former, **_plan(plan)}


def duration(seconds: float) -> str:
    """Return seconds as people say them: `45 s`, `10 min`, `1.5 h`."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.3g} min" if seconds < HOUR else f"{seconds / HOUR:.3g} h"


def _begins(number: int, every: float) -> str:
    return "at once" if number == 1 else f"after {duration((number - 1) * every)}"


def _plan(plan: Plan) -> Mapping[str, Any]:
    return {"plan": plan_as_json(plan)}
