"""What the pages about the client tell is there, and what is there is told."""

import re
import signal
import subprocess
import sys
from pathlib import Path

from penstock import MlflowClient, rest
from penstock.rest import entities
from servers import Up, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
REFERENCE = (DOCS / "reference" / "client.md").read_text(encoding="utf-8")
ARTIFACTS = (DOCS / "guides" / "artifacts.md").read_text(encoding="utf-8")
LOGGING = (DOCS / "guides" / "logging.md").read_text(encoding="utf-8")
METRICS = 1000

KILLED = f"""
import os, signal, sys
from penstock import MlflowClient

run_id, nobody = sys.argv[1:]
client = MlflowClient(nobody, spool="spool")
for step in range({METRICS}):
    client.log_metric(run_id, "loss", 1 / (step + 1), step=step, synchronous=False)
os.kill(os.getpid(), signal.SIGKILL)
"""


def named_in_tables(text: str, pattern: str) -> set[str]:
    rows = re.findall(r"^\|.*\|$", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(rf"`({pattern})`", row)}


def test_every_setting_of_the_client_is_told():
    """A variable that only the source tells of could as well not be there."""
    sources = (
        path.read_text(encoding="utf-8") for path in (ROOT / "src/penstock/rest").rglob("*.py")
    )
    read = {name for text in sources for name in re.findall(r'"(MLFLOW_[A-Z0-9_]+)"', text)}
    told = named_in_tables(REFERENCE + ARTIFACTS, r"MLFLOW_[A-Z0-9_]+")
    assert {"MLFLOW_TRACKING_URI", "MLFLOW_S3_ENDPOINT_URL"} <= read
    assert (set(), set()) == (read - told, told - read)


def test_every_argument_of_the_writer_has_its_default_in_the_guide():
    """Who reads of 30 seconds must not wait for 60."""
    table = LOGGING.partition("## Settings")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", table, re.MULTILINE))
    defaults = MlflowClient.__init__.__kwdefaults__
    assert {
        "spool": "none" if defaults["spool"] is None else defaults["spool"],
        "flush_timeout": f"{defaults['flush_timeout']:g}",
        "queue_size": f"{defaults['queue_size']:,}",
    } == told


def test_every_entity_has_its_row():
    """What is public is told, and what is told is public."""
    section = REFERENCE.partition("## Entities")[2].partition("\n## ")[0]
    assert set(entities.__all__) == named_in_tables(section, "[A-Z][A-Za-z]+")
    assert {"RunOperations", "RefusedItem"} == {name for name in rest.__all__ if name in section}


def test_the_sync_of_the_guide_sends_what_a_killed_process_left(stack, tmp_path):
    """The command that the guide shows, for a process that found no server and was killed."""
    command = LOGGING.partition("```sh\n")[2].partition("```")[0].split()
    assert ["penstock", "sync", "spool"] == command
    login = {"username": stack.username, "password": stack.password}
    with MlflowClient(stack.gateway_url, **login) as client:
        run_id = client.create_run(client.create_experiment("killed")).info.run_id
        nobody = f"http://127.0.0.1:{free_port()}"
        killed = run([sys.executable, "-c", KILLED, run_id, nobody], stack, tmp_path)
        assert -signal.SIGKILL == killed.returncode, killed.stderr
        assert [] == client.get_metric_history(run_id, "loss")

        to = ["--to", stack.gateway_url]
        synced = run([sys.executable, "-m", *command, *to], stack, tmp_path)
        assert (0, "") == (synced.returncode, synced.stderr)
        assert f"{METRICS} sent, 0 left" in synced.stdout
        assert METRICS == len(client.get_metric_history(run_id, "loss"))
    assert [] == list((tmp_path / "spool").iterdir())


def run(command: list[str], stack: Up, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=stack.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
