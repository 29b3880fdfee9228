"""The price store: Parquet files that are only ever added to, asked through DuckDB, as they stood on any date.

A load is one file with the whole history of its tickers, as the source gave it on that day. Adjusted prices of one load
do not fit those of another, so a ticker's prices always come from one load: the newest that was known on the date.
"""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from waterline.core.errors import InputError
from waterline.market.prices.history import History

if TYPE_CHECKING:
    import duckdb

_ROWS = 50_000  # rows of a group: a ticker's history is found without reading the others


@dataclass(frozen=True)
class PriceStore:
    """Prices in a directory. Nothing in it is ever changed or removed."""

    directory: Path

    @property
    def exists(self) -> bool:
        """Whether anything has been stored."""
        return any(self.directory.glob("*.parquet"))

    def append(self, histories: Iterable[History], source: str, known: date | None = None) -> int:
        """Add one load, wholly or not at all; returns its number of rows.

        ``known`` is the day on which the source gave it (today). Raises InputError when the directory cannot be
        written; the store is then as it was.
        """
        columns = _columns(sorted(histories, key=lambda found: found.ticker))
        if columns is None:
            raise InputError("there are no prices to store")
        day = known or datetime.now(UTC).date()
        loads = [path.stem for path in self.directory.glob(f"{day}.*.parquet")]
        name = f"{day}.{len(loads):04d}.parquet"
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.directory, prefix=".load-", suffix=".part")
            os.close(handle)
        except OSError as problem:
            raise InputError(f"cannot write {self.directory}: {problem.strerror or problem}") from problem
        try:
            self._write(columns, source, day, temporary)
            os.link(temporary, self.directory / name)  # fails rather than replace a load of the same name
        except OSError as problem:
            raise InputError(f"cannot write {self.directory / name}: {problem.strerror or problem}") from problem
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
        return len(columns["ticker"])

    def _write(self, columns: dict[str, Any], source: str, day: date, path: str) -> None:
        connection = _connection()
        connection.register("load", columns)
        connection.execute(
            f"""COPY (SELECT ticker, date::DATE AS date, close, adjusted, $source AS source, $known::DATE AS known
            FROM load ORDER BY ticker, date) TO '{_quoted(path)}' (FORMAT parquet, ROW_GROUP_SIZE {_ROWS})""",
            {"source": source, "known": day},
        )

    def histories(self, tickers: Sequence[str] = (), as_of: date | None = None) -> dict[str, History]:
        """Histories by ticker, each from the newest load known on ``as_of``; without ``tickers``, all of them."""
        found: dict[str, History] = {}
        for file, counts in self._newest(tickers, as_of).items():
            chosen = list(counts)
            rows = _connection().execute(
                f"SELECT date, close, adjusted FROM {_scan([file])} WHERE {_limited(chosen)}", {"tickers": chosen}
            ).fetchnumpy()  # fmt: skip
            start = 0
            for ticker in sorted(counts):  # a load is written in this order, and read as it was written
                found[ticker] = _history(rows, slice(start, start + counts[ticker]), ticker)
                start += counts[ticker]
        return found

    def _newest(self, tickers: Sequence[str], as_of: date | None) -> dict[str, dict[str, int]]:
        """By load, the tickers whose newest prices stand in it, each with its number of days."""
        files = self._files(as_of)
        if not files:
            return {}
        counted = _connection().execute(
            f"""SELECT ticker, filename, count(*) FROM {_scan(files)} WHERE {_limited(tickers)}
            GROUP BY ticker, filename ORDER BY filename""",
            {"tickers": list(tickers)} if tickers else {},
        ).fetchall()  # fmt: skip
        newest = {ticker: (file, count) for ticker, file, count in counted}
        loads: dict[str, dict[str, int]] = {}
        for ticker, (file, count) in newest.items():
            loads.setdefault(file, {})[ticker] = count
        return loads

    def on_day(self, day: date, as_of: date | None = None) -> dict[str, float]:
        """Closes of all tickers on one day, adjusted where the source adjusts."""
        files = self._files(as_of)
        if not files:
            return {}
        rows = _connection().execute(
            f"""SELECT ticker, arg_max(coalesce(adjusted, close), filename) FROM {_scan(files)}
            WHERE date = $day GROUP BY ticker ORDER BY ticker""",
            {"day": day},
        ).fetchall()  # fmt: skip
        return dict(rows)

    def _files(self, as_of: date | None) -> list[str]:
        """Loads known on a date, oldest first; a load's name starts with the day it was known."""
        files = sorted(self.directory.glob("*.parquet"))
        return [str(path) for path in files if as_of is None or path.name[:10] <= as_of.isoformat()]


def default_store() -> PriceStore:
    """The user's store: ``$WATERLINE_STORE``, or the user's data directory."""
    return PriceStore(store_directory() / "prices")


def store_directory() -> Path:
    """Directory of what is loaded and must not be lost."""
    chosen = os.environ.get("WATERLINE_STORE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local/share") / "waterline"


def _columns(histories: Sequence[History]) -> dict[str, Any] | None:
    if not histories:
        return None
    return {
        "ticker": np.concatenate([np.full(len(found.dates), found.ticker, dtype=object) for found in histories]),
        "date": np.concatenate([found.dates.astype("datetime64[ns]") for found in histories]),
        "close": np.concatenate([found.closes for found in histories]),
        "adjusted": np.concatenate(
            [np.full(len(found.dates), np.nan) if found.adjusted is None else found.adjusted for found in histories]
        ),
    }


def _history(found: dict[str, Any], rows: slice, ticker: str) -> History:
    adjusted = np.ma.filled(found["adjusted"][rows], np.nan)
    dates = np.ma.getdata(found["date"][rows]).astype("datetime64[D]")
    closes = np.ma.getdata(found["close"][rows])
    return History(ticker, dates, closes, None if np.isnan(adjusted).any() else adjusted)


def _connection() -> duckdb.DuckDBPyConnection:
    """A cursor of the process's one in-memory database; it holds no prices itself."""
    return _database().cursor()


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    try:
        import duckdb
    except ImportError:
        raise InputError("the price store needs DuckDB: install waterline[market]") from None
    return duckdb.connect()


def _scan(files: Sequence[str]) -> str:
    listed = ", ".join(f"'{_quoted(file)}'" for file in files)
    return f"read_parquet([{listed}], filename = true)"


def _limited(tickers: Sequence[str]) -> str:
    return "ticker IN (SELECT unnest($tickers))" if tickers else "true"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
