"""The example of lineage, run as a user would, against `penstock up`."""

import re
import subprocess
import sys
from pathlib import Path

from servers import clean_environment

EXAMPLE = Path(__file__).parents[3] / "examples" / "lineage.py"


def example(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLE)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_the_example_shows_where_both_versions_came_from(stack):
    """Data sets, commits, winners, versions and deployments, each with its id."""
    ended = example(stack.environment)
    assert 0 == ended.returncode, ended.stderr
    first, second = re.findall(r"^model version tumours · run (\w{32})", ended.stdout, re.MULTILINE)
    for line in (
        rf"made from: dataset samples · run {first}",
        r"versioned as: commit [0-9a-f]{40}",
        r"winner: experiment [0-9a-f]{32}\.tumours",
        rf"registered as: registered version tumours_reg version \d+ · run {first}",
        rf"deployed as: deployment tumours · run {second}",
        rf"predicted by: prediction job tumours_predictions · run {second}",
        rf"deployed before: that of run {first}",
        rf"penstock lineage compare {first} {second}",
    ):
        assert re.search(line, ended.stdout), (line, ended.stdout)


def test_a_missing_setting_is_named():
    """Without an address, the example says which variable to set, and where to read how."""
    ended = example(clean_environment())
    assert 1 == ended.returncode
    assert ended.stderr.startswith("lineage: set MLFLOW_TRACKING_URI")
    assert "Traceback" not in ended.stderr
