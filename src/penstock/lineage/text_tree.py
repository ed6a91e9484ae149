"""A lineage graph as lines of text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from penstock.lineage.node import Edge, Node

if TYPE_CHECKING:
    from penstock.lineage.graph import LineageGraph

_QUIET: Final = frozenset({"started", "ended", "params", "winning_experiment_id"})
"""Attributes that a reader of the tree does not look for."""


class _Branch(NamedTuple):
    label: str
    node: Node
    goes_up: bool


def draw_tree(graph: LineageGraph) -> str:
    """Return a tree for each root: what it was made from, then what was made of it."""
    lines: list[str] = []
    for root in graph.roots:
        node = graph.node(root)
        lines.append(describe(node))
        branches = [*_branches(graph, node, goes_up=True), *_branches(graph, node, goes_up=False)]
        lines += _draw(graph, branches, seen=(root,))
    return "\n".join(lines)


def describe(node: Node) -> str:
    """Return a node as one line, whatever stands in it: names come from whoever logs."""
    shown = [
        f"{name.replace('_', ' ')} {_short(value)}"
        for name, value in node.attributes.items()
        if name not in _QUIET and value is not None
    ]
    where = [] if node.run_id is None else [f"run {node.run_id}"]
    line = " · ".join([f"{node.kind.value} {node.name}", *where, *shown])
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in line)


def _branches(graph: LineageGraph, node: Node, *, goes_up: bool) -> list[_Branch]:
    def matches(edge: Edge) -> bool:
        return (edge.target if goes_up else edge.source) == node.id

    return [
        _Branch(edge.kind.value, graph.node(edge.source if goes_up else edge.target), goes_up)
        for edge in graph.edges
        if matches(edge)
    ]


def _draw(
    graph: LineageGraph, branches: Sequence[_Branch], *, seen: tuple[str, ...]
) -> Iterator[str]:
    for number, branch in enumerate(branches, start=1):
        is_last = number == len(branches)
        yield f"{'└── ' if is_last else '├── '}{branch.label}: {describe(branch.node)}"
        if branch.node.id in seen:
            continue
        below = _branches(graph, branch.node, goes_up=branch.goes_up)
        for line in _draw(graph, below, seen=(*seen, branch.node.id)):
            yield f"{'    ' if is_last else '│   '}{line}"


def _short(value: Any) -> str:  # noqa: ANN401 - attributes are any JSON
    return f"{value:.6g}" if isinstance(value, float) else str(value)
