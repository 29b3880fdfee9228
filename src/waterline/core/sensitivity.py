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
_TOGETHER = 2**17  # samples of leaves that are looked at in one go: as many as a processor keeps at hand


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
    uncertain = [node.id for node in evaluation.graph.leaves(target) if evaluation[node.id].size > 1]
    orders = {name: evaluation.order(name) for name in uncertain}
    moving = [name for name in uncertain if _moves(evaluation[name], orders[name])]
    mean, together = answer.mean(), max(1, _TOGETHER // answer.size)
    found = []
    for start in range(0, len(moving), together):
        names = moving[start : start + together]
        ordered = answer.take(np.stack([orders[name] for name in names]))
        each = zip(names, _shares(ordered - mean), *_tails(ordered), strict=True)
        found += [Influence(name, float(share), float(low), float(high)) for name, share, low, high in each]
    return sorted(found, key=lambda influence: (-influence.share, influence.name))


def variance_share(leaf: Samples, answer: Samples) -> float:
    """Var(E[answer | leaf]) / Var(answer), from samples of shape ``(n,)``, by classes of the leaf's rank.

    Corrected for the part that chance alone puts between class means (the adjusted correlation ratio).
    """
    return float(_shares((answer - answer.mean())[np.argsort(leaf, kind="stable")]))


def _moves(leaf: Samples, order: np.ndarray) -> bool:
    return bool(leaf[order[0]] < leaf[order[-1]])


def _shares(centred: Samples) -> Samples:
    """Shares of variance from an answer less its mean, in the order of each leaf, shape ``(…, n)``."""
    count = centred.shape[-1]
    starts, sizes = _classes(count)
    means = np.add.reduceat(centred, starts, axis=-1) / sizes
    total = np.einsum("...i,...i", centred, centred)
    between = means**2 @ sizes
    within = total - between
    adjusted = (between - (sizes.size - 1) * within / (count - sizes.size)) / total
    return np.asarray(np.clip(adjusted, 0.0, 1.0))


@functools.lru_cache(maxsize=16)
def _classes(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each class of ranks starts among ``count`` samples, and how many it holds."""
    classes = min(_CLASSES, max(2, count // 16))
    edges = np.linspace(0, count, classes + 1).astype(int)
    return edges[:-1], np.diff(edges)


def _tails(ordered: Samples) -> tuple[Samples, Samples]:
    """Medians over the lowest and the highest tenth of each leaf, from the answer in its order, shape ``(…, n)``."""
    width = max(1, int(ordered.shape[-1] * _TAIL))
    return _medians(ordered[..., :width]), _medians(ordered[..., -width:])


def _medians(values: Samples) -> Samples:
    """`numpy.median` along the last axis, without what it does for any shape."""
    ordered = np.sort(values, axis=-1)
    middle = ordered.shape[-1] // 2
    if ordered.shape[-1] % 2:
        return np.asarray(ordered[..., middle])
    return np.asarray((ordered[..., middle - 1] + ordered[..., middle]) / 2)
