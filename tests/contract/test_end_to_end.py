"""The example that goes from training to production and back, run as a user would."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "end_to_end.py"

pytestmark = pytest.mark.timeout(280)


def test_the_example_goes_all_the_way(stack, tmp_path):
    """Through the gateway: the shares are those of each step, and the better candidate wins."""
    ended = subprocess.run(
        [sys.executable, str(EXAMPLE)],
        cwd=tmp_path,
        env={**stack.environment, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=270,
        check=False,
    )
    assert 0 == ended.returncode, ended.stdout + ended.stderr
    steps = re.split(r"^\d  ", ended.stdout, flags=re.MULTILINE)[1:]
    _, canary, halves, ramp, back = map(_counts, steps)
    asked = sum(canary.values())
    assert {"baseline"} == set(canary)
    assert {"baseline", "regression"} == set(halves) == set(back)
    assert 2 * asked == sum(halves.values())
    for split in (halves, back):
        assert 0.3 < split["regression"] / sum(split.values()) < 0.7
    assert "the winner is the regression" in steps[2]
    # Three quarters of the first step, and all of the second.
    assert ramp["regression"] > 1.5 * asked
    assert 2 * asked == sum(ramp.values())


def _counts(step: str) -> dict[str, int]:
    """Return how many answers each candidate gave in a step."""
    found: dict[str, int] = {}
    for name, count in re.findall(r"^  (\w+) +answered +(\d+)", step, re.MULTILINE):
        found[name] = found.get(name, 0) + int(count)
    return found
