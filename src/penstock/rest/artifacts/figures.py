import sys
from collections.abc import Callable
from functools import partial
from posixpath import splitext
from typing import Any

from penstock.errors import UnsuitableObject

IMAGE_ENDINGS = {".png", ".jpeg", ".webp", ".svg", ".pdf"}


def figure_saver(figure: Any, file: str, options: dict[str, Any]) -> Callable[[str], object]:  # noqa: ANN401 - of matplotlib or plotly
    """Return what saves a figure of matplotlib or plotly to a path. Raises UnsuitableObject."""
    if _is_of(figure, "matplotlib.figure"):
        return partial(figure.savefig, **options)
    if not _is_of(figure, "plotly.graph_objects", "plotly.graph_objs"):
        raise UnsuitableObject(f"a figure must be one of matplotlib or plotly, not {type(figure)}")
    ending = splitext(file)[1]
    if ending == ".html":
        return partial(
            figure.write_html, **{"include_plotlyjs": "cdn", "auto_open": False, **options}
        )
    if ending in IMAGE_ENDINGS:
        return partial(figure.write_image, **options)
    raise UnsuitableObject(
        f"a plotly figure cannot be saved as '{ending}'; use .html or one of "
        f"{', '.join(sorted(IMAGE_ENDINGS))}"
    )


def _is_of(figure: object, *modules: str) -> bool:
    """Tell whether something is a figure of one of these modules, if they are loaded at all."""
    kinds = [getattr(sys.modules.get(module), "Figure", None) for module in modules]
    return isinstance(figure, tuple(kind for kind in kinds if kind is not None))
