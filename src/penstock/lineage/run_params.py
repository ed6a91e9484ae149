"""Params of runs: a copy of metadata for MLflow's pages, where params are compared."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from penstock.lineage.escaping import escape_key
from penstock.lineage.metadata_codec import simplify
from penstock.lineage.tag_key import LONGEST_KEY
from penstock.rest import MlflowClient
from penstock.rest.entities import Param, Run

LONGEST_PARAM: Final = 6000


class RunParams:
    """Logs params that a run does not have yet: MLflow lets none change.

    The metadata itself lies in a tag, so nothing is lost where a param is left out, be it that it
    has another value already, or that its key or value is too long for one.
    """

    def __init__(self, client: MlflowClient, look_up: Callable[[str], Run]) -> None:
        self._client = client
        self._look_up = look_up
        self._known: dict[str, set[str]] = {}

    def begin(self, run_id: str) -> None:
        """Know that a run was just made and has no params."""
        self._known[run_id] = set()

    def log(self, run_id: str, values: Mapping[Any, Any]) -> None:
        """Log those that are new to a run."""
        known = self._known_of(run_id)
        texts = {escape_key(str(key)): _as_text(value) for key, value in values.items() if str(key)}
        new = [
            Param(key, text)
            for key, text in texts.items()
            if key not in known and len(key) <= LONGEST_KEY and len(text) <= LONGEST_PARAM
        ]
        known.update(param.key for param in new)
        # Nobody waits for it: somebody else may have logged another value meanwhile.
        self._client.log_batch(run_id, params=new, synchronous=False)

    def _known_of(self, run_id: str) -> set[str]:
        known = self._known.get(run_id)
        if known is None:
            known = self._known.setdefault(run_id, set(self._look_up(run_id).data.params))
        return known

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_known": {}}


def _as_text(value: object) -> str:
    text = str(simplify(value))
    return text.encode(errors="replace").decode()
