"""What a day changed in a company's market value: closes as traded, times the shares outstanding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from waterline.core.errors import InputError
from waterline.core.knowledge import Leaf
from waterline.facts.store import KnownFacts
from waterline.market.prices.history import History


@dataclass(frozen=True)
class Change:
    """The change in USD, negative for a loss, with what it comes from; ``reason`` says why there is none."""

    usd: float | None = None
    before: float | None = None
    after: float | None = None
    shares: float | None = None
    sources: tuple[str, ...] = ()
    reason: str = ""


def value_change(known: KnownFacts, histories: Mapping[str, History], ticker: str, day: date) -> Change:
    """Change of market value over a trading day.

    (close_after − close_before) × shares_outstanding, the shares those on the cover of the latest report before the
    day. Closes are the facts', which are as traded; else those of ``histories`` that are not adjusted.
    """
    try:
        entity = known.entity("ticker", ticker)
    except InputError:
        return Change(reason=f"nothing is known about the ticker {ticker}")
    shares = known.stated(entity, "shares_outstanding", day)
    if shares is None:
        return Change(reason=f"the shares outstanding of {ticker} are not among the facts")
    before, after, sources = _closes(known, histories, entity, ticker, day)
    if before is None or after is None:
        return Change(reason=f"no closes of {ticker} as traded around {day} are among the facts or in the price file")
    count = _number(shares)
    cited = tuple(dict.fromkeys([*sources, *(citation.title for citation in shares.citations)]))
    return Change((after - before) * count, before, after, count, cited)


def _closes(
    known: KnownFacts, histories: Mapping[str, History], entity: str, ticker: str, day: date
) -> tuple[float | None, float | None, list[str]]:
    after, before = (_close(known, entity, last) for last in (day, day - timedelta(days=1)))
    if after is not None and before is not None and after.citations[0].valid == day:
        return _number(before), _number(after), [citation.title for citation in after.citations]
    found = histories.get(ticker)
    if found is None or found.adjusted is None:
        return None, None, []
    place = int(np.searchsorted(found.dates, np.datetime64(day)))
    if place == 0 or place == len(found.dates) or found.dates[place] != np.datetime64(day):
        return None, None, []
    return float(found.closes[place - 1]), float(found.closes[place]), ["closes of the price file"]


def _close(known: KnownFacts, entity: str, day: date) -> Leaf | None:
    leaf = known.stated(entity, "close", day)
    return leaf if leaf is not None and leaf.citations and leaf.citations[0].valid <= day else None


def _number(leaf: Leaf) -> float:
    return float(leaf.distribution.quantile(np.array([0.5]))[0])
