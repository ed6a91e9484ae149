import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_tables_of_the_reference_follow_the_code():
    """A setting, a route or an error without its row in the docs fails here."""
    command = [sys.executable, "scripts/reference.py", "--check"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (0, "") == (answer.returncode, answer.stderr)


def test_every_setting_in_the_code_has_its_row():
    """A variable that is read somewhere but told nowhere could only be found by reading."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    read = {name for text in sources for name in re.findall(r"PENSTOCK_[A-Z]+(?:_[A-Z]+)*", text)}
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(PENSTOCK_[A-Z_]+)`", page, re.MULTILINE))
    assert {"PENSTOCK_UPSTREAM_URL", "PENSTOCK_URL"} <= told
    assert set() == read - told - {"PENSTOCK_ADMIN", "PENSTOCK_CACHE", "PENSTOCK_SERVE"}
