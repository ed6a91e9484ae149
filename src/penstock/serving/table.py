"""Where requests go at this moment: an immutable value that is exchanged as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from penstock.serving.choice import Choice
from penstock.serving.engines.engine import ServedModel
from penstock.serving.lineup import Lineup


@dataclass(frozen=True, slots=True)
class Route:
    """A loaded run, and the version that it is of."""

    run_id: str
    version: str
    model: ServedModel


@dataclass(frozen=True)
class RoutingTable:
    """The loaded runs of a lineup; `missing` says why others of it are not loaded."""

    lineup: Lineup
    routes: Mapping[str, Route]
    choice: Choice
    canaries: tuple[Route, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether every live run is loaded."""
        return not self.missing

    @property
    def can_answer(self) -> bool:
        """Whether any run that answers is loaded."""
        return bool(self.choice.fractions)

    def by_key(self, key: str) -> Route | None:
        """Return the run that answers a key, or None where none can."""
        return self._find(self.choice.by_key(key))

    def at(self, point: float) -> Route | None:
        """Return the run that answers a point in [0, 1), or None where none can."""
        return self._find(self.choice.at(point))

    def _find(self, run_id: str | None) -> Route | None:
        return None if run_id is None else self.routes[run_id]


def make_table(
    lineup: Lineup, loaded: Mapping[str, Route], missing: Mapping[str, str]
) -> RoutingTable:
    """Return the table of those runs of a lineup that are loaded.

    The traffic of the others stays with these, in proportion.
    """
    active = {run_id: share for run_id, share in lineup.active.items() if run_id in loaded}
    return RoutingTable(
        lineup,
        MappingProxyType({run_id: loaded[run_id] for run_id in lineup.run_ids if run_id in loaded}),
        Choice(MappingProxyType(active)),
        tuple(loaded[run_id] for run_id in lineup.canaries if run_id in loaded),
        MappingProxyType(dict(missing)),
    )
