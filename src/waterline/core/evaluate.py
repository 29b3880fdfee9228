"""Numbers for a graph: each node's samples, computed once and kept for as long as nothing under it changes.

A node's samples are filed under a digest of all that determines them (formula, inputs, draws). Asking again after
one assumption has changed therefore recomputes only what hangs on it, and two questions share what they share.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from waterline.core.distribution import Point, Samples, Text
from waterline.core.draws import draw, draw_correlated
from waterline.core.graph import Graph, Node, content_key
from waterline.core.summary import Summary, summarise
from waterline.core.watched import watched

MEMORY_BYTES = 256 * 2**20
BLOCK_SAMPLES = 2**18  # more samples than this are drawn and evaluated a block at a time
MEMORY_DERIVED = 20_000

Found = TypeVar("Found")


class Evaluation:
    """Samples of nodes of one graph, by node id; computed when first asked for.

    More than `BLOCK_SAMPLES` samples are computed block by block, each with draws of its own (``block`` is its
    number), and only the node asked for is kept: memory then grows with the answer, not with the graph.
    """

    def __init__(
        self, graph: Graph, samples: int, seed: int, memory: SampleMemory | None = None, block: int = 0
    ) -> None:
        self.graph = graph
        self.samples = samples
        self.seed = seed
        self._block = block
        self._memory = memory if memory is not None else SampleMemory()
        self._values: dict[str, Samples] = {}
        self._keys: dict[str, bytes] = {}
        self._positive: dict[str, bool] = {}
        self._foreign = False
        self._draws = repr((samples, seed, block)).encode()
        self._groups = _correlated_groups(graph.correlations)

    def __getitem__(self, identity: str) -> Samples:
        """Samples of a node, shape ``(samples,)`` or ``(1,)`` where everything under it is certain."""
        if identity in self._values:
            return self._values[identity]
        if self.samples > BLOCK_SAMPLES:
            return self._in_blocks(identity)
        with np.errstate(all="ignore"):
            for node in self._pending(identity, self._values):
                key = self._key_of(node)
                known = self._memory.get(key)
                if known is None:
                    known = self._leaf(node) if node.quantity is None else self._formula(node)
                    self._memory.put(key, known)
                self._values[node.id] = known
        return self._values[identity]

    def summary(self, identity: str) -> Summary:
        """Median, 90% interval and mean of a node."""
        return self.remembered("summary", identity, lambda: summarise(self[identity]))

    def order(self, identity: str) -> np.ndarray:
        """Places of a node's samples from the lowest to the highest, equal ones as they come."""
        values = self[identity]
        key = content_key("order", self._keys[identity])
        known = self._memory.get(key)
        if known is None:
            known = _order(values).astype(np.int32)
            self._memory.put(key, known)
        return known

    def remembered(self, what: str, identity: str, make: Callable[[], Found]) -> Found:
        """Something worked out from a node's samples, kept for as long as nothing under the node changes."""
        self[identity]  # settles the node's key
        return self._memory.derived((what, identity, self._keys[identity]), make)

    def extend(self, graph: Graph) -> None:
        """Go on with a graph that has grown; what is computed stays, unless it has become correlated."""
        if graph.correlations != self.graph.correlations:
            self._values.clear()
            self._keys.clear()
            self._positive.clear()
            self._groups = _correlated_groups(graph.correlations)
        self.graph = graph

    def take_over(self, other: Evaluation, but: Iterable[str]) -> None:
        """Take the samples of another evaluation, but for those of some nodes, where it draws alike."""
        if (self._draws, self._groups) != (other._draws, other._groups) or other._foreign:
            return
        self._values, self._keys, self._positive = dict(other._values), dict(other._keys), dict(other._positive)
        for identity in but:
            for known in (self._values, self._keys, self._positive):
                known.pop(identity, None)

    def preset(self, values: Mapping[str, Samples]) -> None:
        """Take samples of nodes from elsewhere, by node id; those of shape ``(points, 1)`` sweep over points."""
        self._keys = {identity: self._keys[identity] for identity in self._values}  # others may rest on these nodes
        for identity, samples in values.items():
            self._values[identity] = samples
            self._keys[identity] = content_key(identity, id(samples))
            self._positive.pop(identity, None)
            self._foreign = True

    def key(self, identity: str) -> bytes:
        """A digest of all that decides a node's samples: formulas, leaves, correlations, draws."""
        if identity not in self._keys:
            for node in self._pending(identity, self._keys):
                self._key_of(node)
        return self._keys[identity]

    def _in_blocks(self, identity: str) -> Samples:
        key = self.key(identity)
        known = self._memory.get(key)
        if known is None:
            parts = []
            for block, start in enumerate(range(0, self.samples, BLOCK_SAMPLES)):
                size = min(BLOCK_SAMPLES, self.samples - start)
                parts.append(Evaluation(self.graph, size, self.seed, SampleMemory(0), block)[identity])
                if parts[0].size == 1:
                    break
            known = np.concatenate(parts)
            self._memory.put(key, known)
        return known

    def _pending(self, identity: str, settled: Container[str]) -> list[Node]:
        """A node and what is under it, but for what is settled and all below that; inputs first."""
        order: list[Node] = []
        seen: set[str] = set()
        waiting: list[tuple[str, bool]] = [(identity, False)]
        while waiting:
            current, inputs_done = waiting.pop()
            if inputs_done:
                order.append(self.graph.nodes[current])
            elif current not in seen:
                seen.add(current)
                waiting.append((current, True))
                below = self.graph.nodes[current].below
                waiting.extend([(node, False) for node in below if node not in settled])
        return order

    def _key_of(self, node: Node) -> bytes:
        """The key of a node whose inputs have theirs."""
        known = self._keys.get(node.id)
        if known is None:
            known = self._keys[node.id] = self._digest(node)
        return known

    def _digest(self, node: Node) -> bytes:
        if node.quantity is None:
            group = self._groups.get(node.name)
            below = self._draws if group is None else self._draws + repr(group).encode()
        else:
            below = b"".join([self._keys[each] for each in node.below])
        return hashlib.blake2b(node.stem + below, digest_size=16).digest()

    def _leaf(self, node: Node) -> Samples:
        assert node.leaf is not None
        name, distribution = node.leaf.name, node.leaf.distribution
        if isinstance(distribution, Point | Text):
            return distribution.quantile(np.empty(0))
        return distribution.quantile(self._drawn(name))

    def _drawn(self, name: str) -> Samples:
        """A leaf's probabilities; leaves that are correlated are drawn together, once for all of them."""
        group = self._groups.get(name)
        if group is None:
            return draw(name, self.samples, self.seed, self._block)
        known = self._memory.get(content_key(name, group, self._draws))
        if known is None:
            members = {member for pair, _ in group for member in pair}
            drawn = draw_correlated(sorted(members), dict(group), self.samples, self.seed, self._block)
            for member, probabilities in drawn.items():
                self._memory.put(content_key(member, group, self._draws), probabilities)
            known = drawn[name]
        return known

    def _formula(self, node: Node) -> Samples:
        assert node.quantity is not None
        inputs: dict[str, Samples] = {}
        positive = node.keeps_sign
        for edge in node.edges:
            values = self._values[edge.node]
            inputs[edge.argument] = values if edge.factor == 1.0 else values * edge.factor
            positive = positive and (self._positive.get(edge.node) or self._is_positive(edge.node))
        if positive:
            result = np.asarray(node.quantity.formula(**inputs), dtype=float)
            if math.isfinite(np.maximum.reduce(result, axis=None)):
                self._positive[node.id] = True
                return result
        return watched(node, inputs)

    def _is_positive(self, identity: str) -> bool:
        known = self._positive.get(identity)
        if known is None and not self._foreign:
            known = self._positive[identity] = self.graph.nodes[identity].positive
        elif known is None:
            values = self._values[identity]
            known = self._positive[identity] = values.dtype.kind == "f" and bool(values.min() > 0)
        return known


