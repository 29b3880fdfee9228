"""The answer at many points of one graph: blocks of points are evaluated at once, as arrays ``(points, samples)``.

What no axis touches is computed once. Formulas are written for arrays of samples, ``(samples,)``; nearly all of them
take ``(points, samples)`` as well. Whether those under an answer do is tried on a few points first; where they do
not (a plan search that reads medians), points are evaluated one at a time.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import InputError, NumberError
from waterline.core.evaluate import Evaluation
from waterline.core.percentiles import percentiles
from waterline.core.units import conversion_factor
from waterline.questions.session import Session
from waterline.questions.sweep.axis import NumberAxis
from waterline.questions.sweep.request import Request

BLOCK_NUMBERS = 2**16  # numbers in an array of a block, half a megabyte: what the caches of a core hold

Values = Mapping[str, Samples]


class Points:
    """The answer of one combination of entities at any values of the number axes."""

    def __init__(self, session: Session, request: Request, entities: tuple[str, ...]) -> None:
        inquiry = session.inquiry(request.scenario(entities))
        answer = inquiry.ask(request.quantity)
        self.unit = answer.unit
        self.bindings = answer.bindings
        self.key = answer.evaluation.key(answer.node.id)
        self._scenario = inquiry.scenario
        self._graph = answer.evaluation.graph
        self._target = answer.node.id
        self._axes = request.number_axes
        self._factors = {axis.name: self._replaced(axis, inquiry.replaced(axis.name)) for axis in self._axes}
        self._fixed: dict[str, Samples] = {}
        self._prepared = False
        self._together = True
        self._width = 1

    def depends_on(self, axis: NumberAxis) -> bool:
        """Whether the axis moves the answer."""
        return bool(self._factors[axis.name])

    def summaries(self, values: Values) -> Samples:
        """Median, 5% point, 95% point and mean at each point: shape ``(4, points)`` from values ``(points,)``.

        Raises NumberError naming the point that has no answer.
        """
        if not self._prepared:
            self._prepare(values)
        count = _count(values)
        size = max(1, BLOCK_NUMBERS // self._width)
        blocks = [
            self._block({name: column[start : start + size] for name, column in values.items()})
            for start in range(0, count, size)
        ]
        return np.concatenate(blocks, axis=1)

    def _replaced(self, axis: NumberAxis, nodes: frozenset[str]) -> dict[str, float]:
        """Nodes that the axis stands in for, with the factor from its unit to theirs."""
        units = {node: self._graph.nodes[node].unit for node in nodes}
        return {node: conversion_factor(axis.unit or unit, unit) for node, unit in units.items()}

    def _prepare(self, values: Values) -> None:
        """Compute what no axis touches, and try whether a block gives what its points give one by one."""
        moved = {node for nodes in self._factors.values() for node in nodes}
        for node in self._graph.nodes.values():  # inputs first
            if any(below in moved for below in node.below):
                moved.add(node.id)
        border = {below for name in moved for below in self._graph.nodes[name].below} | {self._target}
        base = Evaluation(self._graph, self._scenario.samples, self._scenario.seed)
        self._fixed = {name: base[name] for name in sorted(border - moved)}
        self._prepared = True
        count = _count(values)
        few = {name: column[sorted({0, count // 2, count - 1})] for name, column in values.items()}
        single = np.concatenate([self._single(point) for point in _one_by_one(few)])
        self._width = single.shape[-1]
        try:
            block = self._evaluated(few)
            self._together = block.shape == single.shape and np.allclose(block, single, rtol=1e-12, atol=0)
        except (NumberError, ValueError, TypeError, IndexError):
            self._together = False  # not written for more than one point

    def _block(self, values: Values) -> Samples:
        if self._together:
            try:
                return _summaries(self._evaluated(values))
            except NumberError:
                pass  # some point has no answer, or only all of them together divide by both signs: find out which
        return np.concatenate([_summaries(self._single(point)) for point in _one_by_one(values)], axis=1)

    def _single(self, point: Values) -> Samples:
        try:
            return self._evaluated(point)
        except InputError as problem:
            place = ", ".join(f"{name}={column[0]:g}" for name, column in point.items())
            raise NumberError(f"at {place}: {problem}") from problem

    def _evaluated(self, values: Values) -> Samples:
        """Samples ``(points, n)``, or ``(points, 1)`` where nothing is uncertain."""
        evaluation = Evaluation(self._graph, self._scenario.samples, self._scenario.seed)
        evaluation.preset(self._fixed)
        for name, factors in self._factors.items():
            column = values[name]
            shape = (1,) if column.size == 1 else (column.size, 1)
            evaluation.preset({node: (column * factor).reshape(shape) for node, factor in factors.items()})
        found = evaluation[self._target]
        return np.broadcast_to(found, (_count(values), found.shape[-1]))


def _count(values: Values) -> int:
    return len(next(iter(values.values()))) if values else 1


def _one_by_one(values: Values) -> list[dict[str, Samples]]:
    return [{name: column[place : place + 1] for name, column in values.items()} for place in range(_count(values))]


def _summaries(samples: Samples) -> Samples:
    p05, median, p95 = percentiles(samples)
    return np.stack([median, p05, p95, samples.mean(axis=-1)])
