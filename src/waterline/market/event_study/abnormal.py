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

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from waterline.market.event_study.models import Fit
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.ranks import Ranked, ranked
from waterline.market.event_study.sample import Sample

Convention = Literal["textbook", "estudy2"]


@dataclass(frozen=True)
class Abnormal:
    """Abnormal returns of securities in both windows, (securities, days), NaN where missing.

    ``standardised`` are those of the event window over their standard errors. ``observations`` (securities,) counts
    estimation days, ``lost_degrees`` what each estimate of the variance used up. ``inflation`` is the squared ratio of
    an event day's standard error to the residual one.
    """

    estimation: Returns
    event: Returns
    standardised: Returns
    observations: Returns
    lost_degrees: int
    inflation: Returns
    convention: Convention = "textbook"

    @cached_property
    def full(self) -> Returns:
        """Both windows, one after the other."""
        return np.concatenate([self.estimation, self.event], axis=1)

    @cached_property
    def ranked(self) -> Ranked:
        """Ranks and medians of each security over both windows together."""
        return ranked(self.full)

    @cached_property
    def deviations(self) -> Returns:
        """Sample standard deviation of each security's estimation window, (securities,)."""
        return spread(self.estimation, axis=1)

    @cached_property
    def correlation(self) -> float:
        """Mean correlation between pairs of securities over the estimation window; 0 for a single one.

        Taken from the variance of the sum of standardised residuals, so that no matrix of pairs is built.
        """
        if len(self.estimation) < 2:
            return 0.0
        scaled = (self.estimation - np.nanmean(self.estimation, axis=1, keepdims=True)) / self.deviations[:, None]
        count = (~np.isnan(scaled)).sum(axis=0)
        days = (~np.isnan(scaled)).sum(axis=1).mean()
        products = np.nansum(scaled, axis=0) ** 2 - np.nansum(scaled**2, axis=0)
        return float(products.sum() / (count * (count - 1)).sum() * days / (days - 1))

    @property
    def present(self) -> Returns:
        """Number of securities with a return on each event day, (days,); NaN where there is none."""
        return present(self.event)

    def total(self, values: Returns) -> Returns:
        """Sum over securities for each day, (days,), by the convention; NaN on a day without any."""
        return day_mean(values) * (len(values) if self.convention == "estudy2" else present(values))

    def only(self, days: slice) -> Abnormal:
        """The same with some of the event days."""
        return dataclasses.replace(
            self,
            event=self.event[:, days],
            standardised=self.standardised[:, days],
            inflation=self.inflation[:, days],
        )


def textbook(fitted: Fit) -> Abnormal:
    """Abnormal returns of a fit, standardised with the full prediction error."""
    inflation = np.broadcast_to(fitted.inflation, fitted.abnormal.shape)
    return Abnormal(
        fitted.residuals,
        fitted.abnormal,
        fitted.abnormal / fitted.standard_errors,
        fitted.observations,
        fitted.lost_degrees,
        inflation,
    )


def cumulated(fitted: Fit, first: int = 0, last: int | None = None) -> Abnormal:
    """As `textbook`, with the event days ``first`` to ``last`` added up to one: cumulative abnormal returns.

    Their standard errors are those of the sum, estimation error included.
    """
    total, error = fitted.cumulative(first, last)
    event, standardised = total[:, None], (total / error)[:, None]
    inflation = ((error**2) / fitted.variance)[:, None]
    return Abnormal(fitted.residuals, event, standardised, fitted.observations, fitted.lost_degrees, inflation)


def as_estudy2(fitted: Fit, sample: Sample) -> Abnormal:
    """Abnormal returns of a fit by the conventions of estudy2, which knows one factor at most."""
    inflation = np.full(fitted.abnormal.shape, np.nan)
    if fitted.model == "market":
        before, after = sample.estimation_factors[..., 0], sample.event_factors[..., 0]
        centre = np.nanmean(before, axis=1, keepdims=True)
        moved = (after - centre) ** 2 / np.nansum((before - centre) ** 2, axis=1, keepdims=True)
        inflation = 1 + 1 / fitted.observations[:, None] + moved
    error = np.nanstd(fitted.residuals, axis=1, ddof=1)[:, None] * np.sqrt(inflation)
    return Abnormal(
        fitted.residuals,
        fitted.abnormal,
        fitted.abnormal / error,
        fitted.observations,
        2,
        inflation,
        "estudy2",
    )


def present(values: Returns) -> Returns:
    """Number of securities with a value on each day, (days,); NaN where there is none."""
    count = (~np.isnan(values)).sum(axis=0).astype(float)
    return np.where(count == 0, np.nan, count)


def day_mean(values: Returns) -> Returns:
    """Mean over securities for each day, (days,); NaN on a day without any."""
    return np.asarray(np.nansum(values, axis=0) / present(values))


def spread(values: Returns, axis: int) -> Returns:
    """Sample standard deviation of what is there; NaN where fewer than two values are."""
    count = (~np.isnan(values)).sum(axis=axis)
    enough = np.where(count > 1, count - 1, np.nan)
    total = np.nansum(values, axis=axis, keepdims=True)
    centre = total / np.expand_dims(np.maximum(count, 1), axis)
    return np.asarray(np.sqrt(np.nansum((values - centre) ** 2, axis=axis) / enough))
