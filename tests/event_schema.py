"""What OpenLineage 2-0-2 wants of the event of a run, and of the facets that are in use."""

import re
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlparse

from penstock.lineage.openlineage_events import PRODUCER

REQUIRED = {"eventTime", "producer", "schemaURL", "run", "job"}
KNOWN = {*REQUIRED, "eventType", "inputs", "outputs"}
STATES = {"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"}
FACETS = {
    "nominalTime": {"nominalStartTime"},
    "parent": {"run", "job"},
    "version": {"datasetVersion"},
    "dataSource": {"name", "uri"},
}


def check_event(event: dict[str, Any]) -> None:
    """Fail unless an event has what is required, in its form, and nothing unknown."""
    assert REQUIRED <= event.keys() <= KNOWN
    assert event["schemaURL"].endswith("OpenLineage.json#/$defs/RunEvent")
    assert event["eventType"] in STATES
    assert datetime.fromisoformat(event["eventTime"]).tzinfo
    assert PRODUCER == event["producer"]
    assert urlparse(event["producer"]).scheme
    _check_run(event["run"])
    for thing in (event["job"], *event["inputs"], *event["outputs"]):
        _check_named(thing)
    for thing in (event["run"], *event["inputs"], *event["outputs"]):
        for name, facet in thing.get("facets", {}).items():
            _check_facet(name, facet)


def _check_run(run: dict[str, Any]) -> None:
    assert str(uuid.UUID(run["runId"])) == run["runId"]


def _check_named(thing: dict[str, Any]) -> None:
    for part in ("namespace", "name"):
        assert isinstance(thing[part], str)
        assert thing[part]


def _check_facet(name: str, facet: dict[str, Any]) -> None:
    assert {"_producer", "_schemaURL"} | FACETS[name] <= facet.keys()
    if name == "parent":
        _check_run(facet["run"])
        _check_named(facet["job"])
    if name == "dataSource":
        assert re.fullmatch(r"[a-zA-Z][\w+.\-]*:[\w\-.~:/?#@!$&'()*+,;=%]*", facet["uri"], re.ASCII)
    if name == "nominalTime":
        assert datetime.fromisoformat(facet["nominalStartTime"]).tzinfo
