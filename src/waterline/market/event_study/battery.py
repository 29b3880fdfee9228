"""Every test by name, with the distribution that its statistic has when nothing happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from waterline.market.event_study import dependence, nonparametric, parametric
from waterline.market.event_study.abnormal import Abnormal, cumulated, textbook
from waterline.market.event_study.least_squares import Fit
from waterline.market.event_study.p_values import normal_p_values, signed_rank_p_values, students_p_values
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.several_days import over_days

Null = Literal["normal", "students-t", "long-t", "signed-rank"]


@dataclass(frozen=True)
class Test:
    """A test of one event day. ``least`` is the number of securities that it needs.

    A ``daily`` test compares a day with other days: over several days its daily statistics are added up. The others
    take the cumulative return in place of a day's.

    ``null``: ``students-t`` has one degree of freedom less than there are securities, ``long-t`` one less than there
    are estimation days. ``allows_correlation``: right also for securities that share the day.
    """

    statistic: Callable[[Abnormal], Returns]
    null: Null
    least: int = 1
    allows_correlation: bool = False
    daily: bool = False


TESTS = {
    "cross_sectional": Test(parametric.cross_sectional, "students-t", 2),
    "brown_warner_1980": Test(parametric.brown_warner_1980, "long-t", daily=True),
    "brown_warner_1985": Test(parametric.brown_warner_1985, "long-t", 1, True, daily=True),
    "patell": Test(parametric.patell, "normal"),
    "adjusted_patell": Test(dependence.adjusted_patell, "normal", 2, True),
    "bmp": Test(parametric.bmp, "students-t", 2),
    "kolari_pynnonen": Test(dependence.kolari_pynnonen, "students-t", 2, True),
    "corrado": Test(nonparametric.rank, "normal", 1, True, daily=True),
    "modified_rank": Test(nonparametric.modified_rank, "normal", 1, True, daily=True),
    "corrado_sign": Test(nonparametric.corrado_sign, "normal", 1, True, daily=True),
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


def window_outcomes(fitted: Fit) -> dict[str, Outcome]:
    """All tests of the whole event window that the number of securities allows, each with one value."""
    days, total = textbook(fitted), cumulated(fitted)
    return {name: over_window(days, total, test) for name, test in TESTS.items() if len(days.event) >= test.least}


def over_window(days: Abnormal, total: Abnormal, test: Test) -> Outcome:
    """One test of several days together, from the days and from their sum."""
    if not test.daily or days.event.shape[1] == 1:
        return outcome(total if not test.daily else days, test)
    return judged(np.array([over_days(days, test.statistic)]), total, test)


def outcome(sample: Abnormal, test: Test) -> Outcome:
    """One test's statistic and p-value."""
    return judged(test.statistic(sample), sample, test)


def judged(statistic: Returns, sample: Abnormal, test: Test) -> Outcome:
    """A test's statistic with its p-value."""
    if test.null == "signed-rank":
        return Outcome(statistic, signed_rank_p_values(statistic, (~np.isnan(sample.event)).sum(axis=0)))
    if test.null == "normal":
        return Outcome(statistic, normal_p_values(statistic))
    count = sample.present if test.null == "students-t" else np.full(statistic.shape, sample.usual.observations.mean())
    return Outcome(statistic, students_p_values(statistic, count - 1))
