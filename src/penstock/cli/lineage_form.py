"""How a graph of lineage can be shown, and which experiments there are to choose from."""

from enum import StrEnum

_SECONDS = 2.0
_MOST = 50


class Form(StrEnum):
    """The forms of a graph."""

    TEXT = "text"
    MERMAID = "mermaid"
    JSON = "json"
    OPENLINEAGE = "openlineage"


def complete_experiment(incomplete: str) -> list[str]:
    """Return the names of experiments that begin with what was typed, for tab completion."""
    from penstock.cli.server import find_place  # noqa: PLC0415 - only a shell that asks needs it
    from penstock.errors import PenstockError  # noqa: PLC0415 - the same
    from penstock.rest import MlflowClient  # noqa: PLC0415 - the same

    try:
        with MlflowClient(find_place(None).address, timeout=_SECONDS, retries=0) as client:
            names = [found.name for found in client.search_experiments(max_results=1000)]
    except PenstockError:
        # In the middle of a line that somebody types there is no place for an error.
        return []
    return [name for name in names if name.startswith(incomplete)][:_MOST]
