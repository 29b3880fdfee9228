"""What hangs on what: which nodes of a graph may be others once names are set that were not, or are set otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from waterline.core.graph import Node, bare


class Dependents:
    """For every name, the nodes that would be built otherwise if it were set; for every node, those that read it."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.size = len(nodes)
        self._heeding: defaultdict[str, list[str]] = defaultdict(list)
        self._reading: defaultdict[str, list[str]] = defaultdict(list)
        for identity, node in nodes.items():
            for name in _heeded(node):
                self._heeding[name].append(identity)
            for edge in node.edges:
                self._reading[edge.node].append(identity)

    def of(self, names: Iterable[str]) -> set[str]:
        """Ids of the nodes that setting these names, or no longer setting them, may move."""
        moved: set[str] = set()
        waiting = [identity for name in names for identity in self._heeding.get(name, ())]
        while waiting:
            identity = waiting.pop()
            if identity not in moved:
                moved.add(identity)
                waiting.extend(self._reading.get(identity, ()))
        return moved


def _heeded(node: Node) -> Iterator[str]:
    """The names that, when set, stand in for the leaf itself, or for something that the formula reads or would read."""
    if node.quantity is not None:
        yield from node.quantity.looked_up
    for name in node.sought if node.quantity is not None else (node.name,):
        yield name
        yield bare(name)
