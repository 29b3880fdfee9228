"""Discounted cash flow, and its reverse: what a dollar a year that grows is worth, and which growth is worth a price.

    value = Σ t=1…H (1 + g)^t ÷ (1 + w)^t + m × (1 + g)^H (1 + T) ÷ ((w − T) (1 + w)^H)

The dollar grows by g over H years, and by T after that; w is the discount rate, m what is left of the margin after the
years of growth. All are arrays of shape (n,), one entry a sample; rates are by the year.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import NumberError

LOWEST_GROWTH, HIGHEST_GROWTH = -0.9, 5.0
_STEPS = 100  # far more than a crossing needs
_CLOSE = 1e-12
_FLAT = 1e-9  # a logarithm of growth over discount below which the formulas divide nought by nought
_NEAR = 1e-8  # a step of Newton's method after which the next would be too small for the digits of a number


def growth_value(growth: Samples, rate: Samples, years: Samples) -> Samples:
    """Value of one dollar a year that grows for ``years`` from the next year on: q (1 − q^H) ÷ (1 − q)."""
    return _while_growing(_log_ratio(growth, rate), years)


def terminal_value(growth: Samples, rate: Samples, years: Samples, after: Samples) -> Samples:
    """Value of all that comes after ``years``, for one dollar a year today."""
    return _afterwards(_log_ratio(growth, rate), rate, years, after)


def cash_flow_value(growth: Samples, rate: Samples, years: Samples, after: Samples, margin: Samples) -> Samples:
    """Value of one dollar a year today: while it grows, and what ``margin`` leaves of it after that."""
    log_ratio = _log_ratio(growth, rate)
    return _while_growing(log_ratio, years) + margin * _afterwards(log_ratio, rate, years, after)


def _log_ratio(growth: Samples, rate: Samples) -> Samples:
    value: Samples = np.log((1 + growth) / (1 + rate))
    return value


def _while_growing(log_ratio: Samples, years: Samples) -> Samples:
    flat = np.abs(log_ratio) < _FLAT
    safe = np.where(flat, 1.0, log_ratio)
    value: Samples = np.exp(log_ratio) * np.where(flat, years, np.expm1(years * safe) / np.expm1(safe))
    return value


def _afterwards(log_ratio: Samples, rate: Samples, years: Samples, after: Samples) -> Samples:
    value: Samples = np.exp(years * log_ratio) * (1 + after) / (rate - after)
    return value


def solve(rises: Callable[[Samples], Samples], low: float, high: float, what: str) -> Samples:
    """Where an increasing function crosses zero, by regula falsi on all samples at once.

    An end that is kept again counts for less each time (Anderson and Björck, BIT 13, 1973), so that a bent function
    needs about ten steps. Raises NumberError naming ``what`` when a sample has no crossing between ``low`` and
    ``high``, or its crossing is not found.
    """
    lower, upper = np.array([low]), np.array([high])
    with np.errstate(invalid="ignore", divide="ignore"):
        below, above = rises(lower), rises(upper)
    if not (np.all(below <= 0) and np.all(above >= 0)):  # also where they are no numbers
        raise NumberError(f"no {what} between {low:g} and {high:g} gives this price")
    crossing, rose = lower, None
    for _ in range(_STEPS):
        span = above - below
        crossing = np.where(span > 0, lower - below * (upper - lower) / np.where(span > 0, span, 1.0), lower)
        found = rises(crossing)
        rising = found < 0
        kept = np.where(
            rising, 1 - found / np.where(below < 0, below, -1.0), 1 - found / np.where(above > 0, above, 1.0)
        )
        again = False if rose is None else rising == rose
        kept, rose = np.where(again, np.where(kept > 0, kept, 0.5), 1.0), rising
        lower, upper = np.where(rising, crossing, lower), np.where(rising, upper, crossing)
        below, above = np.where(rising, found, below * kept), np.where(rising, above * kept, found)
        if np.all((np.abs(found) < _CLOSE) | (upper - lower < _CLOSE)):
            return crossing
    raise NumberError(f"the {what} that gives this price was not found in {_STEPS} steps")


def implied_growth(
    enterprise: Samples, income: Samples, rate: Samples, years: Samples, after: Samples, margin: Samples
) -> Samples:
    """Growth at which the cash flows are worth ``enterprise``, by Newton's method.

    In the logarithm of (1 + growth) ÷ (1 + rate) that of the value rises by one at least and bends upwards, being that
    of a sum of exponentials: after its first step the method comes down on the crossing and cannot miss it. Raises
    NumberError when a sample has none between `LOWEST_GROWTH` and `HIGHEST_GROWTH`.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        wanted = np.log(enterprise / income)
        forever = margin * (1 + after) / (rate - after)  # value then of what comes after
        log_ratio, step = np.zeros(1), np.ones(1)
        while np.any(np.abs(step) > _NEAR):
            log_ratio = np.where(np.abs(log_ratio) < _FLAT, _FLAT, log_ratio)
            whole, once = np.expm1(years * log_ratio), np.expm1(log_ratio)
            growing = (1 + once) * whole / once
            total = growing + forever * (1 + whole)
            slope = years + growing * (years / whole - 1 / once) / total
            step = (np.log(total) - wanted) / slope
            log_ratio = log_ratio - step
        growth: Samples = np.exp(log_ratio) * (1 + rate) - 1
    if not (np.all(growth >= LOWEST_GROWTH) and np.all(growth <= HIGHEST_GROWTH)):  # also where it is no number
        raise NumberError(f"no growth between {LOWEST_GROWTH:g} and {HIGHEST_GROWTH:g} gives this price")
    return growth
