"""What OpenLineage 2-0-2 wants of the event of a run, and of the facets that are in use."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

from penstock.lineage.openlineage_events import PRODUCER

_SCHEMA = json.loads((Path(__file__).parent / "schemas" / "openlineage-2-0-2.json").read_text())
_VALIDATOR = jsonschema_rs.validator_for(_SCHEMA, validate_formats=True)


def check_event(event: dict[str, Any]) -> None:
    """Fail unless an event fits the schema, times and addresses too, and names its producer."""
    _VALIDATOR.validate(event)
    assert PRODUCER == event["producer"]