def _order(values: Samples) -> np.ndarray:
    """Places from the lowest value to the highest: by the faster sort where no two are equal, which has no choice."""
    order = np.argsort(values)
    ascending = values.take(order)
    return order if bool((ascending[1:] > ascending[:-1]).all()) else np.argsort(values, kind="stable")


class SampleMemory:
    """The most recently used samples, up to a number of bytes, and what was worked out from them.

    Shared between threads: what it holds is never changed, only added and dropped.
    """

    def __init__(self, limit: int = MEMORY_BYTES, derived: int = MEMORY_DERIVED) -> None:
        self._limit = limit
        self._most_derived = derived
        self._size = 0
        self._held: OrderedDict[bytes, Samples] = OrderedDict()
        self._derived: OrderedDict[tuple[str, str, bytes], Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> Samples | None:
        """Samples filed under ``key``, if they are still held."""
        if key not in self._held:
            return None
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: bytes, samples: Samples) -> None:
        """File samples; they must not be written to afterwards."""
        samples.setflags(write=False)
        with self._lock:
            replaced = self._held.pop(key, None)
            self._size += samples.nbytes - (0 if replaced is None else replaced.nbytes)
            self._held[key] = samples
            while self._size > self._limit and len(self._held) > 1:
                _, dropped = self._held.popitem(last=False)
                self._size -= dropped.nbytes

    def derived(self, key: tuple[str, str, bytes], make: Callable[[], Found]) -> Found:
        """What is filed under ``key``, made when it is not there."""
        with self._lock:
            if key in self._derived:
                self._derived.move_to_end(key)
                found: Found = self._derived[key]
                return found
        made = make()
        with self._lock:
            self._derived[key] = made
            while len(self._derived) > self._most_derived:
                self._derived.popitem(last=False)
        return made


def _correlated_groups(
    correlations: Mapping[tuple[str, str], float],
) -> dict[str, tuple[tuple[tuple[str, str], float], ...]]:
    """For every correlated leaf, the pairs of the connected group that it belongs to."""
    groups: list[set[str]] = []
    for pair in correlations:
        touching = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touching] + [set(pair).union(*touching)]
    return {
        name: tuple(sorted((pair, rank) for pair, rank in correlations.items() if pair[0] in group))
        for group in groups
        for name in group
    }
