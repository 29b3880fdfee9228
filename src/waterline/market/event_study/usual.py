"""What is usual: the residuals of the estimation window, and what tests need to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from waterline.market.event_study.panel import Returns


@dataclass(frozen=True)
class Usual:
    """Residuals (securities, days), NaN where missing, with ``observations`` (securities,) used to fit.

    ``lost_degrees`` is what each estimate of the residual variance used up.
    """

    residuals: Returns
    observations: Returns
    lost_degrees: int

    @cached_property
    def deviations(self) -> Returns:
        """Sample standard deviation of each security, (securities,)."""
        return spread(self.residuals, axis=1)

    @cached_property
    def day_means(self) -> Returns:
        """Mean over securities for each day, (days,)."""
        return day_mean(self.residuals)

    @cached_property
    def correlation(self) -> float:
        """Mean correlation between pairs of securities; 0 for a single one.

        Taken from the variance of the sum of standardised residuals, so that no matrix of pairs is built.
        """
        if len(self.residuals) < 2:
            return 0.0
        scaled = (self.residuals - np.nanmean(self.residuals, axis=1, keepdims=True)) / self.deviations[:, None]
        count = (~np.isnan(scaled)).sum(axis=0)
        days = (~np.isnan(scaled)).sum(axis=1).mean()
        products = np.nansum(scaled, axis=0) ** 2 - np.nansum(scaled**2, axis=0)
        return float(products.sum() / (count * (count - 1)).sum() * days / (days - 1))


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
