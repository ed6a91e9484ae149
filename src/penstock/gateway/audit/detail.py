"""What the audit keeps of a request's own words. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

KEPT: Final = (
    "email", "username", "user", "name", "is_admin", "disabled", "service_account", "subject",
    "kind", "pattern", "level", "scope", "expires_in", "experiment_name", "run_name",
    "run_id", "runs", "revision", "serve_name", "env", "target", "model_uri", "deployment_id",
)  # fmt: skip
"""Members of bodies of the gateway's own calls. A list of what is kept: nothing else can hold a
password."""

NAMING: Final = ("email", "username", "subject", "name", "experiment_name", "serve_name")
MAX_TEXT: Final = 512


def detail_of(document: Mapping[str, Any] | None) -> str:
    """Return what is kept of a body, as JSON; empty for nothing."""
    kept = {name: _short(document[name]) for name in KEPT if document and name in document}
    return json.dumps(kept, ensure_ascii=False) if kept else ""


def target_of(path: str, document: Mapping[str, Any] | None) -> str:
    """Return what a call of the gateway's own is about: its path, and whom its body names."""
    named = next((document[name] for name in NAMING if document and name in document), None)
    return path if named is None else f"{path} {_short(named)}"


def _short(value: object) -> object:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value)[:MAX_TEXT]
