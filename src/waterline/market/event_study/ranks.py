"""Places of values among those of their row, missing values left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.market.event_study.panel import Returns


@dataclass(frozen=True)
class Ranked:
    """``ranks`` (rows, columns) from 1, ties sharing their mean rank, NaN where missing; ``medians`` (rows,)."""

    ranks: Returns
    medians: Returns


def ranked(values: Returns) -> Ranked:
    """Ranks and medians of each row of ``values`` (rows, columns), from one sort."""
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    ties = ordered[:, 1:] == ordered[:, :-1]
    place = np.arange(1.0, values.shape[1] + 1)
    shared = _shared(ties) if ties.any() else np.broadcast_to(place, values.shape)
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, shared, axis=1)
    count = values.shape[1] - np.isnan(values).sum(axis=1)
    ranks[np.isnan(values)] = np.nan
    rows = np.arange(len(values))
    lower, upper = ordered[rows, np.maximum(count - 1, 0) // 2], ordered[rows, np.minimum(count // 2, len(place) - 1)]
    return Ranked(ranks, (lower + upper) / 2)


def _shared(ties: np.ndarray) -> Returns:
    """Mean place of each run of ties, from which sorted neighbours are equal, (rows, columns − 1)."""
    rows, columns = ties.shape[0], ties.shape[1] + 1
    place = np.broadcast_to(np.arange(columns), (rows, columns))
    edge = np.zeros((rows, 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.concatenate([edge, ties], axis=1), 0, place), axis=1)
    ends = np.where(np.concatenate([ties, edge], axis=1), columns, place)[:, ::-1]
    return np.asarray((first + np.minimum.accumulate(ends, axis=1)[:, ::-1]) / 2 + 1)
