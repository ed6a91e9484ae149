"""What `penstock model info`, `load` and `download` show."""

import time
from pathlib import Path
from typing import Any

from penstock.cli import output
from penstock.cli.model_place import open_manager, parse_model
from penstock.models.mlmodel import MlModel, read_mlmodel
from penstock.models.model_facts import find_facts
from penstock.models.reference import Kind


def report_info(model: str, uri: str | None, *, cache: Path | None, as_json: bool) -> None:
    """Show what is known of a model."""
    reference = parse_model(model)
    if reference.kind is Kind.FOLDER:
        found = read_mlmodel(reference.text)
        facts: dict[str, Any] = {"source": "local", "path": reference.text, **_contents(found)}
    else:
        with open_manager(uri, cache) as manager:
            facts = find_facts(manager.loader, reference)
        if "path" in facts:
            facts |= _contents(read_mlmodel(facts["path"]))
    _show(facts, as_json=as_json)


def report_load(
    model: str, uri: str | None, *, flavour: str, cache: Path | None, as_json: bool
) -> None:
    """Load a model and show where it came from."""
    with open_manager(uri, cache) as manager:
        started = time.monotonic()
        loaded = manager.loader.load(parse_model(model), flavour=flavour)
        seconds = time.monotonic() - started
    kind = type(loaded.model)
    facts = {
        "source": loaded.source.value,
        "is_fallback": loaded.is_fallback,
        "name": loaded.name,
        "version": loaded.version,
        "uri": loaded.model_uri,
        "run_id": loaded.run_id,
        "path": str(loaded.path),
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "seconds": round(seconds, 3),
    }
    _show(facts, as_json=as_json)


def report_download(
    model: str, uri: str | None, *, folder: Path, cache: Path | None, as_json: bool
) -> None:
    """Copy the files of a model into a folder."""
    with open_manager(uri, cache) as manager:
        place = Path(manager.loader.download(parse_model(model), folder))
    found = read_mlmodel(place)
    sizes = [path.stat().st_size for path in place.rglob("*") if path.is_file()]
    facts = {"path": str(place), "files": len(sizes), "size": sum(sizes), **_contents(found)}
    if as_json:
        output.say_json(facts)
        return
    output.say(f"{len(sizes)} files, {sum(sizes):,} bytes in {place}")


def _contents(found: MlModel) -> dict[str, Any]:
    return {
        "flavours": list(found.flavours),
        "requirements": list(found.requirements),
        "mlflow_version": found.mlflow_version,
    }


def _show(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.say_json(facts)
        return
    told = {name: value for name, value in facts.items() if value not in (None, [])}
    width = max(map(len, told))
    for name, value in told.items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        output.say(f"{name:<{width}}  {text}")
