"""Reads and draws what `penstock lineage` shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

from penstock.cli.lineage_form import Form
from penstock.cli.output import json_text
from penstock.cli.server import SECONDS, find_place, named
from penstock.errors import ConfigurationError
from penstock.lineage.catalog import LineageCatalog
from penstock.lineage.comparison import Difference, compare
from penstock.lineage.graph import LineageGraph
from penstock.lineage.resource import Resource
from penstock.lineage.run_record import RunRecord
from penstock.rest import MlflowClient


class VersionRow(NamedTuple):
    """One version of a resource."""

    resource: str
    kind: str
    status: str | None
    run_id: str
    run_status: str
    started: str


@contextmanager
def open_catalog(uri: str | None) -> Iterator[LineageCatalog]:
    """Read from the server of `--uri` or the settings while the block runs."""
    place = find_place(uri)
    with (
        named(place.source),
        MlflowClient(place.address, timeout=SECONDS, retries=0) as client,
    ):
        yield LineageCatalog(client)


def draw(graph: LineageGraph, form: Form) -> list[str]:
    """Return the lines of a graph."""
    if form is Form.TEXT:
        return graph.to_text().splitlines()
    if form is Form.MERMAID:
        return graph.to_mermaid().splitlines()
    if form is Form.JSON:
        return [json_text(graph.to_json(), indent=2)]
    return [json_text(event) for event in _events(graph)]


def list_rows(
    catalog: LineageCatalog, what: str | None, experiment: str | None, limit: int
) -> list[VersionRow]:
    """Return what a run, or the newest runs of an experiment, made, without its experiments."""
    if experiment is not None:
        records = islice(catalog.iter_records(experiment, what), limit)
        return [row for record in records for row in _rows(record, what)]
    if what is None:
        raise ConfigurationError("name a run by its id, or an experiment with --experiment NAME")
    return _rows(catalog.get_record(what), None)


def _rows(record: RunRecord, only: str | None) -> list[VersionRow]:
    return [
        VersionRow(
            name,
            record.kind_of(name).value,
            record.text(name, "status"),
            record.run.info.run_id,
            record.run.info.status,
            record.started,
        )
        for name in sorted(record.resources)
        if only in {None, name}
    ]


def compare_rows(
    catalog: LineageCatalog, first: Resource, second: Resource, *, everything: bool
) -> list[Difference]:
    """Return what two versions differ in."""
    return compare(catalog, first, second, all_facts=everything)


def _events(graph: LineageGraph) -> list[dict[str, Any]]:
    from penstock.lineage.openlineage_events import as_documents  # noqa: PLC0415 - an extra

    return as_documents(graph.to_openlineage())
