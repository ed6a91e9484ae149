from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

    from penstock.lineage.node import Edge, Node


class LineageGraph(NamedTuple):
    """What things came from: nodes, and edges from what was there first to what was made of it.

    `roots` are the ids of what was asked about; `source` is the address of the server.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[str, ...]
    source: str

    def node(self, node_id: str) -> Node:
        """Return the node of an id. Raises KeyError without one."""
        found = next((node for node in self.nodes if node.id == node_id), None)
        if found is None:
            raise KeyError(node_id)
        return found

    def to_text(self) -> str:
        """Return the graph as a tree of lines, with all ids."""
        from penstock.lineage.text_tree import draw_tree  # noqa: PLC0415 - one form of several

        return draw_tree(self)

    def to_mermaid(self) -> str:
        """Return the graph as a Mermaid flowchart."""
        from penstock.lineage.mermaid import draw_flowchart  # noqa: PLC0415 - the same

        return draw_flowchart(self)

    def to_json(self) -> dict[str, Any]:
        """Return the graph as JSON has it: `source`, `roots`, `nodes`, `edges`."""
        return {
            "source": self.source,
            "roots": list(self.roots),
            "nodes": [node.as_json() for node in self.nodes],
            "edges": [edge.as_json() for edge in self.edges],
        }

    def to_openlineage(self) -> list[RunEvent]:
        """Return the runs of the graph as OpenLineage events, in the order of their times.

        Raises MissingLibrary without the extra `openlineage`.
        """
        from penstock.lineage.openlineage_events import make_events  # noqa: PLC0415 - the same

        return make_events(self)
