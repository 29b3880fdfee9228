"""The graph under a question: which formulas, leaves and unit conversions, in an order that can be computed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from waterline.core.distribution import is_positive
from waterline.core.knowledge import Leaf
from waterline.core.quantity import Quantity
from waterline.core.signs import keeps_sign


@dataclass(frozen=True, slots=True)
class Edge:
    """An input of a formula: the argument it fills, the node it comes from, the factor between their units."""

    argument: str
    node: str
    factor: float


@dataclass(frozen=True, slots=True)
class Node:
    """A formula with its inputs, or a leaf. ``id`` names it with the entities it was asked for.

    ``stem`` are the bytes that decide its samples, but for those of its inputs and the draws. ``keeps_sign``: its
    formula makes positive numbers of positive ones (`waterline.core.signs`). ``positive``: so are all its samples.
    ``below`` are the ids of the nodes that it reads, in the order of ``edges``. ``sought`` are the facts that would
    have been read, had they been known: optional ones, and one in its own place.
    """

    id: str
    name: str
    unit: str
    quantity: Quantity | None = None
    leaf: Leaf | None = None
    edges: tuple[Edge, ...] = ()
    inputs_positive: bool = False
    sought: tuple[str, ...] = ()
    stem: bytes = field(init=False, repr=False, compare=False)
    keeps_sign: bool = field(init=False, repr=False, compare=False, default=False)
    positive: bool = field(init=False, repr=False, compare=False)
    below: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.quantity is None:
            assert self.leaf is not None
            stem = content_key(self.leaf.name, self.leaf.distribution)
            positive = is_positive(self.leaf.distribution)
        else:
            stem = content_key(self.quantity.fingerprint, [(edge.argument, edge.factor) for edge in self.edges])
            object.__setattr__(self, "keeps_sign", keeps_sign(self.quantity.formula.__code__))
            positive = self.keeps_sign and self.inputs_positive
        object.__setattr__(self, "below", tuple([edge.node for edge in self.edges]))
        object.__setattr__(self, "stem", stem)
        object.__setattr__(self, "positive", positive)


@dataclass(frozen=True)
class Graph:
    """Nodes by id, every node after its inputs."""

    nodes: Mapping[str, Node]
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def leaves(self, target: str) -> Iterator[Node]:
        """The leaves under a node, each once, in the order of their first use."""
        for node in self.under(target):
            if node.leaf is not None:
                yield node

    def under(self, target: str) -> Iterator[Node]:
        """A node and all nodes below it, each once, from the top."""
        seen: set[str] = set()
        waiting = [target]
        while waiting:
            identity = waiting.pop()
            if identity in seen:
                continue
            seen.add(identity)
            node = self.nodes[identity]
            yield node
            waiting.extend(reversed(node.below))


def bare(name: str) -> str:
    """The name of an attribute without its entity, or of a quantity as it is."""
    return name.rpartition(".")[2]


def content_key(*parts: object) -> bytes:
    """A short digest that is equal for equal parts."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()
