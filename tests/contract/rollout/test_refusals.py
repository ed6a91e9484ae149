"""What breaks a rule is a ValueError that names the value and the rule, before any write."""

import math

import pytest

from contract.rollout.sides import one_way, stock_only
from contract.rollout.workplace import VERSION, writes_of
from penstock.errors import UnreadablePlan
from penstock.rollout import list_runs, save_model
from penstock.rollout.codec import encode, plan_tag
from penstock.rollout.mlflow_api import (
    canary_run,
    change_status,
    change_test_fractions,
    disable_run,
    enable_run,
    history,
    plan,
    rollback,
    update_active_runs,
)

UPDATES = [update_active_runs, change_test_fractions]
BAD_VERSIONS = ["1.2", "v1.2.3", "1.2.3.4", "latest", "1.4.2rc1", "", "1.4.*", (1, 2), None, 1.4]


@pytest.fixture
def run_id(place) -> str:
    """A run that is Active."""
    run_id = place.add_run()
    enable_run(run_id, client=place.client)
    return str(run_id)


@pytest.fixture
def untouched(place, run_id):
    """The place, of which nothing may be written."""
    assert {run_id: 1.0} == place.fractions()
    before = place.plan()
    with writes_of(place.client) as writes:
        yield place
    assert [] == writes
    assert before == place.plan()


@one_way
@pytest.mark.parametrize("change", UPDATES)
def test_bad_shares(untouched, run_id, change):
    """NaN, infinities, negatives, no numbers."""
    for share in (math.nan, math.inf, -math.inf, -0.1, -1, "1", None, True, 10**400):
        with pytest.raises(ValueError, match=f"the share of run '{run_id}' must be"):
            change({run_id: share}, **untouched.scope)
    for shares in ({}, {run_id: 0}, {run_id: -0.0}):
        with pytest.raises(ValueError, match="give at least one run"):
            change(shares, **untouched.scope)
    for shares in ([run_id], run_id, None, 1.0, {run_id}):
        with pytest.raises(ValueError, match="must be a dictionary"):
            change(shares, **untouched.scope)


@pytest.mark.parametrize("change", UPDATES)
def test_runs_that_are_not_of_the_scope(untouched, run_id, change):
    """Unknown, of another version, submodel or experiment, deleted, not saved: all are named."""
    place = untouched
    deleted, bare = place.add_run(), place.plain.create_run(place.experiment_id).info.run_id
    place.plain.delete_run(deleted)
    foreign = [place.add_run("1.4.3"), place.add_run(submodel="other"), deleted, bare]
    for other in [*foreign, "0" * 32, "no id", "", "x' or '1'='1", "`", "../" * 3, "ü" * 300]:
        with pytest.raises(ValueError, match="no run of") as error:
            change({run_id: 1, other: 1}, **place.scope)
        assert repr(other) in str(error.value)


@pytest.mark.parametrize("change", UPDATES)
def test_disabled_runs_get_no_share(place, run_id, change):
    """They are brought back by a change of their status."""
    other = place.add_run()
    disable_run(other, client=place.client)
    with (
        writes_of(place.client) as writes,
        pytest.raises(ValueError, match=f"'{other}' of .*: Disabled"),
    ):
        change({run_id: 1, other: 1}, **place.scope)
    assert [] == writes


@one_way
@pytest.mark.parametrize("change", [enable_run, disable_run, canary_run, change_status])
def test_ids_of_no_run(untouched, change):
    """Nor of a run that cannot take part."""
    place = untouched
    deleted, bare = place.add_run(), place.plain.create_run(place.experiment_id).info.run_id
    place.plain.delete_run(deleted)
    wrong = {"0" * 32: "does not exist", bare: "not saved by save_model"}
    if change is not disable_run:  # what is deleted may be taken out
        wrong[deleted] = "it is deleted"
    for run_id in ("", " ", "a b", "x'y", "../x", "%2e", None, 7, "ü", "a" * 257):
        wrong[run_id] = "must be the id of a run"  # type: ignore[index] # that is the test
    for run_id, message in wrong.items():
        with pytest.raises(ValueError, match=message):
            change(run_id, client=place.client)


@one_way
def test_bad_statuses_and_fractions(untouched, run_id):
    """Each is named with the rule."""
    for status in ("live", 4, -1, 2.0, True, []):
        with pytest.raises(ValueError, match="new_active_state must be one of Disabled, New"):
            change_status(run_id, status, client=untouched.client)
        with pytest.raises(ValueError, match="active_state must be one of"):
            list_runs(**untouched.scope, active_state=status)
    for fraction in (math.nan, math.inf, -0.1, 1.1, "0.5", True):
        with pytest.raises(ValueError, match=f"of run '{run_id}' must be"):
            change_status(run_id, "Active", fraction, client=untouched.client)
    with pytest.raises(ValueError, match="only Active runs have a fraction"):
        change_status(run_id, "Canary", 0.5, client=untouched.client)


