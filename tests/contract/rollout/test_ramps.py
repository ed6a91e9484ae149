"""Ramps on a real server: step by step, back when a guard breaks, on after a crash."""

import pytest

from clock import Clock
from penstock.errors import MlflowException, RampStopped, ServerUnreachable
from penstock.rollout import canary_run, enable_run, history, plan, update_active_runs
from penstock.rollout.ramps.events import Finished, StepMade, Unasked, Watched, WentBack
from penstock.rollout.ramps.evidence import Bounds, Counts, Evidence
from penstock.rollout.ramps.guards import parse_guard
from penstock.rollout.ramps.memory import RampMemory
from penstock.rollout.ramps.order import RampOrder
from penstock.rollout.ramps.ramp import Ramp
from penstock.rollout.ramps.state import begin
from penstock.rollout.store import find_store


class Served:
    """What servers say of the runs; a test sets it."""

    def __init__(self):
        self.requests = self.errors = 0
        self.differences = ()
        self.missing = ()
        self.failure = None

    def __call__(self, *_: str):
        if self.failure is not None:
            raise self.failure
        counts = Counts(self.requests, self.errors)
        return Evidence(counts, differences=self.differences, missing=self.missing)

    def answer(self, requests, errors=0):
        self.requests += requests
        self.errors += errors


class Scene:
    """Four runs of a scope, servers and a clock that a test sets, and ramps over three steps."""

    def __init__(self, client, place, scope, folder):
        self.client, self.place, self.scope = client, place, scope
        self.runs = place.add_runs(4, is_registered=True)
        self.served, self.clock = Served(), Clock()
        self.memory = RampMemory(folder, "the server", scope)

    def begin(self, run_id, *guards: str):
        """Return a ramp of a run, a minute for each step."""
        order = RampOrder(
            scope=self.scope,
            run_id=run_id,
            steps=(0.1, 0.5, 1.0),
            every=60.0,
            guards=tuple(map(parse_guard, guards)),
            requests=100 if guards else 0,
        )
        self.memory.keep(begin(order, find_store(self.client).read(self.scope)))
        return self.go_on()

    def go_on(self):
        """Return the ramp that is kept, as a new process does."""
        state = self.memory.find()
        return Ramp(self.client, state, ask=self.served, memory=self.memory, now=self.clock)

    def live(self):
        """Return what is live: fractions, and 0 for Canaries."""
        runs = plan(**self.place.scope).runs
        return {run_id: pytest.approx(run.fraction) for run_id, run in runs.items()}


@pytest.fixture
def scene(client, place, scope, tmp_path) -> Scene:
    """Runs, and what a ramp needs."""
    return Scene(client, place, scope, tmp_path)


def test_a_run_gets_everything_step_by_step(scene):
    """Each step lasts its time and until its requests have come, and is a revision."""
    old, other, new, _ = scene.runs
    update_active_runs({old: 3, other: 1}, **scene.place.scope)
    ramp = scene.begin(new, "error_rate<1%")
    assert 0.1 == ramp.advance().fraction
    assert {old: 0.675, other: 0.225, new: 0.1} == scene.live()
    scene.served.answer(99)
    scene.clock.now += 60
    watched = ramp.advance()
    assert isinstance(watched, Watched)
    assert (0.0, 99) == (watched.seconds_left, watched.requests)
    scene.served.answer(1)
    assert 0.5 == ramp.advance().fraction
    scene.served.answer(500)
    scene.clock.now += 59
    assert 1.0 == ramp.advance().seconds_left
    scene.clock.now += 1
    assert 1.0 == ramp.advance().fraction
    assert {new: 1.0} == scene.live()
    scene.served.answer(500, errors=2)
    scene.clock.now += 60
    assert isinstance(ramp.advance(), Finished)
    assert scene.memory.find() is None
    shares = [found.active.get(new, 0) for found in history(**scene.place.scope)]
    assert [1.0, 0.5, 0.1, 0] == pytest.approx(shares)


