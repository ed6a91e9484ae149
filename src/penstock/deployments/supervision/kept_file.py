"""Small JSON files that are whole at any moment, whatever is killed meanwhile."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.errors import SupervisionError


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Write or replace a file that its owner alone may read. Raises SupervisionError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(document, stream)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        raise SupervisionError(f"cannot write {path}: {error.strerror}") from error


def read_document(path: Path) -> dict[str, Any]:
    """Return what a file holds. Raises SupervisionError where it is missing or damaged."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SupervisionError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise SupervisionError(f"{path} is damaged; remove it") from error
    if not isinstance(document, dict):
        raise SupervisionError(f"{path} is damaged; remove it")
    return document
