"""The price store, asked as it stood on any date.

A load has the whole history of its tickers, as the source gave it on that day. Adjusted prices of one load do not fit
those of another, so a ticker's prices always come from one load: the newest that was known on the date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from waterline.core.errors import InputError
from waterline.market.loads import Loads, connection, scan, store_directory
from waterline.market.prices.history import History

_SELECTION = "SELECT ticker, date::DATE AS date, close, adjusted FROM load ORDER BY ticker, date"


@dataclass(frozen=True)
class PriceStore:
    """Prices in loads. Nothing in it is ever changed or removed."""

    loads: Loads

    @property
    def exists(self) -> bool:
        """Whether anything has been stored."""
        return self.loads.exists

    def append(self, histories: Iterable[History], known: date | None = None) -> int:
        """Add one load, wholly or not at all; returns its number of rows.

        ``known`` is the day on which the source gave it (today). Raises InputError when there is nothing to store or
        the store cannot be written.
        """
        found = sorted(histories, key=lambda history: history.ticker)
        if not found:
            raise InputError("there are no prices to store")
        columns = _columns(found)
        self.loads.append(columns, _SELECTION, known)
        return len(columns["ticker"])

    def histories(self, tickers: Sequence[str] = (), as_of: date | None = None) -> dict[str, History]:
        """Histories by ticker, each from the newest load known on ``as_of``; without ``tickers``, all of them."""
        found: dict[str, History] = {}
        for file, counts in self._newest(tickers, as_of).items():
            chosen = list(counts)
            rows = connection().execute(
                f"SELECT date, close, adjusted FROM {scan([file])} WHERE {_limited(chosen)}", {"tickers": chosen}
            ).fetchnumpy()  # fmt: skip
            start = 0
            for ticker in sorted(counts):  # a load is written in this order, and read as it was written
                found[ticker] = _history(rows, slice(start, start + counts[ticker]), ticker)
                start += counts[ticker]
        return found

    def on_day(self, day: date, as_of: date | None = None) -> dict[str, float]:
        """Closes of all tickers on one day, adjusted where the source adjusts."""
        files = self.loads.files(as_of)
        if not files:
            return {}
        rows = connection().execute(
            f"""SELECT ticker, arg_max(coalesce(adjusted, close), filename) FROM {scan(files)}
            WHERE date = $day GROUP BY ticker ORDER BY ticker""",
            {"day": day},
        ).fetchall()  # fmt: skip
        return dict(rows)

    def _newest(self, tickers: Sequence[str], as_of: date | None) -> dict[str, dict[str, int]]:
        """By load, the tickers whose newest prices stand in it, each with its number of days."""
        files = self.loads.files(as_of)
        if not files:
            return {}
        counted = connection().execute(
            f"""SELECT ticker, filename, count(*) FROM {scan(files)} WHERE {_limited(tickers)}
            GROUP BY ticker, filename ORDER BY filename""",
            {"tickers": list(tickers)} if tickers else {},
        ).fetchall()  # fmt: skip
        newest = {ticker: (file, count) for ticker, file, count in counted}
        loads: dict[str, dict[str, int]] = {}
        for ticker, (file, count) in newest.items():
            loads.setdefault(file, {})[ticker] = count
        return loads


def default_store() -> PriceStore:
    """The user's price store."""
    return PriceStore(Loads(store_directory() / "prices"))


def _columns(histories: Sequence[History]) -> dict[str, Any]:
    nothing = [np.full(len(found.dates), np.nan) for found in histories]
    return {
        "ticker": np.concatenate([np.full(len(found.dates), found.ticker, dtype=object) for found in histories]),
        "date": np.concatenate([found.dates.astype("datetime64[ns]") for found in histories]),
        "close": np.concatenate([found.closes for found in histories]),
        "adjusted": np.concatenate(
            [
                empty if found.adjusted is None else found.adjusted
                for found, empty in zip(histories, nothing, strict=True)
            ]
        ),
    }


def _history(found: dict[str, Any], rows: slice, ticker: str) -> History:
    adjusted = np.ma.filled(found["adjusted"][rows], np.nan)
    dates = np.ma.getdata(found["date"][rows]).astype("datetime64[D]")
    closes = np.ma.getdata(found["close"][rows])
    return History(ticker, dates, closes, None if np.isnan(adjusted).any() else adjusted)


def _limited(tickers: Sequence[str]) -> str:
    return "ticker IN (SELECT unnest($tickers))" if tickers else "true"
