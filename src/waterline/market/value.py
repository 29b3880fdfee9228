"""What a day changed in a company's market value: closes as traded, times the shares outstanding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from waterline.core.errors import InputError
from waterline.core.knowledge import Leaf
from waterline.facts.store import KnownFacts

LONGEST_GAP = timedelta(days=5)  # from one session to the next


@dataclass(frozen=True)
class Change:
    """The change in USD, negative for a loss, with what it comes from; ``reason`` says why there is none.

    ``low`` and ``high`` are its 90% interval, by the shares. ``assumed`` is why shares are assumed, where no fact has
    them.
    """

    usd: float | None = None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    after: float | None = None
    shares: float | None = None
    sources: tuple[str, ...] = ()
    assumed: str = ""
    reason: str = ""


def value_change(known: KnownFacts, ticker: str, day: date) -> Change:
    """Change of market value over a trading day: (close_after − close_before) × shares_outstanding.

    Closes are facts, as traded; the shares are those on the cover of the latest report before the day, or an assumption
    where no report is at hand. Prices of a file are not used: splits after the day may have been taken out of them, and
    shares are counted as of the day.
    """
    try:
        entity = known.entity("ticker", ticker)
    except InputError:
        return Change(reason=f"nothing is known about the ticker {ticker}")
    shares = known.stated(entity, "shares_outstanding", day)
    if shares is None or not (shares.reason or date.min < _day(shares) <= day):
        return Change(reason=f"the shares outstanding of {ticker} before {day} are not among the facts")
    after, before = (known.stated(entity, "close", last) for last in (day, day - timedelta(days=1)))
    if after is None or before is None or not (_day(after) == day and day - LONGEST_GAP <= _day(before) < day):
        return Change(reason=f"the closes of {ticker} around {day} are not among the facts")
    first, last, count = (_at(leaf, 0.5) for leaf in (before, after, shares))
    low, high = sorted((last - first) * _at(shares, end) for end in (0.05, 0.95))
    cited = tuple(dict.fromkeys(citation.title for leaf in (after, shares) for citation in leaf.citations))
    return Change((last - first) * count, low, high, first, last, count, cited, shares.reason)


def _day(leaf: Leaf) -> date:
    """The day that an observation is of; the first of all days where there is none."""
    return leaf.citations[0].valid if leaf.citations else date.min


def _at(leaf: Leaf, probability: float) -> float:
    return float(leaf.distribution.quantile(np.array([probability]))[0])
