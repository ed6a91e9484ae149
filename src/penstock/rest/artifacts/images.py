"""Images as MLflow logs them: what counts as one, its small copy, and its name."""

import re
import sys
import uuid
import warnings
from io import BytesIO
from typing import Any, NamedTuple

from penstock.errors import UnsuitableObject
from penstock.rest.artifacts.libraries import load_library

ADVICE = "pip install Pillow"
LONGEST_SIDE = 256
KEY = re.compile(r"[a-zA-Z0-9_\-./ ]+")
KINDS = {"b": "bool", "i": "signed integer", "u": "unsigned integer", "f": "floating"}
BRIGHTEST = 255


def as_image(value: Any) -> Any:  # noqa: ANN401 - of Pillow, numpy or mlflow
    """Return an image of Pillow for one of Pillow, numpy or mlflow. Raises UnsuitableObject."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return _from_array(numpy, value)
    if callable(getattr(value, "to_pil", None)):
        return value.to_pil()
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(value, pillow.Image):
        return value
    raise UnsuitableObject(
        f"an image must be a numpy.ndarray, PIL.Image.Image or mlflow.Image, not {type(value)}"
    )


def is_image(value: object) -> bool:
    """Tell whether something can be saved and scaled like an image of Pillow."""
    return (
        callable(getattr(value, "save", None))
        and callable(getattr(value, "resize", None))
        and hasattr(value, "size")
    )


def shrink(image: Any) -> Any:  # noqa: ANN401 - of Pillow
    """Return a copy whose longer side is 256 pixels long, as MLflow's pages show it."""
    width, height = image.size
    if width > height:
        return image.resize((LONGEST_SIDE, max(1, int(height * (LONGEST_SIDE / width)))))
    return image.resize((max(1, int(width * (LONGEST_SIDE / height))), LONGEST_SIDE))


def encode(image: Any, kind: str) -> bytes:  # noqa: ANN401 - of Pillow
    """Return an image as PNG or WEBP. Raises UnsuitableObject when its pixels do not fit."""
    target = BytesIO()
    try:
        image.save(target, format=kind)
    except (KeyError, OSError, ValueError) as error:
        raise UnsuitableObject(f"the image cannot be saved as {kind}: {error}") from error
    return target.getvalue()


class ImageFiles(NamedTuple):
    """The names of a logged image and of its small copy."""

    full: str
    small: str


def name_step(key: str, step: int, timestamp: int) -> ImageFiles:
    """Return the names by which MLflow's pages know an image of a key and a step."""
    if not KEY.fullmatch(key):
        raise UnsuitableObject(
            f"the key of an image may only hold letters, digits, '_', '-', '.', '/' and spaces; "
            f"it is {key!r}"
        )
    name = key.replace("/", "~")
    stem = f"images/{name}+step+{step}+timestamp+{timestamp}+{uuid.uuid4()}"
    return ImageFiles(f"{stem}.png", f"{stem}+compressed.webp")


def name_cell(table: str) -> ImageFiles:
    """Return new names for an image in a cell of a table, given without its ending."""
    stem = f"table_images/{table}/{uuid.uuid4()}"
    return ImageFiles(f"{stem}.png", f"{stem}.webp")


def _from_array(numpy: Any, pixels: Any) -> Any:  # noqa: ANN401 - numpy has types, if it is there
    image = load_library("PIL.Image", ADVICE)
    if pixels.dtype.kind not in KINDS:
        raise UnsuitableObject(
            f"an image cannot have the data type '{pixels.dtype}'; use one of {[*KINDS.values()]}"
        )
    if pixels.ndim not in {2, 3} or not pixels.size:
        raise UnsuitableObject(f"an image must have 2 or 3 dimensions, not shape {pixels.shape}")
    if pixels.ndim == 3 and pixels.shape[2] not in {1, 3, 4}:  # noqa: PLR2004 - height, width, channels
        raise UnsuitableObject(f"an image must have 1, 3 or 4 channels, not {pixels.shape[2]}")
    if pixels.shape[2:] == (1,):
        pixels = pixels[:, :, 0]
    return image.fromarray(_as_bytes(numpy, pixels))


def _as_bytes(numpy: Any, pixels: Any) -> Any:  # noqa: ANN401 - as above
    low, high = pixels.min(), pixels.max()
    if pixels.dtype.kind in "iu":
        if low < 0 or high > BRIGHTEST:
            raise UnsuitableObject(
                f"whole numbers in an image must be from 0 to 255; these are from {low} to {high}"
            )
        return pixels.astype(numpy.uint8)
    if low < 0 or high > 1:
        warnings.warn(
            f"pixels must be from 0.0 to 1.0; these, from {low} to {high}, are scaled to that",
            stacklevel=6,
        )
        pixels = (pixels - low) / ((high - low) or 1)
    return (pixels * BRIGHTEST).astype(numpy.uint8)
