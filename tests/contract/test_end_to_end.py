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
    folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CACHE", "DATA")}
    ended = subprocess.run(
        [sys.executable, str(EXAMPLE)],
        cwd=tmp_path,
        env={**stack.environment, **folders},
        capture_output=True,
        text=True,
        timeout=270,
        check=False,
    )
    assert 0 == ended.returncode, ended.stdout + ended.stderr
    steps = re.split(r"^\d  ", ended.stdout, flags=re.MULTILINE)[1:]
    _, canary, halves, ramped, back = map(_counts, steps)
    asked = sum(canary.values())
    assert {"baseline"} == set(canary)
    assert {"baseline", "regression"} == set(halves) == set(back)
    assert 2 * asked == sum(halves.values())
    for split in (halves, back):
        assert 0.3 < split["regression"] / sum(split.values()) < 0.7
    assert "the winner is the regression" in steps[2]
    # Three quarters of the first step, and all of the second.
    assert ramped["regression"] > 0.6 * sum(ramped.values())
    ramp = steps[3]
    for said in ("guard outcome>=baseline", "step 1: ", "step 2: ", "the ramp is over"):
        assert f"\n  {said}" in ramp, ramp
    assert [
        ("3", "baseline 50%, regression 50%"),
        ("4", "baseline 25%, regression 75% (ramp, step 1 of 2)"),
        ("5", "regression 100% (ramp, step 2 of 2)"),
    ] == re.findall(r"^  revision (\d): (.*)$", ramp, re.MULTILINE)


def _counts(step: str) -> dict[str, int]:
    """Return how many answers each candidate gave in a step."""
    found: dict[str, int] = {}
    for name, count in re.findall(r"^  (\w+) +answered +(\d+)", step, re.MULTILINE):
        found[name] = found.get(name, 0) + int(count)
    return found
