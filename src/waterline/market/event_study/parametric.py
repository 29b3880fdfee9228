"""Tests of mean abnormal returns, one statistic for each event day, (days,)."""

from __future__ import annotations

import numpy as np

from waterline.market.event_study.abnormal import Abnormal
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.usual import day_mean, present, spread


def brown_warner_1980(sample: Abnormal) -> Returns:
    """Mean over the root of the mean residual variance, securities taken as independent (Brown & Warner 1980).

    t = Ā ÷ (√Σ sᵢ² ÷ N)
    """
    variances = sample.usual.deviations**2
    return np.asarray(day_mean(sample.event) / (np.sqrt(np.nansum(variances)) / len(variances)))


def brown_warner_1985(sample: Abnormal) -> Returns:
    """Mean over the standard deviation of the estimation days' means (Brown & Warner 1985).

    t = Ā ÷ s(Āₜ): allows for correlation between securities on a common day, not for event-induced variance.
    """
    return np.asarray(day_mean(sample.event) / spread(sample.usual.day_means, axis=0))


def cross_sectional(sample: Abnormal) -> Returns:
    """Mean over its cross-sectional standard error: the t-test that allows for event-induced variance."""
    return np.asarray(day_mean(sample.event) / spread(sample.event, axis=0) * np.sqrt(sample.present))


def patell(sample: Abnormal) -> Returns:
    """Sum of standardised abnormal returns over its standard deviation (Patell 1976).

    z = Σ SARᵢ ÷ √Σ (nᵢ − p) ÷ (nᵢ − p − 2). Takes securities as independent: on a common day it overstates.
    """
    degrees = sample.usual.observations - sample.usual.lost_degrees
    variances = np.broadcast_to((degrees / (degrees - 2))[:, None], sample.event.shape)
    there = ~np.isnan(sample.standardised) if sample.convention == "textbook" else np.ones(sample.event.shape, bool)
    return np.asarray(sample.total(sample.standardised) / np.sqrt((variances * there).sum(axis=0)))


def bmp(sample: Abnormal) -> Returns:
    """Mean standardised abnormal return over its cross-sectional standard error (Boehmer, Musumeci & Poulsen 1991)."""
    values = sample.standardised
    return np.asarray(day_mean(values) / spread(values, axis=0) * np.sqrt(present(values)))


def lamb(sample: Abnormal) -> Returns:
    """As `brown_warner_1985`, with the prediction error of the market model (Lamb 1995).

    t = Ā ÷ (s(Āₜ) √(1 + 1/n̄ + (mₜ − m̄)² ÷ Σ (m − m̄)²)). For securities that share their days and their market.
    """
    beyond = sample.inflation - 1 - 1 / sample.usual.observations[:, None]
    inflation = 1 + 1 / sample.usual.observations.mean() + beyond[0]
    return np.asarray(brown_warner_1985(sample) / np.sqrt(inflation))
