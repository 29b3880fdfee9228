"""Abnormal returns ready for tests, under the convention of a textbook or of a program.

Programs and papers agree on what the tests are and differ in details that move the digits. Two conventions are
offered by name:

``textbook`` (Patell 1976; Campbell, Lo & MacKinlay 1997, chapter 4)
    the residual variance is SSR ÷ (n − p); the prediction error uses the days that were used to fit; a sum over
    securities takes those that have a return.
``estudy2`` (the R package estudy2, version 0.10)
    the residual standard deviation is that of the sample (n − 1); the prediction error uses the market on all days of
    the estimation window; a sum over securities is their mean times the number of all securities.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from waterline.market.event_study.least_squares import Fit
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.ranks import Ranked, ranked
from waterline.market.event_study.sample import Sample
from waterline.market.event_study.usual import Usual, day_mean, present

Convention = Literal["textbook", "estudy2"]


@dataclass(frozen=True)
class Abnormal:
    """Abnormal returns of securities in the event window, (securities, days), NaN where missing, beside what is usual.

    ``standardised`` are those over their standard errors. ``inflation`` is the squared ratio of an event day's standard
    error to the residual one.
    """

    usual: Usual
    event: Returns
    standardised: Returns
    inflation: Returns
    convention: Convention = "textbook"

    @cached_property
    def full(self) -> Returns:
        """Both windows, one after the other."""
        return np.concatenate([self.usual.residuals, self.event], axis=1)

    @cached_property
    def ranked(self) -> Ranked:
        """Ranks and medians of each security over both windows together."""
        return ranked(self.full)

    @cached_property
    def present(self) -> Returns:
        """Number of securities with a return on each event day, (days,); NaN where there is none."""
        return present(self.event)

    def total(self, values: Returns) -> Returns:
        """Sum over securities for each day, (days,), by the convention; NaN on a day without any."""
        return day_mean(values) * (len(values) if self.convention == "estudy2" else present(values))

    def only(self, days: slice) -> Abnormal:
        """The same with some of the event days."""
        event, standardised, inflation = (values[:, days] for values in (self.event, self.standardised, self.inflation))
        return Abnormal(self.usual, event, standardised, inflation, self.convention)


def textbook(fitted: Fit) -> Abnormal:
    """Abnormal returns of a fit, standardised with the full prediction error."""
    inflation = np.broadcast_to(fitted.inflation, fitted.abnormal.shape)
    return Abnormal(fitted.usual, fitted.abnormal, fitted.abnormal / fitted.standard_errors, inflation)


def cumulated(fitted: Fit, first: int = 0, last: int | None = None) -> Abnormal:
    """As `textbook`, with the event days ``first`` to ``last`` added up to one: cumulative abnormal returns.

    Their standard errors are those of the sum, estimation error included.
    """
    total, error = fitted.cumulative(first, last)
    inflation = (error**2) / fitted.variance
    return Abnormal(fitted.usual, total[:, None], (total / error)[:, None], inflation[:, None])


def as_estudy2(fitted: Fit, sample: Sample) -> Abnormal:
    """Abnormal returns of a fit by the conventions of estudy2, which knows one factor at most."""
    inflation = np.full(fitted.abnormal.shape, np.nan)
    if fitted.model == "market":
        before, after = sample.estimation_factors[..., 0], sample.event_factors[..., 0]
        centre = np.nanmean(before, axis=1, keepdims=True)
        moved = (after - centre) ** 2 / np.nansum((before - centre) ** 2, axis=1, keepdims=True)
        inflation = 1 + 1 / fitted.observations[:, None] + moved
    error = fitted.usual.deviations[:, None] * np.sqrt(inflation)
    return Abnormal(fitted.usual, fitted.abnormal, fitted.abnormal / error, inflation, "estudy2")
