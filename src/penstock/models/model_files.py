import logging
import os
from pathlib import Path

from penstock.errors import CacheError, LocalFileError, PenstockError
from penstock.models.cache.cache import ModelCache
from penstock.models.cache.entry import OpenEntry
from penstock.models.folder_copy import copy_folder
from penstock.models.mlmodel import read_mlmodel
from penstock.models.outage import is_absence
from penstock.models.reference import Kind
from penstock.models.sources.question import Question
from penstock.models.sources.registry import RegistrySource


class ModelFiles:
    """Copies the files of models, from the cache where that knows what is meant."""

    def __init__(self, cache: ModelCache, registry: RegistrySource) -> None:
        self._cache = cache
        self._registry = registry

    def copy(self, question: Question, dst_path: str | os.PathLike[str]) -> str:
        """Copy the files of a model into a folder; return it.

        While the server is away that is what the reference meant last. Raises what the server
        said, where the cache has nothing that it ever meant.
        """
        kind, folder = question.reference.kind, Path(dst_path)
        if kind is Kind.FOLDER:
            return _copy(read_mlmodel(question.reference.text).path, folder)
        if kind is Kind.PLACE:
            # What lies there may change at any time, so that no copy can stand for it.
            return self._registry.download(question.asked, folder)
        try:
            entry = self._open(question)
        except CacheError as error:
            _logger().warning("%s; downloading without the cache", error)
            return self._registry.download(question.asked, folder)
        with entry:
            return _copy(entry.model, folder)

    def _open(self, question: Question) -> OpenEntry:
        entry = self._find(question) if question.reference.is_fixed else None
        return entry or self._open_current(question)

    def _open_current(self, question: Question) -> OpenEntry:
        try:
            return self._registry.open(question.asked)
        except PenstockError as error:
            entry = self._find(question) if is_absence(error) else None
            if entry is None:
                raise
            _logger().warning(
                "%s: these are the files of %s, which it meant when the server last answered: %s",
                question.reference,
                question.known and question.known.model_uri,
                error,
            )
            return entry

    def _find(self, question: Question) -> OpenEntry | None:
        return None if question.known is None else self._cache.find(question.known.key)


def _copy(folder: Path, dst_path: Path) -> str:
    try:
        return copy_folder(folder, dst_path, is_there=True)
    except OSError as error:
        raise LocalFileError(f"cannot copy the model to {dst_path}: {error}") from error


def _logger() -> logging.Logger:
    return logging.getLogger("penstock.models")
