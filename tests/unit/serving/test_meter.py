"""Numbers that several processes keep in one folder."""

import subprocess
import sys

import pytest

from penstock.serving.meter import ROOM

COUNT = """
import os, resource, sys
from pathlib import Path
from penstock.errors import LocalFileError
from penstock.serving.meter import Meter, share_meters

folder, most = Path(sys.argv[1]), int(sys.argv[2])
share_meters(folder)
if most:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    meter = Meter()
except LocalFileError as error:
    sys.exit(f"{error}; {len(list(folder.iterdir()))} files")
meter.answered("a", 200, 0.01)
meter.mirrored("b", "same", 0.01)
print(min(file.stat().st_blocks * 512 for file in folder.iterdir()))
print('requests_total{run="a",status="200"} 1.0' in meter.page().decode())
"""


def count(folder, *, most=0):
    """Count in another process, whose files may have so many bytes at most."""
    command = [sys.executable, "-c", COUNT, str(folder), str(most)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="it looks at the blocks of a file")
def test_numbers_have_their_room_before_anything_is_counted(tmp_path):
    """They are mapped: where a disk had no room for them later, the process would end."""
    ended = count(tmp_path)
    room, is_told = ended.stdout.split()
    assert "True" == is_told
    assert int(room) >= ROOM


@pytest.mark.skipif(sys.platform != "linux", reason="limits are those of Linux")
def test_a_folder_without_room_is_refused(tmp_path):
    """By its name, and without a file that could not be read by others."""
    ended = count(tmp_path, most=ROOM // 2)
    assert 1 == ended.returncode
    assert f"cannot keep numbers in {tmp_path}" in ended.stderr
    assert "TMPDIR" in ended.stderr
    assert "; 0 files" in ended.stderr
