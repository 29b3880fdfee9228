"""Ranks along the last axis, missing values left out, ties sharing their mean rank."""

from __future__ import annotations

import numpy as np

from waterline.market.event_study.panel import Returns


def ranks(values: Returns) -> Returns:
    """Rank of each value among those of its row, from 1; NaN stays NaN. Shape (rows, columns) as given."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    place = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    begins = np.ones(values.shape, dtype=bool)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    if begins.all():
        shared = place + 1.0
    else:
        ends = np.ones(values.shape, dtype=bool)
        ends[:, :-1] = begins[:, 1:]
        first = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
        last = np.minimum.accumulate(np.where(ends, place, values.shape[1])[:, ::-1], axis=1)[:, ::-1]
        shared = (first + last) / 2 + 1
    found = np.empty(values.shape)
    np.put_along_axis(found, order, shared, axis=1)
    found[np.isnan(values)] = np.nan
    return found