def test_a_guard_that_breaks_takes_the_traffic_back(scene):
    """At once; what was a Canary is one again."""
    old, new, *_ = scene.runs
    enable_run(old, client=scene.client)
    former = canary_run(new, client=scene.client)
    ramp = scene.begin(new, "error_rate<1%", "outcome>=baseline")
    ramp.advance()
    scene.served.answer(99, errors=99)
    assert isinstance(ramp.advance(), Watched)
    scene.served.answer(1)
    back = ramp.advance()
    assert isinstance(back, WentBack)
    assert former.revision == back.former
    assert "error_rate<1% broke at 10 %: 99 % of 100 requests" in back.why
    assert {old: 1.0, new: 0.0} == scene.live()
    assert back.why == history(**scene.place.scope)[0].note


def test_the_traffic_goes_back_to_those_that_are_left(scene):
    """Runs of before that were deleted meanwhile are no reason to leave it where it is."""
    old, new, gone, canary = scene.runs
    update_active_runs({old: 1, gone: 1}, **scene.place.scope)
    canary_run(canary, client=scene.client)
    ramp = scene.begin(new, "error_rate<1%")
    ramp.advance()
    for run_id in (gone, canary):
        scene.place.plain.delete_run(run_id)
    scene.served.answer(100, errors=100)
    assert isinstance(ramp.advance(), WentBack)
    assert {old: 1.0} == scene.live()


def test_a_worse_outcome_takes_the_traffic_back(scene):
    """Once chance cannot be the reason."""
    old, new, *_ = scene.runs
    enable_run(old, client=scene.client)
    ramp = scene.begin(new, "outcome>=baseline")
    ramp.advance()
    scene.served.answer(100)
    scene.served.differences = (Bounds(-0.1, -0.3, 0.1),)
    assert isinstance(ramp.advance(), Watched)
    scene.served.differences = (Bounds(-0.1, -0.15, -0.05),)
    assert isinstance(ramp.advance(), WentBack)
    assert {old: 1.0} == scene.live()


def test_a_ramp_goes_on_after_a_crash(scene):
    """Wherever it was: before a step was noted, in one, and on the way back."""
    old, new, *_ = scene.runs
    enable_run(old, client=scene.client)
    ramp = scene.begin(new, "error_rate<1%")
    before = scene.memory.find()
    ramp.advance()
    scene.memory.keep(before)
    made = scene.go_on().advance()
    assert isinstance(made, StepMade)
    assert {old: 0.9, new: 0.1} == scene.live()
    scene.clock.now += 40
    scene.served.answer(100)
    assert 20.0 == scene.go_on().advance().seconds_left
    scene.memory.keep(scene.memory.find().breaking("it failed"))
    going_back = scene.memory.find()
    back = scene.go_on().advance()
    scene.memory.keep(going_back)
    again = scene.go_on().advance()
    assert ("it failed", back.plan.revision) == (again.why, again.plan.revision)
    assert {old: 1.0} == scene.live()


def test_another_change_ends_the_ramp(scene):
    """Whoever made it knows better: it stays."""
    old, new, third, _ = scene.runs
    enable_run(old, client=scene.client)
    ramp = scene.begin(new)
    ramp.advance()
    enable_run(third, client=scene.client)
    scene.clock.now += 60
    with pytest.raises(RampStopped, match="was changed"):
        ramp.advance()
    assert {third: 1.0} == scene.live()
    assert scene.memory.find() is None


@pytest.mark.parametrize(
    "failure",
    [
        ServerUnreachable("no server answers"),
        MlflowException("MLflow cannot be reached", "TEMPORARILY_UNAVAILABLE", status=503),
    ],
)
def test_what_cannot_be_asked_holds_a_step(scene, failure):
    """No news is no reason to go on, nor to go back; a gateway may say that there is none."""
    old, new, *_ = scene.runs
    enable_run(old, client=scene.client)
    ramp = scene.begin(new, "error_rate<1%")
    scene.served.failure = failure
    assert Unasked(str(failure)) == ramp.advance()
    assert {old: 1.0} == scene.live()
    scene.served.failure = None
    ramp.advance()
    scene.clock.now += 60
    scene.served.answer(100)
    scene.served.failure = failure
    assert isinstance(ramp.advance(), Unasked)
    scene.served.failure, scene.served.missing = None, ("no module named churn",)
    assert "is not loaded: no module named churn" in ramp.advance().why
    assert {old: 0.9, new: 0.1} == scene.live()
