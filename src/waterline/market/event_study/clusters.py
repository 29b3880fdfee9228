"""Means of returns that are correlated within clusters, such as one month or one company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waterline.market.event_study.panel import Returns


@dataclass(frozen=True)
class ClusteredMean:
    """A mean, the variance of it that allows for clusters, their t-ratio, and the number of clusters."""

    mean: float
    variance: float
    clusters: int

    @property
    def t(self) -> float:
        """Mean over its standard error."""
        return float(self.mean / np.sqrt(self.variance))


def clustered_mean(values: Returns, clusters: Sequence[Any] | NDArray[Any]) -> ClusteredMean:
    """Mean of values whose errors are correlated within a cluster; missing values are left out.

    variance = G/(G − 1) · Σ_g (Σ_{i∈g} eᵢ)² ÷ N²: White's estimate, summed by cluster (Liang & Zeger 1986).
    """
    there = ~np.isnan(values)
    kept = values[there]
    _, place = np.unique(np.asarray(clusters)[there], return_inverse=True)
    mean = float(kept.mean())
    sums = np.bincount(place, weights=kept - mean)
    count = len(sums)
    return ClusteredMean(mean, float(count / (count - 1) * (sums**2).sum() / len(kept) ** 2), count)


def two_way_mean(values: Returns, first: Sequence[Any], second: Sequence[Any]) -> ClusteredMean:
    """As `clustered_mean` with two sets of clusters at once (Cameron, Gelbach & Miller 2011).

    variance = V(first) + V(second) − V(both); the number of clusters is that of the smaller set.
    """
    one, other = clustered_mean(values, first), clustered_mean(values, second)
    pairs = np.array([f"{a}\0{b}" for a, b in zip(first, second, strict=True)])
    both = clustered_mean(values, pairs)
    return ClusteredMean(one.mean, one.variance + other.variance - both.variance, min(one.clusters, other.clusters))
