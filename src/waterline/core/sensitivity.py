"""Which inputs matter most: shares of an answer's variance, and how far each input alone moves it.

Both are read off the samples that the answer already has ("given data", Plischke, Borgonovo & Smith 2013), so they
cost no further evaluation of the graph.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.evaluate import Evaluation

_CLASSES = 32
_TAIL = 0.1


@dataclass(frozen=True, slots=True)
class Influence:
    """One leaf's part in an answer's uncertainty.

    ``share``: first-order share of variance (0 to 1). ``when_low`` and ``when_high``: the answer's median while the
    leaf is among its lowest and highest tenth, in the answer's unit.
    """

    name: str
    share: float
    when_low: float
    when_high: float


def influences(evaluation: Evaluation, target: str) -> list[Influence]:
    """Influence of every uncertain leaf under ``target``, largest share first; empty when nothing is uncertain."""
    answer = evaluation[target]
    if answer.size == 1 or np.ptp(answer) == 0:
        return []
    mean = answer.mean()
    found = []
    for node in evaluation.graph.leaves(target):
        leaf = evaluation[node.id]
        if leaf.size == 1:
            continue
        order = evaluation.order(node.id)
        if leaf[order[0]] < leaf[order[-1]]:
            ordered = answer.take(order)
            low, high = _tails(ordered)
            found.append(Influence(node.id, _share(ordered - mean), low, high))
    return sorted(found, key=lambda influence: (-influence.share, influence.name))


def variance_share(leaf: Samples, answer: Samples) -> float:
    """Var(E[answer | leaf]) / Var(answer), from samples of shape ``(n,)``, by classes of the leaf's rank.

    Corrected for the part that chance alone puts between class means (the adjusted correlation ratio).
    """
    return _share((answer - answer.mean())[np.argsort(leaf, kind="stable")])


def _share(centred: Samples) -> float:
    """The share of variance from the answer less its mean, in the order of the leaf."""
    count = centred.size
    starts, sizes = _classes(count)
    means = np.add.reduceat(centred, starts) / sizes
    total = float(centred @ centred)
    between = float(sizes @ means**2)
    within = total - between
    adjusted = (between - (sizes.size - 1) * within / (count - sizes.size)) / total
    return float(min(max(adjusted, 0.0), 1.0))


@functools.lru_cache(maxsize=16)
def _classes(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each class of ranks starts among ``count`` samples, and how many it holds."""
    classes = min(_CLASSES, max(2, count // 16))
    edges = np.linspace(0, count, classes + 1).astype(int)
    return edges[:-1], np.diff(edges)


def _tails(ordered: Samples) -> tuple[float, float]:
    """Medians over the lowest and the highest tenth of the leaf, from the answer in the order of the leaf."""
    width = max(1, int(ordered.size * _TAIL))
    return _median(ordered[:width]), _median(ordered[-width:])


def _median(values: Samples) -> float:
    """`numpy.median` of a few samples, without what it does for any shape."""
    ordered = np.sort(values)
    middle = ordered.size // 2
    return float(ordered[middle] if ordered.size % 2 else (ordered[middle - 1] + ordered[middle]) / 2)
