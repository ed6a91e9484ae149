from pathlib import Path

from penstock.errors import ModelUnavailable
from penstock.models.loaded import load_model
from penstock.models.loaded_model import LoadedModel, SourceName
from penstock.models.local_copies import LocalCopies
from penstock.models.reference import Kind
from penstock.models.resolution import Resolution
from penstock.models.sources.memory import Held, MemorySource
from penstock.models.sources.question import Question


class LocalSource:
    """The disk of this machine: the copy that was kept at registration, or a named folder."""

    name = SourceName.LOCAL

    def __init__(self, copies: LocalCopies, memory: MemorySource) -> None:
        self._copies = copies
        self._memory = memory

    def load(self, question: Question) -> LoadedModel:
        """Return the model of a folder, or the local copy of what the reference means."""
        reference = question.reference
        if reference.kind is Kind.FOLDER:
            folder = Path(reference.text)
            model = load_model(folder, flavour=question.flavour)
            resolution = Resolution(key="", source=str(folder), model_uri=folder.as_uri())
            return Held(model, resolution, folder).answer(self.name)
        entry, resolution = self._copies.open(_named(question))
        wanted = reference.models_uri.version if reference.models_uri is not None else None
        if wanted is not None and str(wanted) != resolution.version:
            entry.close()
            raise ModelUnavailable(f"the local copy is version {resolution.version}, not {wanted}")
        held = self._memory.hold(entry, resolution, question.flavour)
        return held.answer(self.name, is_fallback=not reference.is_fixed)


def _named(question: Question) -> str:
    name = question.reference.name
    if name is None:
        raise ModelUnavailable("local copies are kept of registered models alone")
    return name
