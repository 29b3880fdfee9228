"""Numbers for a graph: each node's samples, computed once and kept for as long as nothing under it changes.

A node's samples are filed under a digest of all that determines them (formula, inputs, draws). Asking again after
one assumption has changed therefore recomputes only what hangs on it, and two questions share what they share.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from waterline.core.distribution import Point, Samples, Text
from waterline.core.draws import draw, draw_correlated
from waterline.core.errors import NumberError
from waterline.core.graph import Graph, Node, content_key
from waterline.core.summary import Summary, summarise

MEMORY_BYTES = 256 * 2**20
MEMORY_DERIVED = 20_000

Found = TypeVar("Found")


class Evaluation:
    """Samples of nodes of one graph, by node id; computed when first asked for."""

    def __init__(self, graph: Graph, samples: int, seed: int, memory: SampleMemory | None = None) -> None:
        self.graph = graph
        self.samples = samples
        self.seed = seed
        self._memory = memory if memory is not None else SampleMemory()
        self._values: dict[str, Samples] = {}
        self._keys: dict[str, bytes] = {}
        self._groups = _correlated_groups(graph.correlations)

    def __getitem__(self, identity: str) -> Samples:
        """Samples of a node, shape ``(samples,)`` or ``(1,)`` where everything under it is certain."""
        for node in self._pending(identity):
            key = self._keys[node.id] = self._key(node)
            known = self._memory.get(key)
            if known is None:
                known = self._leaf(node) if node.leaf is not None else self._formula(node)
                self._memory.put(key, known)
            self._values[node.id] = known
        return self._values[identity]

    def summary(self, identity: str) -> Summary:
        """Median, 90% interval and mean of a node."""
        return self.remembered("summary", identity, lambda: summarise(self[identity]))

    def remembered(self, what: str, identity: str, make: Callable[[], Found]) -> Found:
        """Something worked out from a node's samples, kept for as long as nothing under the node changes."""
        self[identity]  # settles the node's key
        return self._memory.derived((what, identity, self._keys[identity]), make)

    def extend(self, graph: Graph) -> None:
        """Go on with a graph that has grown; what is computed stays, unless it has become correlated."""
        groups = _correlated_groups(graph.correlations)
        if groups != self._groups:
            self._values.clear()
            self._groups = groups
        self.graph = graph

    def preset(self, values: Mapping[str, Samples]) -> None:
        """Take samples of leaves from elsewhere, by node id."""
        for identity, samples in values.items():
            self._values[identity] = samples
            self._keys[identity] = content_key(identity, id(samples))

    def _pending(self, identity: str) -> list[Node]:
        """Nodes still without samples, inputs first."""
        order: list[Node] = []
        seen: set[str] = set()
        waiting: list[tuple[str, bool]] = [(identity, False)]
        while waiting:
            current, inputs_done = waiting.pop()
            node = self.graph.nodes[current]
            if inputs_done:
                order.append(node)
            elif current not in self._values and current not in seen:
                seen.add(current)
                waiting.append((current, True))
                waiting.extend((edge.node, False) for edge in node.edges)
        return order

    def _key(self, node: Node) -> bytes:
        if node.quantity is None:
            assert node.leaf is not None
            group = self._groups.get(node.leaf.name)
            return content_key(node.leaf.name, node.leaf.distribution, self.samples, self.seed, group)
        inputs = tuple((edge.argument, self._keys[edge.node], edge.factor) for edge in node.edges)
        return content_key(node.quantity.fingerprint, inputs)

    def _leaf(self, node: Node) -> Samples:
        assert node.leaf is not None
        name, distribution = node.leaf.name, node.leaf.distribution
        if isinstance(distribution, Point | Text):
            return distribution.quantile(np.empty(0))
        group = self._groups.get(name)
        if group is None:
            return distribution.quantile(draw(name, self.samples, self.seed))
        members = {member for pair, _ in group for member in pair}
        drawn = draw_correlated(sorted(members), dict(group), self.samples, self.seed)
        return distribution.quantile(drawn[name])

    def _formula(self, node: Node) -> Samples:
        assert node.quantity is not None
        inputs: dict[str, Samples] = {}
        spans_zero = False
        for edge in node.edges:
            values = self._values[edge.node]
            inputs[edge.argument] = values if edge.factor == 1.0 else values * edge.factor
        with np.errstate(all="ignore"):
            arguments: dict[str, Any] = {name: values.view(_Guarded) for name, values in inputs.items()}
            try:
                result = np.asarray(node.quantity.formula(**arguments), dtype=float)
            except _SpansZeroError:
                spans_zero = True
        if spans_zero:
            raise NumberError(f"{node.id} divides by a range that spans zero; its inputs: {_ranges(inputs)}")
        if not np.isfinite(result).all():
            raise NumberError(f"{node.id} is not a finite number for some samples; its inputs: {_ranges(inputs)}")
        return result


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
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: bytes, samples: Samples) -> None:
        """File samples; they must not be written to afterwards."""
        samples.flags.writeable = False
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


class _SpansZeroError(ArithmeticError):
    """A denominator takes both signs, or zero."""


class _Guarded(np.ndarray):
    """Array that refuses to be a denominator when its samples are not all on one side of zero."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [value.view(np.ndarray) if isinstance(value, _Guarded) else value for value in inputs]
        if ufunc in (np.true_divide, np.floor_divide, np.remainder, np.reciprocal):
            denominator = np.asarray(plain[-1])
            if denominator.size and denominator.min() <= 0 <= denominator.max():
                raise _SpansZeroError
        result = getattr(ufunc, method)(*plain, **options)
        return result.view(_Guarded) if isinstance(result, np.ndarray) else result


def _ranges(inputs: Mapping[str, Samples]) -> str:
    return ", ".join(f"{name} {values.min():g}..{values.max():g}" for name, values in inputs.items())


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
