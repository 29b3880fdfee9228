"""Every test by name, with the distribution that its statistic has when nothing happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from waterline.market.event_study import dependence, nonparametric, parametric
from waterline.market.event_study.abnormal import Abnormal
from waterline.market.event_study.panel import Returns

Null = Literal["normal", "students-t", "long-t", "signed-rank"]


@dataclass(frozen=True)
class Test:
    """A test of one event day. ``least`` is the number of securities that it needs.

    ``null``: ``students-t`` has one degree of freedom less than there are securities, ``long-t`` one less than there
    are estimation days. ``allows_correlation``: right also for securities that share the day.
    """

    statistic: Callable[[Abnormal], Returns]
    null: Null
    least: int = 1
    allows_correlation: bool = False


TESTS = {
    "cross_sectional": Test(parametric.cross_sectional, "students-t", 2),
    "brown_warner_1980": Test(parametric.brown_warner_1980, "long-t"),
    "brown_warner_1985": Test(parametric.brown_warner_1985, "long-t", 1, True),
    "patell": Test(parametric.patell, "normal"),
    "adjusted_patell": Test(dependence.adjusted_patell, "normal", 2, True),
    "bmp": Test(parametric.bmp, "students-t", 2),
    "kolari_pynnonen": Test(dependence.kolari_pynnonen, "students-t", 2, True),
    "corrado": Test(nonparametric.rank, "normal", 1, True),
    "modified_rank": Test(nonparametric.modified_rank, "normal", 1, True),
    "corrado_sign": Test(nonparametric.corrado_sign, "normal", 1, True),
    "sign": Test(nonparametric.sign, "normal"),
    "generalised_sign": Test(nonparametric.generalised_sign, "normal"),
    "wilcoxon": Test(nonparametric.wilcoxon, "signed-rank", 2),
}


@dataclass(frozen=True)
class Outcome:
    """A test's statistic and two-sided p-value for each event day, (days,); NaN where it cannot be had."""

    statistic: Returns
    p_value: Returns


def outcomes(sample: Abnormal) -> dict[str, Outcome]:
    """All tests that the number of securities allows."""
    return {name: outcome(sample, test) for name, test in TESTS.items() if len(sample.event) >= test.least}


def outcome(sample: Abnormal, test: Test) -> Outcome:
    """One test's statistic and p-value."""
    from scipy.special import ndtr, stdtr

    statistic = test.statistic(sample)
    if test.null == "signed-rank":
        return Outcome(statistic, signed_rank_p_values(statistic, (~np.isnan(sample.event)).sum(axis=0)))
    if test.null == "normal":
        return Outcome(statistic, 2 * ndtr(-np.abs(statistic)))
    count = sample.present if test.null == "students-t" else np.full(statistic.shape, sample.observations.mean())
    return Outcome(statistic, 2 * stdtr(count - 1, -np.abs(statistic)))


def signed_rank_p_values(statistic: Returns, count: np.ndarray) -> Returns:
    """Exact two-sided p-values of Wilcoxon's statistic for ``count`` values; from the normal above 200 of them."""
    return np.array([_signed_rank_p(float(w), int(n)) for w, n in zip(statistic, count, strict=True)])


def _signed_rank_p(statistic: float, count: int) -> float:
    if count == 0 or np.isnan(statistic):
        return float("nan")
    largest = count * (count + 1) // 2
    smaller = min(statistic, largest - statistic)
    if count > 200:
        from scipy.special import ndtr

        return float(2 * ndtr((smaller - largest / 2) / np.sqrt(count * (count + 1) * (2 * count + 1) / 24)))
    ways = np.zeros(largest + 1)  # chance of each sum of ranks, one rank after another in or out
    ways[0] = 1.0
    for rank in range(1, count + 1):
        ways[rank:] += ways[:-rank].copy()
        ways /= 2
    return float(min(1.0, 2 * ways[: int(np.floor(smaller)) + 1].sum()))
