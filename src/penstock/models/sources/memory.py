import types
import weakref
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

from penstock.errors import ModelUnavailable, PenstockError
from penstock.models.cache.entry import OpenEntry
from penstock.models.flavour_choice import FlavourLike
from penstock.models.loaded import load_model
from penstock.models.loaded_model import LoadedModel, SourceName
from penstock.models.resolution import Resolution
from penstock.models.sources.question import Question

MOST_MODELS: Final = 16


@dataclass(frozen=True, slots=True)
class Held:
    """A model in this process's memory, and what its files are."""

    model: Any
    resolution: Resolution
    path: Path

    def answer(self, source: SourceName, *, is_fallback: bool = False) -> LoadedModel:
        """Return it as the answer of a source."""
        return LoadedModel(
            model=self.model,
            source=source,
            model_uri=self.resolution.model_uri,
            path=self.path,
            name=self.resolution.name,
            version=self.resolution.version,
            run_id=self.resolution.run_id,
            is_fallback=is_fallback,
        )


class MemorySource:
    """The models that this process has loaded, the last ones used. Safe for several threads.

    The files of a model stay in use as long as anybody has the model.
    """

    name = SourceName.MEMORY

    def __init__(self, most_models: int = MOST_MODELS) -> None:
        self._most = most_models
        self._held: OrderedDict[tuple[str, str], Held] = OrderedDict()
        self._loading: dict[tuple[str, str], Lock] = {}
        self._lock = Lock()

    def load(self, question: Question) -> LoadedModel:
        """Return the model if it has been loaded before."""
        try:
            meant = question.current
        except PenstockError as error:
            raise ModelUnavailable("nobody knows which version to look for") from error
        held = self.find(meant, question.flavour)
        if held is None:
            raise ModelUnavailable("it has not been loaded in this process")
        return held.answer(self.name)

    def find(self, resolution: Resolution, flavour: FlavourLike) -> Held | None:
        """Return a model that has been loaded before, or None."""
        key = (resolution.key, _label(flavour))
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
            return held

    def hold(self, entry: OpenEntry, resolution: Resolution, flavour: FlavourLike) -> Held:
        """Load the model of an entry, once for all threads that want it, and remember it."""
        key = (resolution.key, _label(flavour))
        with self._lock:
            loading = self._loading.setdefault(key, Lock())
        with loading:
            held = self.find(resolution, flavour)
            if held is not None:
                entry.close()
                return held
            try:
                model = load_model(entry.model, flavour=flavour)
            except BaseException:
                entry.close()
                raise
            _keep_in_use(model, entry)
            held = Held(model, resolution, entry.model)
            self._remember(key, held)
        return held

    def forget(self, name: str | None = None) -> None:
        """Forget all models, or those of one registered model."""
        with self._lock:
            for key, held in list(self._held.items()):
                if name is None or held.resolution.name == name:
                    del self._held[key]

    def _remember(self, key: tuple[str, str], held: Held) -> None:
        with self._lock:
            self._held[key] = held
            self._loading.pop(key, None)
            while len(self._held) > self._most:
                self._held.popitem(last=False)


_kept_for_ever: list[OpenEntry] = []


def _keep_in_use(model: object, entry: OpenEntry) -> None:
    """Let the files be in use as long as the model exists: some models read them when they must."""
    try:
        weakref.finalize(model, entry.close).atexit = False
    except TypeError:
        # Nobody can tell when such an object goes; then its files stay until the process ends.
        _kept_for_ever.append(entry)


def _label(flavour: FlavourLike) -> str:
    with suppress(AttributeError):
        if isinstance(flavour, types.ModuleType):
            return flavour.__name__
    return str(flavour)
