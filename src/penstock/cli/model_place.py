"""The models that a command speaks of, and the manager that finds them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from penstock.cli.server import SECONDS, find_place, named
from penstock.errors import ConfigurationError
from penstock.models import ModelManager
from penstock.models.reference import ModelReference, parse_reference
from penstock.rest import MlflowClient

_SCHEMES: Final = ("models:", "runs:", "mlflow-artifacts:", "s3:", "http:", "https:", "file:")
_PATHS: Final = ("/", "./", "../", "~")


def parse_model(text: str) -> ModelReference:
    """Return the model that is meant: a bare name means the latest version of it."""
    if text.startswith(_SCHEMES):
        return parse_reference(text)
    if text.startswith(_PATHS) or text in {".", ".."}:
        return parse_reference(Path(text).expanduser())
    is_whole = "/" in text or "@" in text
    return parse_reference(f"models:/{text}" if is_whole else f"models:/{text}/latest")


@contextmanager
def open_manager(uri: str | None, cache: Path | None) -> Iterator[ModelManager]:
    """Open a manager for the server of `--uri` or the settings, while the block runs.

    Where none is named, cache and local copies are all there is.
    """
    try:
        place = find_place(uri)
    except ConfigurationError:
        if uri is not None:
            raise
        with ModelManager(cache_dir=cache) as manager:
            yield manager
        return
    with (
        named(place.source),
        MlflowClient(place.address, timeout=SECONDS, retries=0) as client,
        ModelManager(cache_dir=cache, client=client) as manager,
    ):
        yield manager
