import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from penstock.errors import CacheError, ModelUnavailable, PenstockError, RequestTimeout
from penstock.models.cache.cache import ModelCache
from penstock.models.cache.pins import Pins
from penstock.models.flavour_choice import FlavourLike
from penstock.models.loaded_model import LoadedModel
from penstock.models.local_copies import LocalCopies
from penstock.models.model_files import ModelFiles
from penstock.models.outage import Outage
from penstock.models.reference import Kind, ModelReference, parse_reference
from penstock.models.resolution import Resolution
from penstock.models.sources.disk import DiskSource
from penstock.models.sources.local import LocalSource, name_copy
from penstock.models.sources.memory import MemorySource
from penstock.models.sources.question import Question
from penstock.models.sources.registry import RegistrySource
from penstock.models.sources.source import Source
from penstock.rest import MlflowClient

_UNASKED: Final = frozenset({Kind.LOGGED, Kind.PLACE, Kind.FOLDER})
"""What is clear, or never will be, without asking the server."""


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
        self._outage = Outage()
        self._files = ModelFiles(cache, self.registry)
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
        folder = self._files.copy(question, dst_path)
        self._note(question)
        return folder

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

    def note_meaning(self, moving: ModelReference, fixed: ModelReference) -> None:
        """Note that one reference means the model that was loaded by another one."""
        meant, pins = self.find_known(fixed), self._pins()
        if meant is not None and pins is not None:
            self._keep(pins, moving.text, meant)

    def note_silence(self) -> None:
        """Ask the server nothing for some seconds where something here can stand in for it."""
        self._outage.note(RequestTimeout("the server leaves another question without an answer"))

    @contextmanager
    def asking(self, reference: ModelReference) -> Iterator[None]:
        """Ask the server in the block what a reference means.

        Raises at once, for some seconds after the server did not answer, where something here can
        stand in for what it would say.
        """
        problem = self._outage.find_fresh()
        if problem is not None and self._has_substitute(reference):
            raise problem
        with self._outage.watching():
            yield

    def _question(self, reference: ModelReference, flavour: FlavourLike) -> Question:
        return Question(reference, flavour, self.find_known(reference), self._resolve)

    def _resolve(self, reference: ModelReference) -> Resolution:
        if reference.kind in _UNASKED:
            return self.registry.resolve(reference)
        with self.asking(reference):
            return self.registry.resolve(reference)

    def _has_substitute(self, reference: ModelReference) -> bool:
        if self.find_known(reference) is not None:
            return True
        try:
            self.copies.find(*name_copy(reference))
        except PenstockError:
            return False
        return True

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
        self._keep(pins, question.reference.text, meant)
        if meant.version is not None:
            # The name may have been given away: the number then means other files than before.
            self._keep(pins, meant.model_uri, meant)

    def _keep(self, pins: Pins, text: str, meant: Resolution) -> None:
        try:
            pins.keep(text, meant)
        except CacheError as error:
            logging.getLogger("penstock.models").warning("%s", error)

    def _pins(self) -> Pins | None:
        try:
            return self.cache.pins(self._realm())
        except PenstockError:
            # No server is named; then nothing can be known of what it said.
            return None


def _warn_of_fallback(reference: ModelReference, answer: LoadedModel, said: dict[str, str]) -> None:
    logging.getLogger("penstock.models").warning(
        "%s: version %s comes from the source '%s', for the server did not say what is current: %s",
        reference,
        answer.version or "unknown",
        answer.source.value,
        said.get("mlflow", "it was not asked"),
    )
