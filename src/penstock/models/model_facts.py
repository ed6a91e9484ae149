"""What is known of a model without loading it, and which source knows it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from penstock.errors import ModelUnavailable, PenstockError
from penstock.models.loaded_model import SourceName
from penstock.models.loader import ModelLoader
from penstock.models.reference import ModelReference
from penstock.models.resolution import Resolution

Facts = dict[str, Any]


def find_facts(loader: ModelLoader, reference: ModelReference) -> Facts:
    """Return what the first source knows: the server, the cache, the local copies.

    Raises ModelUnavailable that says what each source said.
    """
    said: dict[str, str] = {}
    for source, ask in (
        (SourceName.MLFLOW, _ask_server),
        (SourceName.CACHE, _ask_cache),
        (SourceName.LOCAL, _ask_copies),
    ):
        try:
            return {"source": source.value, **ask(loader, reference)}
        except PenstockError as error:
            said[source.value] = str(error)
    listed = "; ".join(f"{name}: {what}" for name, what in said.items())
    raise ModelUnavailable(f"nothing is known of '{reference}': {listed}", said=said)


def _ask_server(loader: ModelLoader, reference: ModelReference) -> Facts:
    return _describe(loader.registry.resolve(reference))


def _ask_cache(loader: ModelLoader, reference: ModelReference) -> Facts:
    known = loader.find_known(reference)
    kept = [one for one in loader.cache.list_entries() if known and one.key == known.key]
    if known is None or not kept:
        raise ModelUnavailable("it is not in the cache")
    return {
        **_describe(known),
        "path": str(kept[0].path / "model"),
        "size": kept[0].size,
        "last_modified": _moment(kept[0].path / "model"),
    }


def _ask_copies(loader: ModelLoader, reference: ModelReference) -> Facts:
    found = None if reference.name is None else loader.copies.find(reference.name)
    if found is None:
        raise ModelUnavailable(f"there is no local copy in {loader.copies.path}")
    folder, resolution = found
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {
        **_describe(resolution),
        "path": str(folder),
        "size": size,
        "last_modified": _moment(folder),
    }


def _describe(resolution: Resolution) -> Facts:
    return {
        "name": resolution.name,
        "version": resolution.version,
        "uri": resolution.model_uri,
        "run_id": resolution.run_id,
        "status": resolution.status,
    }


def _moment(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
