"""The lineup last seen, kept on disk: what a server begins with while nobody can be asked."""

import os
from pathlib import Path
from typing import Final

import msgspec

from penstock.errors import LocalFileError
from penstock.serving.lineup import Lineup

FILE: Final = "lineup.json"


class LineupMemory:
    """Keeps one lineup in a folder; several processes may write the same one."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def find(self) -> Lineup | None:
        """Return the lineup last kept, or None where there is none that can be read."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Lineup)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def keep(self, lineup: Lineup) -> None:
        """Keep a lineup, whole or not at all. Raises LocalFileError."""
        beside = self._file.with_suffix(f".{os.getpid()}.new")
        try:
            beside.write_bytes(msgspec.json.encode(lineup))
            beside.replace(self._file)
        except OSError as error:
            raise LocalFileError(f"cannot keep the plan in {self._file}: {error}") from error
