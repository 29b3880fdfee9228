"""Tests of several event days together, from each day's own statistic (as the R package estudy2 does).

For a test of the cumulative return with its full prediction error, use `abnormal.cumulated` with any test of a day.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from waterline.market.event_study.abnormal import Abnormal
from waterline.market.event_study.nonparametric import mean_rank
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.usual import day_mean

LEAST_PRESENT = 90.0  # percent of the securities that a day needs to count; estudy2's default


def over_days(sample: Abnormal, test: Callable[[Abnormal], Returns]) -> float:
    """Sum of a test's daily statistics over the root of their number (Brown & Warner 1985)."""
    counted = _counted(sample)
    return float(np.nansum(test(sample)[counted]) / np.sqrt(counted.sum()))


def rank_over_days(sample: Abnormal) -> float:
    """Corrado's rank test for several days together (Cowan 1992).

    t = √d (K̄ − K̄₀) ÷ √(Σₜ (K̄ₜ − K̄₀)² ÷ T), with K̄ over the d event days and K̄₀ over both windows.
    """
    found, grand, deviation = mean_rank(sample)
    counted = _counted(sample)
    return float(np.sqrt(counted.sum()) * (np.nanmean(found[:, counted]) - grand) / deviation)


def mean_over_days(sample: Abnormal) -> float:
    """Mean of the days' mean abnormal returns."""
    return float(np.nanmean(day_mean(sample.event)[_counted(sample)]))


def _counted(sample: Abnormal) -> np.ndarray:
    share = 100 * (~np.isnan(sample.event)).mean(axis=0)
    return np.asarray(share > LEAST_PRESENT)
