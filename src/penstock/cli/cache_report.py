"""What the commands of `penstock model cache` show."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from penstock.cli import output
from penstock.models.cache.cache import ModelCache
from penstock.models.cache.eviction import Kept
from penstock.models.places import resolve_places


def report_entries(folder: Path | None, *, as_json: bool) -> None:
    """Show what is in the cache."""
    cache = _open(folder)
    kept = cache.list_entries()
    if as_json:
        output.say_json([_as_json(one) for one in kept])
        return
    rows = [(one["uri"], f"{one['size']:,}", one["last_used"]) for one in map(_as_json, kept)]
    if not rows:
        output.say(f"nothing is in the cache {cache.folder.path}")
        return
    output.say_table(("MODEL", "BYTES", "LAST USED"), rows)


def report_damages(folder: Path | None, *, as_json: bool) -> bool:
    """Compare all files with their checksums; return whether all are sound."""
    cache = _open(folder)
    damages = cache.verify()
    count = len(cache.folder.list_keys())
    if as_json:
        output.say_json({"ok": not damages, "entries": count, "damages": damages})
        return not damages
    for problem in damages.values():
        output.fail(f"{problem}; it is fetched again when it is next loaded")
    output.say(f"{count - len(damages)} of {count} are as they were downloaded")
    return not damages


def report_cleared(folder: Path | None, name: str | None, *, as_json: bool) -> None:
    """Remove what is in the cache and not in use."""
    cache = _open(folder)
    gone = cache.clear(name)
    left = [one for one in cache.list_entries() if name in {None, one.resolution.name}]
    if as_json:
        output.say_json({"removed": [_as_json(one) for one in gone], "in_use": len(left)})
        return
    size = sum(one.size for one in gone)
    in_use = f"; {len(left)} in use stay" if left else ""
    output.say(f"{len(gone)} removed, {size:,} bytes{in_use}")


def _open(folder: Path | None) -> ModelCache:
    return ModelCache(resolve_places(cache_dir=folder).cache_dir)


def _as_json(kept: Kept) -> dict[str, Any]:
    moment = datetime.fromtimestamp(kept.last_used, UTC).isoformat(timespec="seconds")
    return {
        "key": kept.key,
        "uri": kept.resolution.model_uri,
        "name": kept.resolution.name,
        "version": kept.resolution.version,
        "size": kept.size,
        "last_used": moment,
        "path": str(kept.path / "model"),
    }
