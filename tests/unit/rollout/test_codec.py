"""Plans as text of a tag."""

import json
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import InvalidRollout, UnreadablePlan
from penstock.rollout.codec import MAX_CHARACTERS, decode, encode, plan_tag, read_plan, read_plans
from penstock.rollout.fractions import normalise
from penstock.rollout.plans import LiveRun, Plan, next_plan
from penstock.rollout.scope import Scope
from penstock.semver import SemVer
from unit.rollout.scopes import ACTIVE, CANARY, DISABLED, NEW, SCOPE, A, planned

TAG = plan_tag(SCOPE)
IDS = st.integers(0).map(lambda seed: uuid.UUID(int=seed % 2**128).hex)
NUMBERS = st.integers(0, 10**18 - 1)
SCOPES = st.builds(
    Scope,
    st.just("7"),
    st.text(min_size=1, max_size=20) | st.sampled_from(["a'b", '"', "`", "%2F", "日本", "a\\b"]),
    st.builds(SemVer, NUMBERS, NUMBERS, NUMBERS),
)


@st.composite
def plans(draw) -> Plan:
    ids = draw(st.lists(IDS, unique=True, max_size=20))
    shares = {run_id: draw(st.floats(0.01, 9)) for run_id in ids[::3]}
    active = normalise(shares) if shares else {}
    return Plan(
        draw(SCOPES),
        draw(st.integers(0, 2**53)),
        {run_id: LiveRun(ACTIVE, fraction) for run_id, fraction in active.items()}
        | {run_id: LiveRun(CANARY) for run_id in ids[1::3]},
        draw(st.none() | st.integers(0, 2**42)),
        draw(st.none() | st.text(max_size=20)),
        {run_id: draw(st.sampled_from([NEW, DISABLED])) for run_id in ids[2::3]},
    )


@given(plans())
def test_a_plan_comes_back(plan):
    """To the last digit of its fractions, from one line of JSON."""
    text = encode(plan)
    assert plan == decode(text, "7", tag=plan_tag(plan.scope))
    assert plan == read_plan(plan.scope, {plan_tag(plan.scope): text, "other": "tag"})


def live(count: int) -> Plan:
    """Return a plan of as many live runs, with the longest fractions there are."""
    ids = [uuid.uuid5(uuid.NAMESPACE_OID, str(number)).hex for number in range(count)]
    fractions = normalise({run_id: 1 + number / 7919 for number, run_id in enumerate(ids)})
    runs = {run_id: LiveRun(ACTIVE, fraction) for run_id, fraction in fractions.items()}
    return Plan(Scope("123456789", "s" * 100, SemVer(10, 20, 30)), 12345, runs, 2**41, "ann@x.org")


@pytest.mark.parametrize(("count", "limit"), [(200, 20_000), (60, 5_000)])
def test_a_plan_of_many_runs_fits(count, limit):
    """Into the tag of an experiment, of MLflow 3 and of MLflow 2."""
    assert limit > len(encode(live(count), max_characters=limit))


def test_a_plan_that_would_not_fit_is_refused():
    """With how many runs it has, and what to do."""
    with pytest.raises(InvalidRollout, match=r"1000 live runs .* holds 20000: disable some runs"):
        encode(live(1000))
    assert MAX_CHARACTERS == 20_000


def test_a_plan_that_nobody_could_read_is_not_written():
    """After a revision that was written by hand there may be no number left."""
    last = replace(planned(a=1.0), revision=2**53)
    assert last == decode(encode(last), "7", tag=TAG)
    with pytest.raises(InvalidRollout, match=rf"its revision {2**53}, .* delete the tag '{TAG}'"):
        encode(next_plan(last, last.runs))


@given(SCOPES, SCOPES)
def test_each_scope_has_a_tag_of_its_own(one, other):
    """Of characters that MLflow takes."""
    assert (one == other) == (plan_tag(one) == plan_tag(other))
    assert plan_tag(one).replace("penstock.plan.", "").isalnum()


GOOD = json.loads(encode(planned(a=0.5, b=0.5)))


