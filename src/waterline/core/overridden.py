"""What setting values does to a graph that stands: leaves get other values in their place, nodes above them move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from waterline.core.errors import UnitError
from waterline.core.graph import Node, bare
from waterline.core.knowledge import Leaf
from waterline.core.quantity import Reads
from waterline.core.scenario import Override


class Dependents:
    """For every name, the nodes that would be others if it were set; for every node, the formulas that read it."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.size = len(nodes)
        self._nodes = nodes
        self._heeding: defaultdict[str, list[str]] = defaultdict(list)
        self._readers: defaultdict[str, list[str]] = defaultdict(list)
        for identity, node in nodes.items():
            for name in _heeded(node):
                self._heeding[name].append(identity)
            for below in node.below:
                self._readers[below].append(identity)

    def heeding(self, names: Iterable[str]) -> set[str]:
        """Ids of the nodes that setting these names, or no longer setting them, may change of itself."""
        return {identity for name in names for identity in self._heeding.get(name, ())}

    def above(self, identities: Iterable[str]) -> set[str]:
        """These nodes and all that hang on them."""
        found: set[str] = set()
        waiting = list(identities)
        while waiting:
            identity = waiting.pop()
            if identity not in found:
                found.add(identity)
                waiting.extend(self._readers.get(identity, ()))
        return found

    def in_place(self, identity: str, overrides: Mapping[str, Override]) -> tuple[str, Node] | None:
        """A leaf with the value that is set for it, and the name it is set by; None where the graph may differ by more.

        All that reads such a leaf stays as it is, but for its samples.
        """
        node = self._nodes[identity]
        name = next((name for name in (node.name, bare(node.name)) if name in overrides), None)
        if name is None or node.leaf is None or not self._is_found_by_name(node):
            return None
        try:
            placed = set_leaf(name, node.name, node.unit, overrides[name])
        except UnitError:
            return None  # whoever asks for it is told so
        return (name, placed) if placed.positive == node.positive else None

    def _is_found_by_name(self, node: Node) -> bool:
        """Whether all that reads a leaf would find what is set under its name, and in its unit."""
        if "." not in node.name:
            return True
        readers = [self._nodes[reader] for reader in self._readers.get(node.id, ())]
        origins = [
            reader.quantity.inputs[edge.argument]
            for reader in readers
            for edge in reader.edges
            if reader.quantity is not None and edge.node == node.id
        ]
        as_found = all(isinstance(origin, Reads) and origin.unit == node.unit for origin in origins)
        return node.id == node.name and bool(origins) and as_found


def set_leaf(name: str, shown: str, unit: str, override: Override) -> Node:
    """The leaf ``shown`` with the value given for ``name``. Raises UnitError where that cannot be in ``unit``."""
    try:
        distribution = override.within(unit)
    except UnitError as problem:
        raise UnitError(f"--set {name}: {name!r} is in {unit!r}, not {override.unit!r}") from problem
    leaf = Leaf(shown, distribution, unit, reason="set for this question", chosen=True)
    return Node(shown, shown, unit, leaf=leaf)


def _heeded(node: Node) -> Iterator[str]:
    """The names that, when set, stand in for a leaf, or for something that a formula reads or would read.

    What a formula reads under the very name heeds that itself.
    """
    if node.quantity is not None:
        yield from node.quantity.looked_up.difference(node.below)
    for name in (node.name,) if node.quantity is None else node.sought:
        yield name
        yield bare(name)
