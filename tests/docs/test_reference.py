import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_tables_of_the_reference_follow_the_code():
    """A setting, a route or an error without its row in the docs fails here."""
    command = [sys.executable, "scripts/reference.py", "--check"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (0, "") == (answer.returncode, answer.stderr)
