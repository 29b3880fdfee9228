"""From prices to returns on the market's trading days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from waterline.core.errors import InputError
from waterline.market.event_study.panel import Panel
from waterline.market.prices.history import History, suspected_splits


def panel_of(histories: Mapping[str, History], market: str, tickers: Sequence[str], sector: str | None = None) -> Panel:
    """Log returns of ``tickers`` on the trading days of ``market``, which is the first factor, a sector the second.

    A day without a price has no return, and neither has the day after: a gap is not one day's return. Raises
    InputError when the market has no prices.
    """
    if market not in histories:
        raise InputError(f"there are no prices of the market {market}; choose another one with --market")
    calendar = histories[market].dates
    columns = {name: _aligned(histories[name], calendar) for name in {*tickers, market, *([sector] if sector else [])}}
    factors = tuple(name for name in (market, sector) if name)
    return Panel(
        calendar[1:],
        tuple(tickers),
        np.stack([columns[name] for name in tickers], axis=1),
        factors,
        np.stack([columns[name] for name in factors], axis=1),
    )


def _aligned(found: History, calendar: np.ndarray) -> np.ndarray:
    place = np.searchsorted(found.dates, calendar)
    there = (place < len(found.dates)) & (found.dates[np.minimum(place, len(found.dates) - 1)] == calendar)
    prices = np.full(len(calendar), np.nan)
    prices[there] = found.for_returns[place[there]]
    return np.asarray(np.diff(np.log(prices)))


def refuse_splits(histories: Mapping[str, History], first: np.datetime64, last: np.datetime64) -> list[str]:
    """Notes on moves between two days that may be splits. Raises InputError for one that can only be a split."""
    notes = []
    for found in histories.values():
        for suspect in suspected_splits(found):
            if first <= suspect.day <= last:
                if suspect.certain:
                    raise InputError(f"{suspect}; use adjusted closes")
                notes.append(str(suspect))
    return notes
