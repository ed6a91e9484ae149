"""What a ramp says of itself, for people and for scripts."""

import json

import pytest

from penstock.cli.rollout.ramp_view import (
    describe_interruption,
    describe_watch,
    duration,
    event_as_json,
    say_event,
)
from penstock.rollout.ramps.events import Finished, StepMade, Unasked, Watched, WentBack
from penstock.rollout.ramps.evidence import Evidence
from penstock.rollout.ramps.guards import Judgement, Verdict, parse_guard
from penstock.rollout.ramps.order import RampOrder
from penstock.rollout.ramps.state import begin
from unit.rollout.scopes import SCOPE, A, C, planned

GUARD = parse_guard("p99<200ms")
WATCHED = Watched(2, 0.05, 90.0, 140, (Judgement(GUARD, Verdict.HOLDS, "125 ms of 140 requests"),))
PLAN = planned(a=0.95, c=0.05, revision=7)


def test_steps_and_ends_are_lines(capsys):
    """A look alone is none; what cannot be asked is a warning."""
    for event in (StepMade(2, 0.05, PLAN), WATCHED, Finished(PLAN), WentBack("why", 3, PLAN)):
        say_event(event)
    say_event(Unasked("no server answers"))
    said = capsys.readouterr()
    first, *others = said.out.splitlines()
    assert ("step 2:", "revision 7") == (first[:7], first[-10:])
    assert [
        "the ramp is over: revision 7 stays",
        "back to the fractions of revision 3, as revision 7",
    ] == others
    warning = "penstock: warning: no server answers; the ramp waits where it is\n"
    assert warning == said.err


def test_a_look_is_one_line_of_status():
    """With what is left, and what each guard goes by."""
    assert (
        "step 2, 5 %: 1.5 min left, 140 requests · p99<200ms holds (125 ms of 140 requests)"
    ) == describe_watch(WATCHED)
    assert "step 2, 5 %: time is up, 3 requests" == describe_watch(Watched(2, 0.05, 0.0, 3, ()))


def test_an_interruption_says_what_stands():
    """In a step, before it was seen, and on the way back."""
    order = RampOrder(scope=SCOPE, run_id=C, steps=(0.1, 1.0), every=60.0)
    begun = begin(order, planned(a=1.0, revision=3))
    said = [
        describe_interruption(state)
        for state in (begun, begun.made(4, 1000.0, Evidence()), begun.breaking("it failed"))
    ]
    assert [
        "interrupted before step 1 (10 %) was seen to be live; the same command goes on",
        (
            "interrupted in step 1 (10 %): the fractions stay as they are, and nobody watches "
            "them; the same command goes on"
        ),
        "interrupted on the way back to revision 3; the same command goes on",
    ] == said


def test_each_event_is_an_object():
    """Its name first, and the plan where there is a new one."""
    events = (StepMade(2, 0.05, PLAN), WATCHED, Unasked("why"), Finished(PLAN))
    made, watched, unasked, finished = (
        json.loads(json.dumps(event_as_json(event))) for event in events
    )
    back = event_as_json(WentBack("why", 3, PLAN))
    names = [each["event"] for each in (made, watched, unasked, finished, back)]
    assert ["step", "watched", "unasked", "finished", "went_back"] == names
    assert {A, C} == {*made["plan"]["runs"]}
    holds = {"verdict": "holds", "why": "125 ms of 140 requests"}
    assert ({"p99<200ms": holds}, 90.0, 140) == (
        watched["guards"],
        watched["seconds_left"],
        watched["requests"],
    )
    assert ("why", 3, 7) == (back["why"], back["former"], back["plan"]["revision"])


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (45, "45 s"), (600, "10 min"), (5400, "1.5 h")]
)
def test_times_are_said_as_people_do(seconds, said):
    """As short as they may be."""
    assert said == duration(seconds)
