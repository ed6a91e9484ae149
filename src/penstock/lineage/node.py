"""Nodes and edges of a lineage graph. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple


class NodeKind(StrEnum):
    """What a node stands for."""

    DATASET = "dataset"
    COMMIT = "commit"
    EXPERIMENT = "experiment"
    MODEL_VERSION = "model version"
    REGISTERED_VERSION = "registered version"
    DEPLOYMENT = "deployment"
    PREDICTION_JOB = "prediction job"
    RESOURCE = "resource"


class EdgeKind(StrEnum):
    """How the target of an edge came from its source."""

    VERSIONED = "versioned as"
    MADE_FROM = "made from"
    CANDIDATE = "candidate"
    WINNER = "winner"
    REGISTERED = "registered as"
    DEPLOYED = "deployed as"
    PREDICTED = "predicted by"


class Node(NamedTuple):
    """One thing, with the run that it was made in; the attributes are JSON."""

    id: str
    kind: NodeKind
    name: str
    run_id: str | None = None
    attributes: Mapping[str, Any] = MappingProxyType({})

    def as_json(self) -> dict[str, Any]:
        """Return the node as JSON has it."""
        return {**self._asdict(), "kind": self.kind.value, "attributes": dict(self.attributes)}


class Edge(NamedTuple):
    """The target came from the source."""

    source: str
    target: str
    kind: EdgeKind

    def as_json(self) -> dict[str, str]:
        """Return the edge as JSON has it."""
        return {"source": self.source, "target": self.target, "kind": self.kind.value}


def node_id(kind: NodeKind, name: str, run_id: str | None = None) -> str:
    """Return the id of a node: the same for the same thing in every graph."""
    word = kind.value.replace(" ", "_")
    return f"{word}:{name}" if run_id is None else f"{word}:{name}@{run_id}"