@one_way
@pytest.mark.parametrize("call", [plan, history, update_active_runs, change_test_fractions])
def test_bad_versions(place, call):
    """Wherever one is given."""
    shares = [{"a": 1}] if call in UPDATES else []
    for version in BAD_VERSIONS:
        scope = {**place.scope, "model_version": version}
        with writes_of(place.client) as writes, pytest.raises(ValueError, match="is no version"):
            call(*shares, **scope)
        assert [] == writes


@one_way
def test_bad_versions_are_not_saved_or_gone_back_to(place):
    """And no experiment is made."""
    for version in BAD_VERSIONS:
        with writes_of(place.client) as writes:
            with pytest.raises(ValueError, match="is no version"):
                rollback(1, **{**place.scope, "model_version": version})
            with pytest.raises(ValueError, match="is no version"):
                save_model(object(), version, experiment_name="none yet", client=place.client)
        assert [] == writes
    assert place.plain.get_experiment_by_name("none yet") is None


@one_way
def test_bad_experiments(place):
    """None, unknown or deleted; an id wins over a name."""
    deleted = place.plain.create_experiment(f"{place.name}-deleted")
    place.plain.delete_experiment(deleted)
    wrong = [
        ({}, "pass experiment_id or experiment_name"),
        ({"experiment_name": ""}, "pass experiment_id or experiment_name"),
        ({"experiment_id": "987654321"}, "with id '987654321' does not exist"),
        ({"experiment_id": "x"}, "with id 'x' does not exist"),
        ({"experiment_id": "x", "experiment_name": place.name}, "with id 'x' does not exist"),
        ({"experiment_name": "no such"}, "'no such' does not exist"),
        ({"experiment_id": deleted}, "is deleted: restore it first"),
        ({"experiment_name": f"{place.name}-deleted"}, "is deleted: restore it first"),
    ]
    for named, message in wrong:
        with writes_of(place.client) as writes, pytest.raises(ValueError, match=message):
            list_runs(VERSION, **named, client=place.client)
        with pytest.raises(ValueError, match=message):
            plan(VERSION, **named, client=place.client)
        assert [] == writes
    scope = {"experiment_id": place.experiment_id, "experiment_name": "no such"}
    assert place.name == plan(VERSION, **scope, client=place.client).submodel_name


@one_way
def test_bad_names_of_submodels(place):
    """Not text, empty, not printable, or what no registered model may be called."""
    for name in ("", "  ", 7, "a\nb", "a\x00", "a" * 257, "/" * 86, ".", "..", "..a"):
        with pytest.raises(ValueError, match="submodel_name"):
            plan(**place.scope, submodel_name=name)


@one_way
def test_bad_metadata_is_refused_before_the_experiment_is_made(place):
    """As a version that is none is."""
    for metadata in ({"a'b": 1}, {"submodel_name": "x"}, {"mlflow.x": 1}, {"": 1}, ["a"]):
        for name in ("immutable_metadata", "mutable_metadata"):
            with writes_of(place.client) as writes, pytest.raises(ValueError, match=name):
                save_model(
                    object(),
                    VERSION,
                    experiment_name="none yet",
                    client=place.client,
                    **{name: metadata},
                )
            assert [] == writes


def test_revisions_that_there_are_not(untouched):
    """The error names the revision, or the rule."""
    for revision in (2, 10**6):
        with pytest.raises(ValueError, match=f"no revision {revision}"):
            rollback(revision, **untouched.scope)
    for revision in (-1, 1.0, "1", None, True):
        with pytest.raises(ValueError, match="a revision is a whole number, 0 or more"):
            rollback(revision, **untouched.scope)
    with pytest.raises(ValueError, match="at least 1, not 0"):
        history(**untouched.scope, limit=0)


@stock_only
def test_a_plan_of_more_runs_than_a_tag_holds(place, monkeypatch):
    """It is told how many are live, and nothing is written."""
    one, two = place.add_runs(2)
    enable_run(one, client=place.client)
    monkeypatch.setattr(encode, "__kwdefaults__", {"max_characters": 150})
    with (
        writes_of(place.client) as writes,
        pytest.raises(ValueError, match=r"2 live runs .* holds 150: disable some runs"),
    ):
        update_active_runs({one: 1, two: 1}, **place.scope)
    assert [] == writes


@stock_only
def test_a_tag_that_holds_something_else(place, scope, run_id):
    """Nobody's word is overwritten; the tag is named."""
    place.plain.set_experiment_tag(place.experiment_id, plan_tag(scope), '{"format": 9}')
    for call in (lambda: enable_run(run_id, client=place.client), place.plan):
        with pytest.raises(UnreadablePlan, match=plan_tag(scope)):
            call()
    with pytest.raises(UnreadablePlan):
        list_runs(**place.scope)