@pytest.mark.parametrize(
    "document",
    [
        *([], "plan", 7, None, {}, [GOOD]),
        *({**GOOD, "format": number} for number in (2, 0, "1", None)),
        *({**GOOD, "revision": value} for value in ("x", None, [], {}, -1, 1.5, True, 2**70, "7")),
        *({**GOOD, "version": value} for value in ("1.4", "", None, 7)),
        *({**GOOD, "submodel": value} for value in (None, 7, ["churn"], "\ud800")),
        *({**GOOD, "active": value} for value in ({A: 0.5}, {A: "x"}, [A], {A: None}, {A: -1}, 7)),
        *(
            {**GOOD, "active": {A: value}}
            for value in (float("nan"), float("inf"), "1.0", True, 10**400)
        ),
        *(
            {**GOOD, "active": {run_id: 1.0}}
            for run_id in ("", "a b", "../a", "\x00", "\ud800", "é")
        ),
        *({**GOOD, "canary": value} for value in ("abc", 7, [7], {A: 1}, [A])),
        *({**GOOD, "disabled": value} for value in (7, [A], [None], "abc")),
        *({**GOOD, "at": value} for value in ("yesterday", [], 1.5, True)),
        *({**GOOD, "by": value} for value in (7, ["ann"])),
        *({**GOOD, "note": value} for value in (7, None, ["why"])),
    ],
    ids=lambda document: json.dumps(document)[-60:],
)
def test_what_is_no_plan_is_told(document):
    """With the tag's name, and what to do."""
    with pytest.raises(UnreadablePlan, match=f"experiment 7, tag '{TAG}': no plan"):
        decode(json.dumps(document), "7", tag=TAG)


@pytest.mark.parametrize("text", ["", "{", "null", "[" * 100_000, "NaN", "\x00", "{}" * 2])
def test_what_is_no_json_is_told(text):
    """As another thing in the tag."""
    with pytest.raises(UnreadablePlan, match="delete the tag, then set the rollout anew"):
        decode(text, "7", tag=TAG)


@given(st.text(max_size=40) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_no_text_breaks_a_reader(text):
    """Whatever somebody has written there."""
    with pytest.raises(UnreadablePlan):
        decode(text, "7", tag=TAG)


def test_a_plan_holds_whoever_claims_to_have_written_it():
    """Also by a name that is no text, which is shown as far as it is one."""
    text = json.dumps({**GOOD, "by": "ann\ud800"})
    assert "ann\ufffd" == decode(text, "7", tag=TAG).updated_by


def test_a_note_says_why():
    """It is kept as long as there is room for it; without it the plan is the same."""
    noted = replace(planned(a=1.0), note="ramp, step 2 of 4")
    assert "ramp, step 2 of 4" == decode(encode(noted), "7", tag=TAG).note
    short = encode(noted, max_characters=len(encode(planned(a=1.0))))
    assert (None, noted) == (decode(short, "7", tag=TAG).note, decode(short, "7", tag=TAG))


def test_a_plan_of_another_scope_is_told():
    """A tag that was copied by hand does not rule two scopes."""
    other = plan_tag(Scope("7", "churn", SemVer(1, 4, 3)))
    with pytest.raises(
        UnreadablePlan, match=f"tag '{other}': the plan of 'churn' 1.4.2 in .* '{TAG}'"
    ):
        decode(encode(planned(a=1.0)), "7", tag=other)


def test_all_plans_of_an_experiment_are_read():
    """By submodel and version; other tags are none."""
    scopes = [Scope("7", name, SemVer(1, minor, 0)) for name in ("a", "b") for minor in (9, 10)]
    tags = {plan_tag(scope): encode(Plan(scope, 1)) for scope in reversed(scopes)}
    found = read_plans("7", {**tags, "penstock.other": "x", "note": "{}"})
    assert scopes == [plan.scope for plan in found]


def test_a_scope_without_a_tag_has_an_empty_plan():
    """Of revision 0, live for nobody."""
    assert Plan(SCOPE) == read_plan(SCOPE, {})
