"""Several processes share a cache, and any of them may be killed at any moment."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from penstock.models.cache.cache import ModelCache
from servers import wait_until
from unit.models.entries import Fetch, left_in, resolution

TESTS = Path(__file__).parents[2]
BEGINNING = f"""
import os, sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from penstock.models.cache.cache import ModelCache
from unit.models.entries import Fetch, resolution
root = Path(sys.argv[1])
cache = ModelCache(root / "cache")
"""
COUNTING = """
def fetch(folder):
    with open(root / "downloads", "a") as file:
        file.write(f"{os.getpid()}\\n")
    Fetch(100_000)(folder)

sys.stdin.readline()
with cache.get(resolution(), fetch) as entry:
    print((entry.model / "data" / "weights").stat().st_size)
"""
HANGING = """
def fetch(folder):
    Fetch()(folder)
    print("half", flush=True)
    sys.stdin.readline()

cache.get(resolution(), fetch)
"""
USING = """
entry = cache.find("churn-1")
print("in use", flush=True)
sys.stdin.readline()
"""
LIMITED = """
import resource
from penstock.errors import CacheError
cache.folder.make()
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    cache.get(resolution(), Fetch(100_000))
except CacheError as error:
    print(error)
"""


@contextmanager
def running(program: str, root: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", BEGINNING + program, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    assert -signal.SIGKILL == process.wait(30)


def test_sixteen_processes_download_once(tmp_path):
    """All of them get the model."""
    command = [sys.executable, "-c", BEGINNING + COUNTING, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(16)]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert 1 == len(set(answers)), answers
    assert 1 == len((tmp_path / "downloads").read_text().splitlines())


def test_a_killed_download_leaves_nothing_that_counts(tmp_path):
    """The next one begins anew, and removes what was left."""
    with running(HANGING, tmp_path) as process:
        assert "half\n" == process.stdout.readline()
        kill(process)
    cache = ModelCache(tmp_path / "cache", wait_seconds=10)
    assert [] == cache.list_entries()
    assert 1 == len(left_in(cache.folder.path))
    fetch = Fetch()
    cache.get(resolution(), fetch).close()
    assert (1, {}, []) == (fetch.count, cache.verify(), left_in(cache.folder.path))


def test_who_waits_for_a_download_that_is_killed_does_it(tmp_path):
    """The kernel frees the lock."""
    with running(HANGING, tmp_path) as process, running(COUNTING, tmp_path) as waiting:
        assert "half\n" == process.stdout.readline()
        waiting.stdin.write("\n")
        waiting.stdin.flush()
        kill(process)
        assert waiting.stdout.readline().strip().isdecimal()
    assert 1 == len((tmp_path / "downloads").read_text().splitlines())


def test_what_another_process_uses_stays_until_it_ends(tmp_path):
    """However it ends."""
    cache = ModelCache(tmp_path / "cache")
    cache.get(resolution(), Fetch()).close()
    with running(USING, tmp_path) as process:
        assert "in use\n" == process.stdout.readline()
        assert [] == cache.clear()
        kill(process)
    assert wait_until(cache.clear)
    assert [] == cache.list_entries()


def test_a_disk_that_takes_no_more_is_told_and_nothing_stays(tmp_path):
    """Here by a limit of the system on the size of a file."""
    with running(LIMITED, tmp_path) as process:
        assert "cannot use the cache of models" in process.stdout.readline()
    cache = ModelCache(tmp_path / "cache")
    assert ([], []) == (cache.list_entries(), left_in(cache.folder.path))
