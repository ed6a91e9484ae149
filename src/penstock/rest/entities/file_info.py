from penstock.rest.entities._entity import Entity


class FileInfo(Entity, frozen=True):
    """A file or folder of a run's or model's artifacts.

    `path` counts from the artifact root; `file_size` in bytes is None for folders and for empty
    files, as in MLflow.
    """

    path: str
    is_dir: bool = False
    file_size: int | None = None
