"""What `penstock model compare` shows: two models, part by part."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from penstock.cli import output
from penstock.cli.model_place import open_manager, parse_model
from penstock.models import ModelManager
from penstock.models.comparison import PARTS, compare_details
from penstock.models.details import describe_model

_LISTED: Final = ", ".join(PARTS)


def compare_models(first: str, second: str, uri: str | None, *, as_json: bool) -> None:
    """Show two models side by side."""
    with open_manager(uri, None) as manager:
        found = compare_details(_describe(manager, first), _describe(manager, second))
    if as_json:
        output.say_json(found)
        return
    rows = [row for part in PARTS for row in _rows(part, found[part], found["different"][part])]
    if not rows:
        output.say(f"nothing to compare: {' and '.join(found['models'])} have no {_LISTED}")
        return
    output.say_table(("", "", *found["models"]), rows)


def _describe(manager: ModelManager, model: str) -> dict[str, Any]:
    resolution = manager.loader.registry.resolve(parse_model(model))
    return describe_model(manager.client, resolution)


def _rows(
    part: str, values: Mapping[str, list[Any]], different: list[str]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each name; a mark stands before what differs."""
    for name, (first, second) in values.items():
        mark = "≠" if name in different else ""
        yield mark, f"{part} {name}", _text(first), _text(second)


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
