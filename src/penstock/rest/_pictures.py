from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.errors import UnsuitableObject
from penstock.rest._artifact_family import ArtifactFamily
from penstock.rest._runs import now_in_milliseconds

if TYPE_CHECKING:
    from penstock.rest.artifacts.images import ImageFiles

IMAGES_TAG = "mlflow.loggedImages"

# What the methods import is loaded when it is needed: a client that was only made pays nothing.


class Pictures(ArtifactFamily):
    """Figures and images of runs. Needs the library that the object comes from, and no other."""

    def log_figure(
        self,
        run_id: str,
        figure: Any,  # noqa: ANN401 - of matplotlib or plotly
        artifact_file: str,
        *,
        save_kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Upload a figure of matplotlib or plotly; the ending of the file says as what.

        `save_kwargs` go to the method that saves it: `savefig`, `write_html` or `write_image`.
        """
        from penstock.rest.artifacts.figures import figure_saver  # noqa: PLC0415
        from penstock.rest.artifacts.saved_object import upload_saved  # noqa: PLC0415

        save = figure_saver(figure, artifact_file, save_kwargs or {})
        upload_saved(self._artifact_store.of_run(run_id), artifact_file, save)

    def log_image(  # noqa: PLR0913, PLR0917 - MLflow's signature
        self,
        run_id: str,
        image: Any,  # noqa: ANN401 - of numpy, Pillow or mlflow
        artifact_file: str | None = None,
        key: str | None = None,
        step: int | None = None,
        timestamp: int | None = None,
        synchronous: bool | None = None,  # noqa: FBT001 - MLflow's signature
    ) -> None:
        """Upload an image: as a file, or, with a key, as one of a series that MLflow's pages show.

        An array of numpy has the shape (height, width) or (height, width, 1, 3 or 4), with whole
        numbers from 0 to 255, floats from 0 to 1, or booleans. `timestamp` is in milliseconds
        since 1970, default now. With `synchronous=False` the image of a key is uploaded in the
        background; closing the client waits for it, and a failure is logged.
        """
        from penstock.rest.artifacts.images import as_image, name_step  # noqa: PLC0415
        from penstock.rest.artifacts.saved_object import upload_saved  # noqa: PLC0415

        if (artifact_file is None) == (key is None):
            raise UnsuitableObject("log_image needs either artifact_file or key")
        if artifact_file is not None:
            if step is not None or timestamp is not None:
                raise UnsuitableObject("log_image takes step and timestamp with key alone")
            root = self._artifact_store.of_run(run_id)
            upload_saved(root, artifact_file, as_image(image).save)
            return
        files = name_step(key or "", step or 0, timestamp or now_in_milliseconds())
        self._log_step(run_id, as_image(image), files, synchronous=synchronous)

    def _log_step(
        self,
        run_id: str,
        image: Any,  # noqa: ANN401 - of Pillow
        files: ImageFiles,
        *,
        synchronous: bool | None,
    ) -> None:
        from penstock.rest.artifacts.settings import read_settings  # noqa: PLC0415

        if synchronous is None:
            synchronous = not read_settings().is_asynchronous
        if synchronous:
            self._upload_step(run_id, image, files)
            return
        copy = image.copy()
        self._background_uploads.submit(
            f"image '{files.full}' of run {run_id}",
            lambda: self._upload_step(run_id, copy, files),
        )

    def _upload_step(self, run_id: str, image: Any, files: ImageFiles) -> None:  # noqa: ANN401 - as above
        from penstock.rest.artifacts.images import encode, shrink  # noqa: PLC0415
        from penstock.rest.artifacts.upload import upload_bytes  # noqa: PLC0415

        root = self._artifact_store.of_run(run_id)
        upload_bytes(root, encode(image, "PNG"), files.full)
        upload_bytes(root, encode(shrink(image), "WEBP"), files.small)
        self._tracking.post("mlflow/runs/set-tag", run_id=run_id, key=IMAGES_TAG, value="True")
