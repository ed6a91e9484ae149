import json

import pytest

from penstock.errors import UnreadablePlan
from penstock.gateway.db.rollouts import Revision, State, first_of
from penstock.gateway.rollouts.told import Told, is_submodel, read_told
from penstock.rollout.codec import encode, plan_tag
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import SemVer

SCOPE = Scope("1", "churn", SemVer(1, 4, 0))
TAG = plan_tag(SCOPE)


def plan(revision: int, run_id: str = "a", by: str | None = "ann") -> Plan:
    runs = {run_id: LiveRun(ModelStatus.Active, 1.0)}
    return Plan(SCOPE, revision, runs, updated_at=5, updated_by=by)


def test_a_tag_that_says_what_the_row_says_is_the_same():
    """And so is none beside none."""
    row = first_of(plan(3))
    assert Told.THE_SAME == read_told(SCOPE, {TAG: row.document}, row)
    assert Told.THE_SAME == read_told(SCOPE, {"other": "tag"}, None)


@pytest.mark.parametrize(
    "text", [None, "", "no plan", encode(plan(2)), encode(plan(3, "b")), encode(plan(2**53))]
)
def test_an_older_or_strange_tag_is_something_else(text):
    """Whatever it says, the row says better."""
    tags = {} if text is None else {TAG: text}
    assert Told.SOMETHING_ELSE == read_told(SCOPE, tags, first_of(plan(3)))


@pytest.mark.parametrize("row", [None, first_of(plan(3))])
def test_a_newer_tag_is_a_row_to_adopt(row):
    """As it is, with its own actor and time."""
    text = encode(plan(4, by="bob"))
    assert Revision(SCOPE, 4, "bob", 5, text, State.WRITTEN) == read_told(SCOPE, {TAG: text}, row)


@pytest.mark.parametrize("text", ["", "[]", "no plan", encode(plan(0)), encode(plan(2**53))])
def test_a_tag_that_is_no_plan_is_not_overlooked(text):
    """Where no row says what should be there."""
    with pytest.raises(UnreadablePlan, match=TAG):
        read_told(SCOPE, {TAG: text}, None)


def test_what_is_adopted_leaves_room_for_what_follows():
    """Else whoever writes a tag by hand could end a rollout for good."""
    adopted = read_told(SCOPE, {TAG: encode(plan(2**52))}, None)
    assert isinstance(adopted, Revision)
    following = first_of(plan(2**52 + 1))
    assert Told.THE_SAME == read_told(SCOPE, {TAG: following.document}, following)


def test_an_actor_that_no_column_holds_is_shortened():
    """A plan is adopted whoever claims to have written it."""
    document = json.loads(encode(plan(1))) | {"by": "x\x00\ud800" + "y" * 300}
    told = read_told(SCOPE, {TAG: json.dumps(document)}, None)
    assert isinstance(told, Revision)
    assert ("x\ufffd\ufffdyy", 255) == (told.actor[:5], len(told.actor))


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "a\x00", "\x85", "\ud800", "x" * 501])
def test_some_names_have_no_address(name):
    """What a path cannot carry, or a client would leave out of it."""
    assert not is_submodel(name)
    assert is_submodel(f"a/{name}"[:2] + "%2F 'ü' \\ ...")
