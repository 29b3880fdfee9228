"""The beta distribution's probabilities and quantiles, to nine digits.

A study needs a few of them, and importing SciPy for that would take a tenth of the time of the whole study.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from waterline.core.normal import Numbers

_FARTHEST = 700.0  # log odds at which the smaller share is still a number
_STEPS = 60  # Newton's method takes five to ten; halving alone gives twelve digits
_SETTLED = 1e-8  # the error after such a step is of the order of its square
_TERMS = 5_000  # the fraction takes about the root of the larger shape
_EXACT = 1e-15

_log_gamma: Any = np.frompyfunc(math.lgamma, 1, 1)


def beta_quantile(alpha: float | Numbers, beta: float | Numbers, u: Numbers) -> Numbers:
    """The values below which shares ``u`` in (0, 1) of beta distributions lie, for shapes above zero that broadcast.

    Newton's method in the logarithm of the odds, from the mean; a step that leaves the bracket halves it.
    """
    alpha, beta, u = (np.asarray(each, dtype=float) for each in (alpha, beta, u))
    odds = np.broadcast_to(np.log(alpha / beta), np.broadcast_shapes(alpha.shape, beta.shape, u.shape))
    low, high = np.full(odds.shape, -_FARTHEST), np.full(odds.shape, _FARTHEST)
    log_area = _log_area(alpha, beta)
    for _ in range(_STEPS):
        slope = _slope(alpha, beta, odds, log_area)
        above = _probability(alpha, beta, odds, slope) - u
        low, high = np.where(above < 0, odds, low), np.where(above > 0, odds, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            better = odds - above / slope
        better = np.where((better >= low) & (better <= high), better, (low + high) / 2)
        moved = np.abs(better - odds) > _SETTLED * np.maximum(np.abs(odds), 1)
        odds = better
        if not moved.any():
            break
    return np.asarray(1 / (1 + np.exp(-odds)))


def beta_probability(alpha: float | Numbers, beta: float | Numbers, odds: Numbers) -> Numbers:
    """The shares of beta distributions below the values whose log odds are ``odds``; arrays broadcast."""
    alpha, beta, odds = (np.asarray(each, dtype=float) for each in (alpha, beta, odds))
    return _probability(alpha, beta, odds, _slope(alpha, beta, odds, _log_area(alpha, beta)))


def _log_area(alpha: Numbers, beta: Numbers) -> Numbers:
    return np.asarray(_log_gamma(alpha) + _log_gamma(beta) - _log_gamma(alpha + beta), dtype=float)


def _slope(alpha: Numbers, beta: Numbers, odds: Numbers, log_area: Numbers) -> Numbers:
    """Density of the log odds."""
    return np.asarray(np.exp(-alpha * np.logaddexp(0, -odds) - beta * np.logaddexp(0, odds) - log_area))


def _probability(alpha: Numbers, beta: Numbers, odds: Numbers, slope: Numbers) -> Numbers:
    """The share below: Abramowitz & Stegun (1964), 26.5.8, and 26.5.2 where that converges faster."""
    below, above = 1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(odds))
    mirrored = below > (alpha + 1) / (alpha + beta + 2)
    first, second = np.where(mirrored, beta, alpha), np.where(mirrored, alpha, beta)
    tail = slope * _fraction(first, second, np.where(mirrored, above, below)) / first
    return np.where(mirrored, 1 - tail, tail)


def _fraction(alpha: Numbers, beta: Numbers, x: Numbers) -> Numbers:
    """The continued fraction of 26.5.8, from the top by Lentz's method; up to the mean no denominator of it is zero."""
    upper = np.ones_like(x)
    whole = lower = 1 / (1 - (alpha + beta) * x / (alpha + 1))
    for term in range(1, _TERMS):
        even = term * (beta - term) * x / ((alpha + 2 * term - 1) * (alpha + 2 * term))
        lower, upper = 1 / (1 + even * lower), 1 + even / upper
        whole = whole * lower * upper
        odd = -(alpha + term) * (alpha + beta + term) * x / ((alpha + 2 * term) * (alpha + 2 * term + 1))
        lower, upper = 1 / (1 + odd * lower), 1 + odd / upper
        change = lower * upper
        whole = whole * change
        if not np.any(np.abs(change - 1) > _EXACT):
            break
    return whole
