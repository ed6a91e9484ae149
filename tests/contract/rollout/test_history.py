"""What was live, and when; and the way back."""

from datetime import UTC, datetime, timedelta

import pytest

from penstock.rollout.mlflow_api import (
    canary_run,
    disable_run,
    enable_run,
    history,
    plan,
    rollback,
    update_active_runs,
)


@pytest.fixture
def story(place):
    """Four revisions, and the plans that the changes returned."""
    one, two, three = place.add_runs(3)
    plans = [
        enable_run(one, client=place.client),
        canary_run(three, client=place.client),
        update_active_runs({one: 1, two: 3}, **place.scope),
        disable_run(one, client=place.client),
    ]
    return one, two, three, plans


def test_every_revision_is_known(place, story):
    """The newest first, each with its runs, its fractions and its time."""
    plans = story[-1]
    found = history(**place.scope)
    assert [4, 3, 2, 1] == [one.revision for one in found]
    expected = [(one.revision, dict(one.runs), one.updated_at) for one in reversed(plans)]
    assert expected == [(one.revision, dict(one.runs), one.updated_at) for one in found]
    assert plans[-1] == found[0] == place.plan()
    assert [4, 3] == [one.revision for one in history(**place.scope, limit=2)]


def test_an_earlier_plan_is_asked_for(place, story):
    """By its revision, or by a time."""
    plans = story[-1]
    assert dict(plans[1].runs) == dict(plan(**place.scope, revision=2).runs)
    for one in plans:
        assert one.revision <= plan(**place.scope, at=one.updated_at).revision
    before = datetime.fromtimestamp(plans[0].updated_at / 1000, UTC) - timedelta(seconds=1)
    assert 0 == plan(**place.scope, at=before).revision
    assert 4 == plan(**place.scope, at=datetime.now(UTC) + timedelta(hours=1)).revision


def test_a_plan_that_nobody_has_written(place):
    """Is empty, of revision 0, and has no history."""
    place.add_run()
    assert (0, {}, []) == (place.plan().revision, dict(place.plan().runs), history(**place.scope))


def test_the_way_back_is_a_new_revision(place, story):
    """With the same runs and fractions; it can be undone as well."""
    run_ids, plans = list(story[:3]), story[-1]
    for revision in (2, 3, 1, 4):
        back = rollback(revision, **place.scope)
        assert dict(plans[revision - 1].runs) == dict(back.runs) == dict(place.plan().runs)
        assert {} == place.behind(run_ids)
    assert 8 == place.plan().revision == history(**place.scope)[0].revision
    before = place.plan()
    assert before == rollback(8, **place.scope) == place.plan()


def test_the_way_back_to_a_deleted_run_is_refused(place, story):
    """Named; nothing is written."""
    one, two, _, plans = story
    place.plain.delete_run(one)
    before = place.plan()
    with pytest.raises(ValueError, match=r"no revision 3; known|no run of"):
        rollback(3, **place.scope)
    assert before == place.plan()
    assert {two: 1.0} == plans[-1].active


def test_two_scopes_have_two_histories(place, story):
    """Of the same experiment."""
    other = place.add_run("1.4.3")
    enable_run(other, client=place.client)
    assert 4 == len(history(**place.scope))
    assert 1 == len(history(**{**place.scope, "model_version": "1.4.3"}))
    assert story[-1][-1] == place.plan()
