import tempfile
from collections.abc import Callable
from pathlib import Path
from posixpath import basename

from penstock.errors import PenstockError, UnsuitableObject
from penstock.rest.artifacts.paths import safe_path
from penstock.rest.artifacts.roots import ArtifactRoot
from penstock.rest.artifacts.upload import upload_as


def upload_saved(root: ArtifactRoot, file: str, save: Callable[[str], object]) -> None:
    """Upload what a library saves to a local path with the name that is asked for.

    Libraries judge by the ending of that name what to write. Raises UnsuitableObject for whatever
    they raise.
    """
    place = safe_path(file)
    root.check_name(place)
    with tempfile.TemporaryDirectory(prefix="penstock-") as folder:
        path = Path(folder, basename(place))
        try:
            save(str(path))
        except PenstockError:
            raise
        except Exception as error:
            raise UnsuitableObject(f"the object cannot be saved as '{file}': {error}") from error
        if not path.is_file():
            raise UnsuitableObject(
                f"nothing was saved as '{file}'; give it an ending, such as .png"
            )
        upload_as(root, path, place)
