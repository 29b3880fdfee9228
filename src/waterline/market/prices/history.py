"""The closes of one security, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from waterline.core.errors import InputError

Days = NDArray[np.datetime64]
Prices = NDArray[np.float64]

SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50)
NEAR = 0.12  # how far, in log, a move may be from a whole ratio and still look like a split; wider than most days
CERTAIN = 3  # a ratio from which a day's move is hardly anything but a split; −50% can be a real fall


@dataclass(frozen=True)
class History:
    """Closes in the order of trading days.

    ``closes`` (days,) as the source has them; ``adjusted`` (days,) for splits and dividends, where the source has them
    too. ``notes`` say what was put right while reading.
    """

    ticker: str
    dates: Days
    closes: Prices
    adjusted: Prices | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def for_returns(self) -> Prices:
        """The closes from which returns are taken: adjusted ones where there are some."""
        return self.closes if self.adjusted is None else self.adjusted


def history(ticker: str, dates: Days, closes: Prices, adjusted: Prices | None, place: Callable[[int], str]) -> History:
    """A history in order, without repeated rows and days without a price; ``place`` says where a row stands.

    Raises InputError for a price that is not above zero or not finite, and for two prices of one day.
    """
    found = []
    values = np.stack([closes, closes if adjusted is None else adjusted])
    there = ~np.isnan(values).any(axis=0)
    wrong = np.argwhere(there & ((values <= 0) | np.isinf(values)))
    if wrong.size:
        row, column = min((int(column), int(row)) for row, column in wrong)
        price = values[column, row]
        raise InputError(f"{place(row)}: a price of {ticker} is {price:g}; prices must be above zero and finite")
    if not there.all():
        found.append(f"{ticker}: {int((~there).sum())} days without a price left out")
    order = np.flatnonzero(there)[np.argsort(dates[there], kind="stable")]
    if (np.diff(order) < 0).any():
        found.append(f"{ticker}: rows were not in order of date and have been sorted")
    days, kept = dates[order], values[:, order]
    again = np.flatnonzero(days[1:] == days[:-1])
    differing = [k for k in again if (kept[:, k] != kept[:, k + 1]).any()]
    if differing:
        first, second = (place(int(order[differing[0] + step])) for step in (0, 1))
        raise InputError(f"{second}: a second price of {ticker} on {days[differing[0]]}; the first stands in {first}")
    if again.size:
        found.append(f"{ticker}: {again.size} rows given twice")
        days, kept = np.delete(days, again + 1), np.delete(kept, again + 1, axis=1)
    if not len(days):
        raise InputError(f"there is no price of {ticker}")
    return History(ticker, days, kept[0], None if adjusted is None else kept[1], tuple(found))


@dataclass(frozen=True)
class SuspectedSplit:
    """A day on which prices moved as in a split that was not taken out."""

    ticker: str
    day: np.datetime64
    before: float
    after: float

    @property
    def ratio(self) -> int:
        """New shares for one old, or old for one new when the split was reverse."""
        moved = self.before / self.after
        return min(SPLITS, key=lambda split: abs(abs(np.log(moved)) - np.log(split)))

    @property
    def certain(self) -> bool:
        """Whether hardly anything but a split moves a price so far in a day."""
        return self.ratio >= CERTAIN

    def __str__(self) -> str:
        words = f"{self.ratio}-for-1" if self.before > self.after else f"1-for-{self.ratio}"
        return (
            f"{self.ticker} on {self.day} looks like a {words} split that the prices do not take out "
            f"({self.before:g} → {self.after:g})"
        )


def suspected_splits(found: History) -> list[SuspectedSplit]:
    """Days on which the price that returns are taken from moved by a whole ratio."""
    prices = found.for_returns
    moves = np.abs(np.diff(np.log(prices)))
    distance = np.abs(moves[:, None] - np.log(SPLITS)).min(axis=1)
    places = np.flatnonzero((distance < NEAR) & (moves > np.log(SPLITS[0]) - NEAR))
    return [
        SuspectedSplit(found.ticker, found.dates[k + 1], float(prices[k]), float(prices[k + 1]))
        for k in places.tolist()
    ]
