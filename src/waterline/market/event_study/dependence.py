"""Tests for securities that share their event day, and so are correlated on it (Kolari & Pynnönen 2010)."""

from __future__ import annotations

import numpy as np

from waterline.market.event_study.abnormal import Abnormal, spread
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.parametric import bmp, patell


def mean_correlation(residuals: Returns) -> float:
    """Mean correlation between pairs of securities' estimation residuals (securities, days); 0 for a single one.

    Taken from the variance of the sum of standardised residuals, so that no matrix of pairs is built.
    """
    if len(residuals) < 2:
        return 0.0
    moved = residuals - np.nanmean(residuals, axis=1, keepdims=True)
    scaled = moved / spread(residuals, axis=1)[:, None]
    count = (~np.isnan(scaled)).sum(axis=0)
    days = (~np.isnan(scaled)).sum(axis=1).mean()
    products = np.nansum(scaled, axis=0) ** 2 - np.nansum(scaled**2, axis=0)
    return float(products.sum() / (count * (count - 1)).sum() * days / (days - 1))


def kolari_pynnonen(sample: Abnormal) -> Returns:
    """The BMP statistic with the securities' mean correlation r̄ taken into account.

    t = t_BMP √((1 − r̄) ÷ (1 + (N − 1) r̄))
    """
    correlation = mean_correlation(sample.estimation)
    return np.asarray(bmp(sample) * np.sqrt((1 - correlation) / _together(sample, correlation)))


def adjusted_patell(sample: Abnormal) -> Returns:
    """The Patell statistic with the securities' mean correlation taken into account: z ÷ √(1 + (N − 1) r̄)."""
    return np.asarray(patell(sample) / np.sqrt(_together(sample, mean_correlation(sample.estimation))))


def _together(sample: Abnormal, correlation: float) -> Returns:
    return np.asarray(1 + (sample.present - 1) * correlation)
