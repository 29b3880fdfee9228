"""Tests of signs and ranks of abnormal returns, one statistic for each event day, (days,).

Ranks and medians are taken over both windows together, security by security.
"""

from __future__ import annotations

import numpy as np

from waterline.market.event_study.abnormal import Abnormal
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.ranks import ranked
from waterline.market.event_study.usual import day_mean, present


def sign(sample: Abnormal) -> Returns:
    """Number of positive abnormal returns against one half: z = (w − N/2) ÷ √(N/4)."""
    return _positive(sample, 0.5)


def generalised_sign(sample: Abnormal) -> Returns:
    """Number of positive abnormal returns against their share in the estimation window (Cowan 1992).

    z = (w − N p) ÷ √(N p (1 − p))
    """
    signs = _signs(sample.usual.residuals)
    return _positive(sample, float(np.nanmean(signs)))


def corrado_sign(sample: Abnormal) -> Returns:
    """Signs about each security's median, over their spread in time (Corrado & Zivney 1992).

    t = (Σ Gᵢ ÷ √N) ÷ √(Σₜ (Σ Gᵢₜ ÷ √Nₜ)² ÷ T), G = sign(A − median)
    """
    signs = np.sign(sample.full - sample.ranked.medians[:, None])
    return _over_spread_in_time(sample, signs, 0.5)


def rank(sample: Abnormal) -> Returns:
    """Mean excess rank over its spread in time (Corrado 1989).

    t = (Σ (Kᵢ − K̄ᵢ) ÷ N) ÷ √(Σₜ (Σ (Kᵢₜ − K̄ᵢ) ÷ Nₜ)² ÷ T)
    """
    found = sample.ranked.ranks
    return _over_spread_in_time(sample, found - np.nanmean(found, axis=1, keepdims=True), 1.0)


def modified_rank(sample: Abnormal) -> Returns:
    """Excess ranks over one more than the days there are, for missing returns (Corrado & Zivney 1992)."""
    found = sample.ranked.ranks
    days = (~np.isnan(found)).sum(axis=1, keepdims=True)
    return _over_spread_in_time(sample, found / (1 + days) - 0.5, 0.5)


def wilcoxon(sample: Abnormal) -> Returns:
    """Sum of the ranks, by size, of the positive abnormal returns of a day (Wilcoxon 1945)."""
    sizes = np.abs(sample.event)
    sizes[sizes == 0] = np.nan
    found = ranked(sizes.T).ranks.T
    found[sample.event < 0] = 0
    return sample.total(found)


def _positive(sample: Abnormal, expected: float) -> Returns:
    count = sample.present
    return np.asarray(
        (sample.total(_signs(sample.event)) - count * expected) / np.sqrt(count * expected * (1 - expected))
    )


def _signs(values: Returns) -> Returns:
    return np.where(np.isnan(values), np.nan, values > 0)


def _over_spread_in_time(sample: Abnormal, scores: Returns, power: float) -> Returns:
    """A day's total score over its number of securities to a power, over the same quantity's spread in time."""
    scaled = sample.total(scores) / present(scores) ** power
    length = (~np.isnan(scores)).sum(axis=1).mean()
    deviation = np.sqrt(np.nansum(scaled**2) / length)
    return np.asarray(scaled[-sample.event.shape[1] :] / deviation)


def mean_rank(sample: Abnormal) -> tuple[Returns, float, float]:
    """Ranks in the event window, their grand mean over both windows, and the spread in time of a day's mean rank."""
    found = sample.ranked.ranks
    grand = float(np.nanmean(np.nanmean(found, axis=1)))
    length = (~np.isnan(found)).sum(axis=1).mean()
    deviation = float(np.sqrt(np.nansum((day_mean(found) - grand) ** 2) / length))
    return found[:, -sample.event.shape[1] :], grand, deviation
