"""Builds the graph under a question.

Building settles everything that can be settled without numbers: names, roles, facts, units, cycles. What is left
for evaluation is plain arithmetic on arrays.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import date
from typing import Any

from waterline.core.catalogue import Catalogue
from waterline.core.dimensions import check_dimensions, remember_checked
from waterline.core.errors import GraphError, MissingFactError, UnitError, unknown
from waterline.core.graph import Edge, Graph, Node
from waterline.core.knowledge import Knowledge
from waterline.core.overridden import Dependents, set_leaf
from waterline.core.quantity import Needs, Quantity, Reads
from waterline.core.roles import Roles
from waterline.core.scenario import Scenario
from waterline.core.units import conversion_factor

Steps = Generator["Steps", Any, Node]  # asks for further steps, is sent their nodes, and returns its own


class GraphBuilder:
    """Builds nodes on demand; questions asked of one builder share what they have in common."""

    def __init__(self, catalogue: Catalogue, knowledge: Knowledge, scenario: Scenario) -> None:
        self._catalogue = catalogue
        self._knowledge = knowledge
        self._roles = Roles(catalogue, knowledge, scenario.as_of)
        self._overrides = scenario.overrides
        self._as_of = scenario.as_of
        self._nodes: dict[str, Node] = {}
        self._path: dict[str, None] = {}
        self._leaf_names: set[str] = set()
        self._replaced: dict[str, set[str]] = {}
        self._dependents: Dependents | None = None
        self.moved: set[str] = set()  # ids of the nodes whose samples may differ from those of the graph gone on from

    def graph(self) -> Graph:
        """Everything built so far."""
        stated = self._knowledge.correlations()
        return Graph(self._nodes, {pair: rank for pair, rank in stated.items() if self._leaf_names.issuperset(pair)})

    def take_over(self, other: GraphBuilder, differing: frozenset[str]) -> None:
        """Go on from another graph, of a scenario that differs in these overrides alone: keep what is the same in both.

        All its leaves count as there already, so that what is correlated with them is drawn alike.
        """
        dependents = other._known_dependents()
        heeding = dependents.heeding(differing)
        placed = {identity: dependents.in_place(identity, self._overrides) for identity in heeding}
        self.moved = dependents.above(heeding)
        self._replaced = {name: nodes - self.moved for name, nodes in other._replaced.items() if nodes - self.moved}
        self._nodes = dict(other._nodes)
        for identity, found in placed.items():
            if found is not None:
                name, self._nodes[identity] = found
                self._replaced.setdefault(name, set()).add(identity)
        for identity in dependents.above(identity for identity, found in placed.items() if found is None):
            del self._nodes[identity]
        self._leaf_names |= other._leaf_names

    def _known_dependents(self) -> Dependents:
        if self._dependents is None or self._dependents.size != len(self._nodes):
            self._dependents = Dependents(self._nodes)
        return self._dependents

    def holds(self, node: Node) -> bool:
        """Whether the node is in this graph, as it stands; what it reads may have other samples (``moved``)."""
        return self._nodes.get(node.id) is node

    def replaced(self, name: str) -> frozenset[str]:
        """Ids of the nodes that the override ``name`` stands in for; empty while nothing built depends on it."""
        return frozenset(self._replaced.get(name, ()))

    @property
    def used_overrides(self) -> set[str]:
        """Names of the overrides that something built depends on."""
        return set(self._replaced)

    def add(self, name: str, bindings: Mapping[str, str]) -> Node:
        """Build the quantity or assumption ``name`` for the entities in ``bindings``; returns its node.

        Raises GraphError (unknown name, unbound role, cycle), MissingFactError or UnitError.
        """
        node = _run(self._steps(name, bindings))
        remember_checked()
        return node

    def _steps(self, name: str, bindings: Mapping[str, str]) -> Steps:
        """Build a node; every node that it needs first is asked for with ``yield`` (see `_run`)."""
        if name in self._overrides:
            return self._overridden(name)
        if name not in self._catalogue:
            return self._nodes.get(name) or self._assumed(name)
        node: Node = yield self._formula(self._catalogue[name], bindings)
        return node

    def _assumed(self, name: str) -> Node:
        leaf = self._knowledge.assumption(name)
        if leaf is None:
            self._catalogue.find(name)
        assert leaf is not None
        return self._keep(Node(name, name, leaf.unit, leaf=leaf))

    def bound(self, name: str, bindings: Mapping[str, str]) -> dict[str, str]:
        """The entities a quantity was asked for: the bindings it uses, defaults and followed references included."""
        return self._roles.bound(name, bindings)

    def _formula(self, found: Quantity, bindings: Mapping[str, str]) -> Steps:
        if found.reported is not None:
            measured = self._reported(found.reported, bindings)
            if measured is not None:
                return measured
        identity = self._identity(found, bindings)
        if identity in self._nodes:
            return self._nodes[identity]
        if identity in self._path:
            path = list(self._path)
            raise GraphError(
                "quantities depend on themselves: " + " → ".join([*path[path.index(identity) :], identity])
            )
        self._path[identity] = None
        reported = self._roles.name_of(found.reported, bindings) if found.reported else ""
        edges, sought = [], [reported] if reported else []
        try:
            for argument, origin in found.inputs.items():
                if isinstance(origin, Needs):
                    node = yield self._needed(found, origin, bindings)
                elif origin.optional and not self._has(origin, bindings):
                    sought.append(f"{self._roles.filled(origin.role, bindings) or ''}.{origin.attribute}")
                    continue
                else:
                    node = self._read(origin, bindings, found.name)
                edges.append(_edge(found, argument, origin, node))
        except MissingFactError as problem:
            if not reported or "the formula in its place" in str(problem):
                raise
            raise MissingFactError(
                f"{reported} is not known as of {self._as_of}, and the formula in its place fails: {problem}"
            ) from problem
        finally:
            del self._path[identity]
        check_dimensions(found)
        positive = all(self._nodes[edge.node].positive for edge in edges)
        return self._keep(Node(identity, found.name, found.unit, found, None, tuple(edges), positive, tuple(sought)))

    def _needed(self, found: Quantity, origin: Needs, bindings: Mapping[str, str]) -> Steps:
        renamed = {role: self._roles.entity(source, bindings) for role, source in origin.renamed}
        try:
            node: Node = yield self._steps(origin.name, {**bindings, **renamed})
        except GraphError as problem:
            if "needed by" in str(problem) or "themselves" in str(problem):
                raise
            raise GraphError(f"{problem} (needed by {found.name!r})") from problem
        return node

    def _read(self, reads: Reads, bindings: Mapping[str, str], reader: str) -> Node:
        entity, on = self._roles.entity(reads.role, bindings, reader), self._roles.date_of(reads, bindings)
        return self.read(entity, reads.attribute, reads.unit, on, reader)

    def _has(self, reads: Reads, bindings: Mapping[str, str]) -> bool:
        """Whether anything, set or known, can fill an optional input."""
        entity = self._roles.filled(reads.role, bindings)
        if entity is None:
            return False
        if f"{entity}.{reads.attribute}" in self._overrides or reads.attribute in self._overrides:
            return True
        return self._knowledge.stated(entity, reads.attribute, self._roles.date_of(reads, bindings)) is not None

    def read(
        self, entity: str, attribute: str, unit: str, on: date | None = None, reader: str = "the question"
    ) -> Node:
        """Build the leaf for an entity's attribute at date ``on``. Raises MissingFactError when nothing is known."""
        asked = f"{entity}.{attribute}"
        for name in (asked, attribute):
            if name in self._overrides:
                return self._chosen(name, asked, unit)
        identity = _at(asked, on)
        if identity in self._nodes:
            return self._nodes[identity]
        leaf = self._knowledge.stated(entity, attribute, on) or self._knowledge.attribute(entity, attribute, on)
        if leaf is None:
            raise MissingFactError(
                f"nothing is known about {asked} as of {self._as_of} (needed by {reader}); "
                f"add a fact, or give it: --set {asked}='VALUE {unit}'"
            )
        return self._keep(Node(identity, asked, leaf.unit, leaf=leaf))

    def _reported(self, reads: Reads, bindings: Mapping[str, str]) -> Node | None:
        name, on = self._roles.name_of(reads, bindings), self._roles.date_of(reads, bindings)
        if name in self._overrides:
            return self._chosen(name, name, reads.unit)
        leaf = self._knowledge.stated(name.rpartition(".")[0], reads.attribute, on)
        if leaf is None:
            return None
        identity = _at(name, on)
        return self._nodes.get(identity) or self._keep(Node(identity, name, leaf.unit, leaf=leaf))

    def _overridden(self, name: str) -> Node:
        if name in self._catalogue:
            unit = self._catalogue[name].unit
        else:
            replaced = self._knowledge.assumption(name)
            if replaced is None:
                raise unknown("quantity", name, self._catalogue, GraphError)
            unit = replaced.unit
        return self._chosen(name, name, unit)

    def _chosen(self, name: str, shown: str, unit: str) -> Node:
        self._replaced.setdefault(name, set()).add(shown)
        if shown in self._nodes:
            return self._nodes[shown]
        return self._keep(set_leaf(name, shown, unit, self._overrides[name]))

    def _identity(self, found: Quantity, bindings: Mapping[str, str]) -> str:
        filled = []
        for role in self._catalogue.role_names_of(found.name):
            if role in bindings:
                filled.append(f"{role}={bindings[role]}")
        return f"{found.name}({', '.join(filled)})" if filled else found.name

    def _keep(self, node: Node) -> Node:
        if node.leaf is not None:
            self._leaf_names.add(node.leaf.name)
        return self._nodes.setdefault(node.id, node)


def _edge(found: Quantity, argument: str, origin: Reads | Needs, node: Node) -> Edge:
    try:
        factor = conversion_factor(node.unit, origin.unit)
    except UnitError as problem:
        raise UnitError(
            f"quantity {found.name!r} takes {argument!r} in {origin.unit!r}, but {node.name!r} is in {node.unit!r}"
        ) from problem
    return Edge(argument, node.id, factor)


def _run(first: Steps) -> Node:
    """Run steps that ask for further steps, without recursion: a chain of quantities may be of any length.

    What a step asks for with ``yield`` is run before it goes on; it is then sent the node, or thrown the error.
    """
    waiting = [first]
    node: Node | None = None
    error: Exception | None = None
    while waiting:
        try:
            asked = waiting[-1].send(node) if error is None else waiting[-1].throw(error)
        except StopIteration as done:
            node, error = done.value, None
            waiting.pop()
        except Exception as problem:
            node, error = None, problem
            waiting.pop()
        else:
            node, error = None, None
            waiting.append(asked)
    if error is not None:
        raise error
    assert node is not None
    return node


def _at(name: str, on: date | None) -> str:
    return name if on is None else f"{name} at {on}"
