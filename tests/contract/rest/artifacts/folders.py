"""Folders as dictionaries."""

from pathlib import Path


def content(folder) -> dict[str, bytes]:
    """Return all files below a folder by their names."""
    root = Path(folder)
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files by their names into a folder, which is made if needed."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
