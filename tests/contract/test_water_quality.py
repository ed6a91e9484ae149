"""The example of the stations, run as a user would."""

import re
import subprocess
import sys
from pathlib import Path

from servers import clean_environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "water_quality.py"


def test_predictions_outlive_the_server_and_say_their_source(tmp_path):
    """The same ones, from the server, then from the cache, then from the local copies."""
    ended = subprocess.run(
        [sys.executable, str(EXAMPLE)],
        cwd=tmp_path,
        env=clean_environment(GIT_PYTHON_REFRESH="quiet"),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert 0 == ended.returncode, ended.stdout + ended.stderr
    found = re.findall(r"station (\d): (\d+) tomorrow +\[source=(\w+), version=1", ended.stdout)
    assert [1, 1] == [len({index for _, index, _ in found[start::2]}) for start in (0, 1)]
    assert ["mlflow", "mlflow", "cache", "cache", "local", "local"] == [one[2] for one in found]
    assert [False, False, True, True, True, True] == [
        word == "True" for word in re.findall(r"fallback=(\w+)", ended.stdout)
    ]
    assert "station 9: asked memory, mlflow, cache, local; nobody has it" in ended.stdout
    assert "comes from the source 'cache'" in ended.stderr
