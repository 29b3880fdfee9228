"""What a day changed in a company's market value: closes as traded, times the shares outstanding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from waterline.core.errors import InputError
from waterline.core.knowledge import Leaf
from waterline.facts.store import KnownFacts


@dataclass(frozen=True)
class Change:
    """The change in USD, negative for a loss, with what it comes from; ``reason`` says why there is none."""

    usd: float | None = None
    before: float | None = None
    after: float | None = None
    shares: float | None = None
    sources: tuple[str, ...] = ()
    reason: str = ""


def value_change(known: KnownFacts, ticker: str, day: date) -> Change:
    """Change of market value over a trading day: (close_after − close_before) × shares_outstanding.

    Closes are facts, as traded; the shares are those on the cover of the latest report before the day. Prices of a
    file are not used: splits after the day may have been taken out of them, and shares are counted as of the day.
    """
    try:
        entity = known.entity("ticker", ticker)
    except InputError:
        return Change(reason=f"nothing is known about the ticker {ticker}")
    shares = _stated(known, entity, "shares_outstanding", day)
    if shares is None:
        return Change(reason=f"the shares outstanding of {ticker} before {day} are not among the facts")
    after, before = (_stated(known, entity, "close", last) for last in (day, day - timedelta(days=1)))
    if after is None or before is None or after.citations[0].valid != day:
        return Change(reason=f"the closes of {ticker} around {day} are not among the facts")
    first, last, count = (_number(leaf) for leaf in (before, after, shares))
    cited = tuple(dict.fromkeys(citation.title for leaf in (after, shares) for citation in leaf.citations))
    return Change((last - first) * count, first, last, count, cited)


def _stated(known: KnownFacts, entity: str, attribute: str, day: date) -> Leaf | None:
    """The newest observation not after the day, or None."""
    leaf = known.stated(entity, attribute, day)
    return leaf if leaf is not None and leaf.citations and leaf.citations[0].valid <= day else None


def _number(leaf: Leaf) -> float:
    return float(leaf.distribution.quantile(np.array([0.5]))[0])
