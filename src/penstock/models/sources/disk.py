from penstock.errors import ModelUnavailable
from penstock.models.cache.cache import ModelCache
from penstock.models.loaded_model import LoadedModel, SourceName
from penstock.models.sources.memory import MemorySource
from penstock.models.sources.question import Question


class DiskSource:
    """The cache on disk: has what was downloaded before, also when the server is away."""

    name = SourceName.CACHE

    def __init__(self, cache: ModelCache, memory: MemorySource) -> None:
        self._cache = cache
        self._memory = memory

    def load(self, question: Question) -> LoadedModel:
        """Return the model that the reference meant when it was last known."""
        known = question.known
        if known is None:
            raise ModelUnavailable("it has never been downloaded to this cache")
        held = self._memory.find(known, question.flavour)
        if held is None:
            entry = self._cache.find(known.key)
            if entry is None:
                raise ModelUnavailable("its files are not in this cache, or no longer")
            held = self._memory.hold(entry, known, question.flavour)
        return held.answer(self.name, is_fallback=not question.reference.is_fixed)
