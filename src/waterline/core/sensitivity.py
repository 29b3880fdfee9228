"""Which inputs matter most: shares of an answer's variance, and how far each input alone moves it.

Both are read off the samples that the answer already has ("given data", Plischke, Borgonovo & Smith 2013), so they
cost no further evaluation of the graph.
"""

from __future__ import annotations

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
    found = []
    for node in evaluation.graph.leaves(target):
        leaf = evaluation[node.id]
        if leaf.size > 1 and np.ptp(leaf) > 0:
            low, high = _tails(leaf, answer)
            found.append(Influence(node.id, variance_share(leaf, answer), low, high))
    return sorted(found, key=lambda influence: (-influence.share, influence.name))


def variance_share(leaf: Samples, answer: Samples) -> float:
    """Var(E[answer | leaf]) / Var(answer), from samples of shape ``(n,)``, by classes of the leaf's rank.

    Corrected for the part that chance alone puts between class means (the adjusted correlation ratio).
    """
    count = answer.size
    order = np.argsort(leaf, kind="stable")
    classes = min(_CLASSES, max(2, count // 16))
    edges = np.linspace(0, count, classes + 1).astype(int)
    sizes = np.diff(edges)
    centred = answer[order] - answer.mean()
    means = np.add.reduceat(centred, edges[:-1]) / sizes
    total = float(centred @ centred)
    between = float(sizes @ means**2)
    within = total - between
    adjusted = (between - (classes - 1) * within / (count - classes)) / total
    return float(min(max(adjusted, 0.0), 1.0))


def _tails(leaf: Samples, answer: Samples) -> tuple[float, float]:
    order = np.argsort(leaf, kind="stable")
    width = max(1, int(answer.size * _TAIL))
    return float(np.median(answer[order[:width]])), float(np.median(answer[order[-width:]]))
