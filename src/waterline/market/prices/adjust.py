"""Splits and dividends: from prices as traded to adjusted ones, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.core.errors import InputError
from waterline.market.prices.history import Days, Prices


@dataclass(frozen=True)
class Actions:
    """What a company did to its shares: on each ``ex_days`` (events,), new shares for one old and cash per old share.

    ``splits`` is 1 where there was none, ``dividends`` 0, in the currency of the price of that day, as traded.
    """

    ex_days: Days
    splits: Prices
    dividends: Prices


def adjusted(dates: Days, closes: Prices, actions: Actions) -> Prices:
    """Closes as traded, made comparable with the last one: (days,) divided by what later actions multiplied shares by.

    A dividend D takes 1 − D ÷ P out of all earlier prices, with P the last close before the ex-day, as traded (the
    method of CRSP and Yahoo). Raises InputError for an action that takes more than the price.
    """
    return closes * _adjustment(dates, closes, actions, dividends_too=True)


def as_traded(dates: Days, split_adjusted: Prices, actions: Actions) -> Prices:
    """Prices as they were traded, (days,), from ones adjusted for splits alone."""
    ones = np.ones(len(dates))
    return split_adjusted / _adjustment(dates, ones, actions, dividends_too=False)


def _adjustment(dates: Days, closes: Prices, actions: Actions, *, dividends_too: bool) -> Prices:
    """Factor from a close as traded to the adjusted one, (days,)."""
    if (actions.splits <= 0).any():
        raise InputError("a split ratio must be above zero")
    order = np.argsort(actions.ex_days, kind="stable")
    days, splits, cash = actions.ex_days[order], actions.splits[order], actions.dividends[order]
    before = np.searchsorted(dates, days) - 1
    inside = before >= 0
    days, splits, cash, before = days[inside], splits[inside], cash[inside], before[inside]
    kept = 1 - cash / closes[before] if dividends_too else np.ones(len(days))
    if (kept <= 0).any():
        place = int(np.flatnonzero(kept <= 0)[0])
        raise InputError(
            f"the dividend of {cash[place]:g} on {days[place]} is not below the price {closes[before[place]]:g}"
        )
    later = np.concatenate([np.cumprod((kept / splits)[::-1])[::-1], [1.0]])
    return np.asarray(later[np.searchsorted(days, dates, side="right")])
