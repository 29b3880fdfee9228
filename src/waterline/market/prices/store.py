"""The price store, asked as it stood on any date.

A load has the whole history of its tickers, as the source gave it on that day. Adjusted prices of one load do not fit
those of another, so a ticker's prices always come from one load: the newest that was known on the date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from waterline.core.errors import InputError
from waterline.market.loads import Loads, connection, quoted, scan, store_directory
from waterline.market.prices.history import History

_COLUMNS = "(date - DATE '1970-01-01')::INTEGER AS day, close, adjusted"  # days as numbers are read far faster
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
        self.loads.append(columns, _SELECTION, known, {history.ticker: len(history.dates) for history in found})
        return len(columns["ticker"])

    def histories(self, tickers: Sequence[str] = (), as_of: date | None = None) -> dict[str, History]:
        """Histories by ticker, each from the newest load known on ``as_of``; without ``tickers``, all of them."""
        counted = self.loads.rows_by_key("ticker", as_of)
        newest = {ticker: file for file, rows in counted.items() for ticker in rows}
        found: dict[str, History] = {}
        for file, rows in counted.items():
            wanted = {ticker for ticker in rows if newest[ticker] == file and (not tickers or ticker in tickers)}
            found.update(_histories(file, rows, wanted) if wanted else {})
        return found

    def on_day(self, day: date) -> dict[str, float]:
        """Closes of all tickers on one day, adjusted where the source adjusts."""
        files = self.loads.files()
        if not files:
            return {}
        rows = connection().execute(
            f"""SELECT ticker, arg_max(coalesce(adjusted, close), filename) FROM {scan(files)}
            WHERE date = $day GROUP BY ticker ORDER BY ticker""",
            {"day": day},
        ).fetchall()  # fmt: skip
        return dict(rows)


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


def _histories(file: str, rows: Mapping[str, int], wanted: AbstractSet[str]) -> dict[str, History]:
    """Histories of one load, of which the number of rows of each ticker is known; most of it is read as a whole."""
    read = rows if 2 * len(wanted) > len(rows) else {ticker: rows[ticker] for ticker in wanted}
    limit = "" if read is rows else f"WHERE ticker IN ({', '.join(map(quoted, read))})"
    columns = connection().sql(f"SELECT {_COLUMNS} FROM {scan([file])} {limit}").fetchnumpy()
    days, closes = np.ma.getdata(columns["day"]), np.ma.getdata(columns["close"])
    adjusted = np.ma.filled(columns["adjusted"], np.nan)
    found, start = {}, 0
    for ticker in sorted(read):  # a load is written in this order, and read as it was written
        part = slice(start, start + read[ticker])
        start = part.stop
        if ticker in wanted:
            missing = np.isnan(adjusted[part]).any()
            dates = days[part].astype("datetime64[D]")
            found[ticker] = History(ticker, dates, closes[part], None if missing else adjusted[part])
    return found
