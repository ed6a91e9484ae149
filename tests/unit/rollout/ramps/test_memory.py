"""How far a ramp has come, on disk."""

import os
import stat

import pytest

from penstock.errors import InvalidRollout, LocalFileError
from penstock.rollout.ramps.evidence import Bounds, Counts, Evidence
from penstock.rollout.ramps.guards import parse_guard
from penstock.rollout.ramps.memory import RampMemory
from penstock.rollout.ramps.order import RampOrder
from penstock.rollout.ramps.state import begin
from unit.rollout.scopes import SCOPE, A, B, C, planned

ORDER = RampOrder(
    scope=SCOPE, run_id=C, steps=(0.1, 1.0), every=60.0, guards=(parse_guard("p99<1s"),)
)
STATE = begin(ORDER, planned(C, a=0.4, b=0.6, revision=3))


@pytest.fixture
def memory(tmp_path) -> RampMemory:
    return RampMemory(tmp_path / "ramps", "http://127.0.0.1:1", SCOPE)


def test_a_state_is_found_as_it_was_kept(memory):
    """With all that has been seen."""
    seen = Evidence(Counts(7, 1, {0.125: 7}), Counts(), (Bounds(1, 0, 2),))
    kept = STATE.made(4, 1000.5, seen).next().breaking("it failed")
    with memory.held():
        assert memory.find() is None
        memory.keep(kept)
        assert kept == memory.find()
        assert 0o700 == stat.S_IMODE(memory.file.parent.stat().st_mode)
        memory.forget()
        assert memory.find() is None


def test_a_state_knows_where_to_go_back_to():
    """What was live, and which run had most of it."""
    assert planned(C, a=0.4, b=0.6, revision=3) == STATE.former_plan(SCOPE)
    assert B == STATE.baseline
    assert A != STATE.baseline


def test_one_ramp_of_a_version_is_at_work(memory, tmp_path):
    """Another one is refused; one of another server is none of its business."""
    with memory.held():
        with pytest.raises(InvalidRollout, match="another ramp"), memory.held():
            pass
        with RampMemory(tmp_path / "ramps", "http://127.0.0.1:2", SCOPE).held():
            pass
    with memory.held():
        pass


def test_a_damaged_file_is_told(memory):
    """With what to do about it."""
    with memory.held():
        memory.file.write_text("{")
        with pytest.raises(LocalFileError, match="remove it"):
            memory.find()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    """With the variable that names another."""
    tmp_path.chmod(0o500)
    with (
        pytest.raises(LocalFileError, match="XDG_DATA_HOME"),
        RampMemory(tmp_path / "ramps", "http://127.0.0.1:1", SCOPE).held(),
    ):
        pass


def test_another_order_is_not_gone_on_with():
    """The one that began at a later step is the same."""
    assert STATE.continues(ORDER)
    longer = RampOrder(
        scope=SCOPE, run_id=C, steps=(0.01, 0.1, 1.0), every=60.0, guards=ORDER.guards
    )
    assert STATE.continues(longer)
    other = RampOrder(scope=SCOPE, run_id=C, steps=(0.1, 1.0), every=60.0)
    assert not STATE.continues(other)
    assert STATE.is_of(planned(a=1.0, revision=4))
    assert not STATE.made(4, 0.0, Evidence()).is_of(planned(a=1.0, revision=5))


@pytest.mark.parametrize("content", [b"{", b'{"revision": "\xff"}'])
def test_a_damaged_state_is_no_ramp(memory, content):
    """The message says which file stands in the way."""
    with memory.held():
        memory.file.write_bytes(content)
        with pytest.raises(LocalFileError, match="holds no ramp"):
            memory.find()
