"""What `penstock model compare` shows: two models, part by part."""

from collections.abc import Mapping
from typing import Any, Final

from penstock.cli import output
from penstock.cli.model_place import open_manager, parse_model
from penstock.models import ModelManager
from penstock.rest.entities import Run

PARTS: Final = ("model", "params", "metrics", "data")
Side = Mapping[str, Mapping[str, Any]]


def compare_models(first: str, second: str, uri: str | None, *, as_json: bool) -> None:
    """Show two models side by side."""
    with open_manager(uri, None) as manager:
        sides = [_describe(manager, model) for model in (first, second)]
    if as_json:
        output.say_json({"first": sides[0], "second": sides[1]})
        return
    rows: list[tuple[str, str, str, str]] = []
    for part in PARTS:
        rows += _rows(part, sides[0][part], sides[1][part])
    output.say_table(("", "", first, second), rows)


def _describe(manager: ModelManager, model: str) -> Side:
    resolution = manager.loader.registry.resolve(parse_model(model))
    run_id = resolution.run_id
    run = None if run_id is None else manager.client.get_run(run_id)
    return {
        "model": {
            "name": resolution.name,
            "version": resolution.version,
            "run_id": run_id,
        },
        "params": {} if run is None else dict(run.data.params),
        "metrics": {} if run is None else dict(run.data.metrics),
        "data": {} if run is None else _datasets(run),
    }


def _datasets(run: Run) -> dict[str, str]:
    return {used.dataset.name: used.dataset.digest for used in run.inputs.dataset_inputs}


def _rows(
    part: str, first: Mapping[str, Any], second: Mapping[str, Any]
) -> list[tuple[str, str, str, str]]:
    """Return a row for each name; a mark stands before what differs."""
    return [
        (
            "≠" if first.get(name) != second.get(name) else "",
            f"{part} {name}",
            _text(first.get(name)),
            _text(second.get(name)),
        )
        for name in sorted({*first, *second})
    ]


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
