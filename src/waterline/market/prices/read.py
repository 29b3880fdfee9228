"""Price files: Yahoo's, Stooq's, a table with a column of tickers, or one column for each ticker."""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from waterline.core.errors import InputError
from waterline.market.prices.history import Days, History, Prices, history

EXCHANGE_ZONE = "America/New_York"
DATE = ("date", "datetime", "day", "time")
TICKER = ("ticker", "symbol")
ADJUSTED = ("adj close", "adj_close", "adjclose", "adjusted_close", "adjusted close", "adjusted")
CLOSE = ("close", "price", "last")
OTHER = ("open", "high", "low", "volume", "vol", "openint", "per", "dividends", "stock splits", "capital gains")
EXPECTED = (
    "expected a column 'Date' with 'Close' or 'Adj Close' (Yahoo, Stooq), a column 'ticker' besides, "
    "or one column of closes for each ticker"
)
_TICKER = re.compile(r"\^?[A-Z][A-Z0-9.\-]{0,9}")


def read_prices(path: Path, tickers: Sequence[str] = ()) -> dict[str, History]:
    """Histories by ticker from a file, or from the files ``TICKER.csv`` of a folder.

    A file without a ticker in it belongs to the ticker that it is named after; others that are asked for are looked for
    beside it. ``tickers`` limits what is read; without them, everything. Raises InputError, with the line, for files
    that cannot be read or are not understood.
    """
    if path.is_dir():
        files = {found.stem.upper(): found for found in sorted(path.glob("*.csv"))}
        named = [files[ticker] for ticker in tickers if ticker in files]
        found: dict[str, History] = {}
        for file in named if tickers else filter(_has_days, files.values()):
            found.update(_read_file(file))
        return found
    held = _read_file(path)
    for ticker in tickers:
        beside = path.with_name(f"{ticker}.csv")
        if ticker not in held and beside.exists() and len(held) == 1:
            held.update(_read_file(beside))
    return {ticker: held[ticker] for ticker in tickers if ticker in held} if tickers else held


def _has_days(path: Path) -> bool:
    """Whether a file of a folder is a table by days; an index or a list of sources beside the prices is not."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = [name.strip(" <>").lower() for name in next(csv.reader(stream), [])]
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"cannot read {path}: {problem}") from problem
    return _first(header, DATE) is not None


def _read_file(path: Path) -> dict[str, History]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [(number, row) for number, row in enumerate(csv.reader(stream), start=1) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise InputError(f"cannot read {path}: {getattr(problem, 'strerror', None) or problem}") from problem
    if len(rows) < 2:
        raise InputError(f"{path} holds no prices; {EXPECTED}")
    header = [name.strip(" <>").lower() for name in rows[0][1]]
    day = _first(header, DATE)
    if day is None:
        raise InputError(f"{path}: its columns are {', '.join(rows[0][1])}; {EXPECTED}")
    ticker, close, adjusted = (_first(header, names) for names in (TICKER, CLOSE, ADJUSTED))
    if close is None and adjusted is None:
        return _one_column_each(path, rows, day)
    own, groups = path.stem, dict[str, list[tuple[int, list[str]]]]()
    for number, row in rows[1:]:
        if len(row) < len(header):
            raise InputError(f"{path}:{number}: {len(row)} cells, but the header has {len(header)}")
        name = own if ticker is None else row[ticker].strip()
        groups.setdefault(name.upper().removesuffix(".US"), []).append((number, row))
    columns = [place for place in (close, adjusted) if place is not None]
    return {name: _history(path, name, lines, day, columns, adjusted) for name, lines in groups.items()}


def _history(
    path: Path,
    name: str,
    lines: Sequence[tuple[int, list[str]]],
    day: int,
    columns: Sequence[int],
    adjusted: int | None,
) -> History:
    dates = _days(path, lines, day)
    values = [_column(path, lines, column) for column in columns]
    second = None if adjusted is None else values[-1]
    return history(name, dates, values[0], second, lambda row: f"{path}:{lines[row][0]}")


def _one_column_each(path: Path, rows: Sequence[tuple[int, list[str]]], day: int) -> dict[str, History]:
    header = [name.strip() for name in rows[0][1]]
    columns = {place: name for place, name in enumerate(header) if place != day}
    odd = [name for name in columns.values() if name.lower() in OTHER or not _TICKER.fullmatch(name)]
    if odd or not columns:
        raise InputError(f"{path}: its columns are {', '.join(header)}; {EXPECTED}")
    lines = rows[1:]
    dates = _days(path, lines, day)
    return {
        name: history(name, dates, _column(path, lines, place), None, lambda row: f"{path}:{lines[row][0]}")
        for place, name in columns.items()
    }


def _days(path: Path, lines: Sequence[tuple[int, list[str]]], column: int) -> Days:
    texts = [row[column] for _, row in lines]
    if all(len(text) == len("2025-01-27") for text in texts):
        with contextlib.suppress(ValueError):  # a text that is no date is looked for, and named, below
            return np.array(texts, dtype="datetime64[D]")
    return np.array([_day(path, number, row[column].strip()) for number, row in lines], dtype="datetime64[D]")


def _day(path: Path, number: int, text: str) -> date:
    """A trading day. A time of day other than midnight is taken to the exchange's time zone first."""
    try:
        if re.fullmatch(r"\d{8}", text):
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        if len(text) == len("2025-01-27"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and (moment.hour, moment.minute) != (0, 0):
            moment = moment.astimezone(ZoneInfo(EXCHANGE_ZONE))
    except (ValueError, OverflowError):  # the last day of all has no time in zones further east
        raise InputError(f"{path}:{number}: {text!r} is not a date YYYY-MM-DD") from None
    return moment.date()


def _column(path: Path, lines: Sequence[tuple[int, list[str]]], column: int) -> Prices:
    try:
        return np.array([row[column] for _, row in lines], dtype=float)
    except (ValueError, IndexError):  # an empty cell, or what is no price: looked at one by one
        return np.array([_price(path, number, row, column) for number, row in lines])


def _price(path: Path, number: int, row: list[str], column: int) -> float:
    text = row[column].strip() if column < len(row) else ""
    if text.lower() in ("", "na", "n/a", "nan", "null", "-"):
        return float("nan")
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise InputError(f"{path}:{number}: {text!r} is not a price") from None


def _first(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def notes_of(histories: Mapping[str, History]) -> Iterator[str]:
    """What was put right while reading."""
    for found in histories.values():
        yield from found.notes
