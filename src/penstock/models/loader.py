import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from penstock.errors import CacheError, LocalFileError, ModelUnavailable, PenstockError
from penstock.models.cache.cache import ModelCache
from penstock.models.cache.entry import OpenEntry
from penstock.models.cache.pins import Pins
from penstock.models.flavour_choice import FlavourLike
from penstock.models.loaded_model import LoadedModel
from penstock.models.local_copies import LocalCopies
from penstock.models.reference import Kind, ModelReference, parse_reference
from penstock.models.resolution import Resolution
from penstock.models.sources.disk import DiskSource
from penstock.models.sources.local import LocalSource
from penstock.models.sources.memory import MemorySource
from penstock.models.sources.question import Question
from penstock.models.sources.registry import RegistrySource
from penstock.models.sources.source import Source
from penstock.rest import MlflowClient


class ModelLoader:
    """Loads models from the first source that has them: memory, server, cache, local copy.

    What never changes is looked for in the cache before the server is asked.
    """

    def __init__(
        self,
        client: Callable[[], MlflowClient],
        *,
        realm: Callable[[], str],
        cache: ModelCache,
        copies: LocalCopies,
    ) -> None:
        self.cache = cache
        self.copies = copies
        self.memory = MemorySource()
        self.registry = RegistrySource(client, cache, self.memory)
        self._realm = realm
        self._disk = DiskSource(cache, self.memory)
        self._local = LocalSource(copies, self.memory)

    def load(
        self, given: str | os.PathLike[str] | ModelReference, *, flavour: FlavourLike = "pyfunc"
    ) -> LoadedModel:
        """Load a model. Raises ModelUnavailable that says what each source said."""
        reference = given if isinstance(given, ModelReference) else parse_reference(given)
        question = self._question(reference, flavour)
        said: dict[str, str] = {}
        for source in self._order(reference):
            try:
                answer = source.load(question)
            except PenstockError as error:
                said[source.name.value] = str(error)
                continue
            if answer.is_fallback:
                _warn_of_fallback(reference, answer, said)
            else:
                self._note(question)
            return answer
        listed = "; ".join(f"{name}: {what}" for name, what in said.items())
        raise ModelUnavailable(f"no source has '{reference}': {listed}", said=said)

    def download(
        self, given: str | os.PathLike[str] | ModelReference, dst_path: str | os.PathLike[str]
    ) -> str:
        """Copy the files of a model into a folder, from the cache if it has them; return it.

        Raises what the server said, where the cache has nothing that the reference ever meant.
        """
        reference = given if isinstance(given, ModelReference) else parse_reference(given)
        question = self._question(reference, "pyfunc")
        if reference.is_fixed and question.known is not None:
            entry = self.cache.find(question.known.key)
            if entry is not None:
                return _copy(entry, dst_path)
        entry = self.registry.open(question.asked)
        self._note(question)
        return _copy(entry, dst_path)

    def forget(self, name: str) -> bool:
        """Remove a registered model from the cache; return whether something was there."""
        gone = self.cache.clear(name)
        pins = self._pins()
        if pins is not None:
            pins.forget(name)
        return bool(gone)

    def find_known(self, reference: ModelReference) -> Resolution | None:
        """Return what a reference meant when the server was last asked, or None."""
        pins = self._pins()
        return None if pins is None else pins.find(reference.text)

    def _question(self, reference: ModelReference, flavour: FlavourLike) -> Question:
        return Question(reference, flavour, self.find_known(reference), self.registry.resolve)

    def _order(self, reference: ModelReference) -> tuple[Source, ...]:
        if reference.kind is Kind.FOLDER:
            return (self._local,)
        if reference.is_fixed:
            return (self.memory, self._disk, self.registry, self._local)
        return (self.memory, self.registry, self._disk, self._local)

    def _note(self, question: Question) -> None:
        """Note what a reference means, once it has been loaded, for when the server is away."""
        meant, pins = question.answer, self._pins()
        if meant is None or meant == question.known or pins is None:
            return
        try:
            pins.keep(question.reference.text, meant)
            if meant.version is not None:
                # The name may have been given away: the number then means other files than before.
                pins.keep(meant.model_uri, meant)
        except CacheError as error:
            logging.getLogger("penstock.models").warning("%s", error)

    def _pins(self) -> Pins | None:
        try:
            return self.cache.pins(self._realm())
        except PenstockError:
            # No server is named; then nothing can be known of what it said.
            return None


def _copy(entry: OpenEntry, dst_path: str | os.PathLike[str]) -> str:
    with entry:
        try:
            return str(shutil.copytree(entry.model, Path(dst_path), dirs_exist_ok=True))
        except OSError as error:
            raise LocalFileError(f"cannot copy the model to {dst_path}: {error}") from error


def _warn_of_fallback(reference: ModelReference, answer: LoadedModel, said: dict[str, str]) -> None:
    logging.getLogger("penstock.models").warning(
        "%s: version %s comes from the source '%s', for the server did not say what is current: %s",
        reference,
        answer.version or "unknown",
        answer.source.value,
        said.get("mlflow", "it was not asked"),
    )
