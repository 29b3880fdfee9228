"""One-day falls of many shares: how deep, on what kind of day, and how the price came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.core.distribution import Samples
from waterline.market.prices.history import Days, History
from waterline.market.survival import Curve, kaplan_meier

VOLATILITY_DAYS = 250  # trading days before the fall from which its share's usual day is taken
LEAST_DAYS = 60  # fewer of them give no usual day
RESAMPLES = 4000  # of whole months, for the luck of holding


@dataclass(frozen=True)
class Falls:
    """Falls of many shares, one entry each, all arrays of shape (falls,).

    ``size``: the fraction lost, above zero. ``days``: trading days until the close before the fall was reached again,
    or until the prices end where ``recovered`` is False. ``made_up``: the part of the loss that the best close of the
    month after had made up. ``held``: the return from the close of the day after the fall over a month;
    ``market_held``: the market's. ``market``: the market's return on the day. ``volatility``: the standard deviation of
    the share's daily log returns before it. NaN where the prices do not reach.
    """

    tickers: NDArray[np.str_]
    dates: Days
    size: Samples
    days: Samples
    recovered: NDArray[np.bool_]
    made_up: Samples
    held: Samples
    market_held: Samples
    market: Samples
    volatility: Samples

    def chosen(self, which: NDArray[np.bool_]) -> Falls:
        """Some of the falls."""
        return Falls(**{name: values[which] for name, values in vars(self).items()})

    def __len__(self) -> int:
        return len(self.size)

    def curve(self) -> Curve:
        """Chance of having recovered, by trading days."""
        return kaplan_meier(self.days, self.recovered)


def falls_of(histories: Iterable[History], market: History, threshold: float, month: int = 21) -> Falls:
    """All one-day falls of at least ``threshold`` (0.1 is 10%) in adjusted closes."""
    found = [_falls(history, market, threshold, month) for history in histories]
    return Falls(**{name: np.concatenate([vars(falls)[name] for falls in found]) for name in vars(found[0])})


def _falls(history: History, market: History, threshold: float, month: int) -> Falls:
    prices = history.for_returns
    moves = prices[1:] / prices[:-1] - 1
    place = np.flatnonzero(moves <= -threshold) + 1
    before, after = prices[place - 1], prices[place]
    days, recovered = _time_to(prices, place, before)
    best = np.array([prices[k + 1 : k + 1 + month].max(initial=prices[k]) for k in place.tolist()])
    entered, left = (_at(prices, place + step) for step in (1, 1 + month))
    entry_days, exit_days = (history.dates[np.minimum(place + step, len(prices) - 1)] for step in (1, 1 + month))
    return Falls(
        np.full(len(place), history.ticker),
        history.dates[place],
        -moves[place - 1],
        days,
        recovered,
        (best - after) / (before - after),
        left / entered - 1,
        _close_on(market, exit_days) / _close_on(market, entry_days) - 1,
        _close_on(market, history.dates[place]) / _close_on(market, history.dates[place - 1]) - 1,
        np.array([_usual_day(prices[max(0, k - 1 - VOLATILITY_DAYS) : k]) for k in place.tolist()]),
    )


def _time_to(prices: Samples, place: NDArray[np.int64], level: Samples) -> tuple[Samples, NDArray[np.bool_]]:
    """Days from each place until the price is at its level, or until the end; and whether it got there."""
    days, reached = np.zeros(len(place)), np.zeros(len(place), dtype=bool)
    for k, (start, wanted) in enumerate(zip(place.tolist(), level.tolist(), strict=True)):
        there = prices[start:] >= wanted
        reached[k] = there.any()
        days[k] = there.argmax() if reached[k] else len(prices) - 1 - start
    return days, reached


def _at(prices: Samples, place: NDArray[np.int64]) -> Samples:
    inside = place < len(prices)
    return np.where(inside, prices[np.minimum(place, len(prices) - 1)], np.nan)


def _close_on(market: History, days: Days) -> Samples:
    place = np.searchsorted(market.dates, days)
    inside = np.minimum(place, len(market.dates) - 1)
    return np.where(market.dates[inside] == days, market.for_returns[inside], np.nan)


def _usual_day(prices: Samples) -> float:
    moves = np.diff(np.log(prices))
    return float(moves.std(ddof=1)) if len(moves) >= LEAST_DAYS else float("nan")


def luck(falls: Falls) -> tuple[float, float, float, float]:
    """Mean return of holding beyond the market, its 90% interval, and the chance that a mean of zero gives as much.

    Whole calendar months are drawn again together, because falls of one month are not independent (a block bootstrap,
    Künsch 1989). The chance is the share of resamples whose deviation from the mean is at least the mean itself.
    """
    excess = falls.held - falls.market_held
    there = ~np.isnan(excess)
    _, month = np.unique(falls.dates[there].astype("datetime64[M]"), return_inverse=True)
    sums, counts = np.bincount(month, weights=excess[there]), np.bincount(month)
    drawn = np.random.default_rng(1).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    mean = float(excess[there].mean())
    low, high = np.percentile(means, (5, 95))
    return mean, float(low), float(high), float((np.abs(means - mean) >= abs(mean)).mean())
