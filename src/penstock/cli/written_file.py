"""A file that is there whole, or not at all."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from penstock.cli.watched import watched
from penstock.errors import LocalFileError


def written_file(file: Path, lines: Iterable[str]) -> int:
    """Write lines to a file for its owner alone, in place of what is there; return how many.

    Raises LocalFileError; then the file is as it was.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
    except OSError as error:
        raise _failure(file, error) from error
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            count = 0
            for line in watched(lines, f"writing {file.name}"):
                stream.write(line + "\n")
                count += 1
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except OSError as error:
        raise _failure(file, error) from error
    finally:
        beside.unlink(missing_ok=True)
    return count


def _failure(file: Path, error: OSError) -> LocalFileError:
    return LocalFileError(f"{file} cannot be written: {error.strerror or error}")
