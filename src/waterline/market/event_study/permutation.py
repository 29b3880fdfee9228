"""How unusual the event is among the days before it: no distribution assumed, correlation between securities kept."""

from __future__ import annotations

import numpy as np

from waterline.market.event_study.abnormal import Abnormal
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.usual import day_mean


def day_permutation(sample: Abnormal) -> Returns:
    """p-value of each event day's mean standardised abnormal return among those of the estimation days, (days,).

    Under the null an event day is a day like any other, so that its place among all of them is uniform:
    p = (1 + number of estimation days at least as far from zero) ÷ (1 + estimation days).
    """
    usual = np.abs(day_mean(sample.usual.residuals / sample.usual.deviations[:, None]))
    usual = usual[~np.isnan(usual)]
    unusual = np.abs(day_mean(sample.standardised))
    further = (usual[:, None] >= unusual[None, :]).sum(axis=0)
    return np.where(np.isnan(unusual), np.nan, (1 + further) / (1 + len(usual)))


def window_permutation(sample: Abnormal) -> float:
    """p-value of the mean cumulative abnormal return among all windows of the same length before it.

    Days on which a security has no return count as none. NaN when the estimation window is no longer than the event's.
    """
    length = sample.event.shape[1]
    scale = sample.usual.deviations[:, None]
    path = np.concatenate([[0.0], np.cumsum(np.nansum(sample.usual.residuals / scale, axis=0))])
    if len(path) <= length + 1:
        return float("nan")
    windows = np.abs(path[length:] - path[:-length])
    unusual = abs(float(np.nansum(sample.event / scale)))
    return float((1 + (windows >= unusual).sum()) / (1 + len(windows)))
