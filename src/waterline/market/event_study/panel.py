"""Returns of several securities and of what explains them, day by day."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from waterline.core.errors import InputError

Returns = NDArray[np.float64]
Days = NDArray[np.datetime64]
MARKET = "MARKET"


@dataclass(frozen=True)
class Panel:
    """Returns on common trading days; NaN where a security has none.

    ``dates`` (days,) ascending; ``returns`` (days, securities) in the order of ``names``; ``factors``
    (days, factors) in the order of ``factor_names``, the market first.
    """

    dates: Days
    names: tuple[str, ...]
    returns: Returns
    factor_names: tuple[str, ...]
    factors: Returns

    def column(self, name: str) -> int:
        """Place of a security. Raises InputError when the panel has none of that name."""
        if name not in self.names:
            raise InputError(f"there are no returns of {name!r}; there are returns of {', '.join(self.names)}")
        return self.names.index(name)

    def row(self, day: date) -> int | None:
        """Place of a trading day, or None."""
        place = int(np.searchsorted(self.dates, np.datetime64(day)))
        return place if place < len(self.dates) and self.dates[place] == np.datetime64(day) else None

    def first_on_or_after(self, day: date) -> int:
        """Place of the first trading day not before ``day``. Raises InputError outside the panel."""
        place = int(np.searchsorted(self.dates, np.datetime64(day)))
        if place == len(self.dates) or np.datetime64(day) < self.dates[0]:
            raise InputError(f"{day} is outside the returns, which run from {self.dates[0]} to {self.dates[-1]}")
        return place


def read_panel(path: Path, factor_names: Sequence[str] = (MARKET,)) -> Panel:
    """Read a CSV file of returns: a column ``date``, one for each factor, and one for each security.

    An empty cell, ``NA`` or ``NaN`` is a missing return. Raises InputError, with the line, for a file that cannot be
    read, dates that are unreadable or given twice, and cells that are no numbers.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = [row for row in csv.reader(stream) if row]
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"cannot read {path}: {problem}") from problem
    if len(lines) < 2 or lines[0][0].strip().lower() != "date":
        raise InputError(f"{path}: expected a header 'date,{MARKET},…' and one line for each day")
    header = [name.strip() for name in lines[0]]
    dates, values = _cells(path, header, lines[1:])
    order = np.argsort(dates, kind="stable")
    dates, values = dates[order], values[order]
    again = np.flatnonzero(dates[1:] == dates[:-1])
    if again.size:
        raise InputError(f"{path}: {dates[again[0]]} stands there twice")
    factors = tuple(name for name in factor_names if name in header)
    securities = tuple(name for name in header[1:] if name not in factors)
    places = {name: place for place, name in enumerate(header[1:])}
    chosen = [places[name] for name in securities]
    return Panel(dates, securities, values[:, chosen], factors, values[:, [places[name] for name in factors]])


def _cells(path: Path, header: list[str], lines: list[list[str]]) -> tuple[Days, Returns]:
    days, values = [], np.full((len(lines), len(header) - 1), np.nan)
    for place, line in enumerate(lines):
        try:
            days.append(date.fromisoformat(line[0].strip()))
            if len(line) != len(header):
                raise ValueError(f"{len(line)} cells, but the header has {len(header)}")
            values[place] = [_number(cell) for cell in line[1:]]
        except ValueError as problem:
            raise InputError(f"{path}:{place + 2}: {problem}") from problem
    return np.array(days, dtype="datetime64[D]"), values


def _number(cell: str) -> float:
    text = cell.strip()
    return float("nan") if text in ("", "NA", "N/A") else float(text)
