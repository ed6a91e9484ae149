import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from penstock.errors import LocalFileError, UnsuitableObject
from penstock.rest.artifacts.paths import safe_path
from penstock.rest.artifacts.roots import ArtifactRoot
from penstock.rest.artifacts.upload import upload_as, upload_bytes

SMALL = 1 << 20
CHUNK = 1 << 18


def upload_stream(root: ArtifactRoot, stream: Any, file: str) -> None:  # noqa: ANN401 - checked here
    """Upload what is left of a binary stream; a large one passes through a temporary file.

    Only what has a known length can be sent again when a connection breaks.
    """
    root.check_name(safe_path(file))
    if not callable(getattr(stream, "read", None)):
        raise UnsuitableObject(f"log_stream needs a binary stream, not {type(stream).__name__}")
    start = _read_up_to(stream, SMALL)
    if len(start) < SMALL:
        upload_bytes(root, start, file)
        return
    with tempfile.TemporaryDirectory(prefix="penstock-") as folder:
        path = Path(folder, "stream")
        _write(path, lambda target: _copy(start, stream, target))
        upload_as(root, path, file)


def _read_up_to(stream: Any, size: int) -> bytes:  # noqa: ANN401 - as above
    parts = bytearray()
    while len(parts) < size and (part := _read(stream, size - len(parts))):
        parts += part
    return bytes(parts)


def _copy(start: bytes, stream: Any, target: BinaryIO) -> None:  # noqa: ANN401 - as above
    target.write(start)
    while part := _read(stream, CHUNK):
        target.write(part)


def _read(stream: Any, size: int) -> bytes:  # noqa: ANN401 - as above
    part = stream.read(size)
    if not isinstance(part, bytes | bytearray | memoryview):
        raise UnsuitableObject(
            f"log_stream needs a binary stream; this one gives {type(part).__name__}"
        )
    return bytes(part)


def _write(path: Path, fill: Callable[[BinaryIO], None]) -> None:
    try:
        with path.open("xb") as target:
            fill(target)
    except OSError as error:
        raise LocalFileError(f"cannot write the temporary file {path}: {error}") from error
