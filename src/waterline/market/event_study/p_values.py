"""Two-sided p-values of statistics that are normal, Student's t or signed ranks when nothing happened."""

from __future__ import annotations

import numpy as np

from waterline.core.beta import beta_probability
from waterline.core.normal import normal_probability
from waterline.market.event_study.panel import Returns

_LONGEST = 200  # values whose signed ranks are counted one by one; above, from the normal


def normal_p_values(statistic: Returns) -> Returns:
    """p-values of standard normal statistics, of the statistics' shape."""
    return 2 * normal_probability(-np.abs(statistic))


def students_p_values(statistic: float | Returns, degrees: float | Returns) -> Returns:
    """p-values of statistics with Student's t distribution; NaN where there is no degree of freedom.

    Source: Abramowitz & Stegun (1964), 26.7.1 and 26.5.27.
    """
    known = np.where(np.asarray(degrees) > 0, degrees, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(known) - 2 * np.log(np.abs(statistic))
        return beta_probability(known / 2, 0.5, odds)


def signed_rank_p_values(statistic: Returns, count: np.ndarray) -> Returns:
    """Exact p-values of Wilcoxon's statistic for ``count`` values; from the normal above 200 of them."""
    return np.array([_signed_rank_p(float(w), int(n)) for w, n in zip(statistic, count, strict=True)])


def _signed_rank_p(statistic: float, count: int) -> float:
    if count == 0 or np.isnan(statistic):
        return float("nan")
    largest = count * (count + 1) // 2
    smaller = min(statistic, largest - statistic)
    if count > _LONGEST:
        deviation = np.sqrt(count * (count + 1) * (2 * count + 1) / 24)
        return float(normal_p_values((smaller - largest / 2) / deviation))
    ways = np.zeros(largest + 1)  # chance of each sum of ranks, one rank after another in or out
    ways[0] = 1.0
    for rank in range(1, count + 1):
        ways[rank:] += ways[:-rank].copy()
        ways /= 2
    return float(min(1.0, 2 * ways[: int(np.floor(smaller)) + 1].sum()))
