"""Small models for caches: what a download would write, without a server."""

from pathlib import Path

from penstock.models.resolution import Resolution

MLMODEL = "flavors: {python_function: {loader_module: none}}\n"


def resolution(name: str = "churn", version: int = 1) -> Resolution:
    """Return what a version of a registered model would resolve to."""
    uri = f"models:/{name}/{version}"
    return Resolution(f"{name}-{version}", uri, uri, name, str(version), "r-1", "READY")


class Fetch:
    """Writes a model of some bytes, and counts how often."""

    def __init__(self, size: int = 100) -> None:
        self.count = 0
        self._size = size

    def __call__(self, folder: Path) -> None:
        self.count += 1
        (folder / "data").mkdir(parents=True)
        (folder / "MLmodel").write_text(MLMODEL)
        (folder / "data" / "weights").write_bytes(b"w" * (self._size - len(MLMODEL)))


def left_in(cache_path: Path) -> list[str]:
    """Return what lies in the cache besides whole entries, pins and locks."""
    return [
        str(path.relative_to(cache_path))
        for name in ("filling", "trash")
        for path in (cache_path / name).glob("*")
    ]
