"""Published measurements as rows of a CSV file: read one by one, a bad row refused with its number, none dropped."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from waterline.core.errors import InputError

Row = dict[str, str]
Found = TypeVar("Found")

MODEL_COLUMNS = {
    "n_params_total": "parameters",
    "n_params_active": "active_parameters",
    "layers": "layers",
    "hidden": "hidden",
    "ffn_hidden": "ffn_hidden",
    "heads": "heads",
    "kv_heads": "kv_heads",
    "head_dim": "head_dim",
    "vocab": "vocab",
    "n_experts": "experts",
    "top_k": "experts_per_token",
}
LARGEST = 1e15  # no count or rate of a published run is larger
LONGEST = 2000  # characters of a cell, which is searched for words and numbers
_REFUSED = "_refused"  # holds what is wrong with the cells of a row


@dataclass(frozen=True)
class Refusal:
    """A row that is not usable, and why."""

    identifier: str
    row: int
    reason: str


def read_rows(
    path: Path, required: Sequence[str], filled: Sequence[str], read: Callable[[int, Row], Found]
) -> Iterator[Found | Refusal]:
    """What `read` makes of each row and its number, or a refusal, in order. Row 1 is the header.

    ``required`` columns must be there, and those ``filled`` must not be empty; unknown columns are ignored. Raises
    InputError when the file cannot be read, is not a table, or lacks a required column.
    """
    for number, row in _records(path, required):
        try:
            if row.get(_REFUSED):
                raise InputError(f"row {number}: {row[_REFUSED]}")
            for name in filled:
                if not row[name]:
                    raise InputError(f"row {number}: {name} is empty")
            yield read(number, row)
        except InputError as error:
            yield Refusal(row.get("id") or f"row {number}", number, str(error))


def figure(number: int, row: Row, column: str) -> float | None:
    """A positive number of a row, None where it is silent. Raises InputError naming row and column."""
    text = row.get(column, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"row {number}: {column} is not a number: {text[:40]!r}") from None
    if not math.isfinite(value) or value <= 0 or value > LARGEST:
        raise InputError(f"row {number}: {column} must be positive and sensible, not {text[:40]}")
    return value


def chip_count(number: int, row: Row) -> int:
    """The accelerators of a row. Raises InputError unless they are a whole number."""
    chips = figure(number, row, "n_accel")
    if chips is None or chips != int(chips):
        raise InputError(f"row {number}: n_accel must be a whole number")
    return int(chips)


def _records(path: Path, required: Sequence[str]) -> Iterator[tuple[int, Row]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream, strict=True)
            missing = [name for name in required if name not in (reader.fieldnames or [])]
            if missing:
                raise InputError(f"{path.name}: missing columns {', '.join(missing)}")
            for number, record in enumerate(reader, start=2):
                extra = record.pop(None, None)
                row = {name: (value or "").strip() for name, value in record.items()}
                if extra is not None:
                    row[_REFUSED] = "more cells than columns"
                long = [name for name, value in row.items() if len(value) > LONGEST]
                if long:
                    row[_REFUSED] = f"{long[0]} is longer than {LONGEST:,} characters"
                yield number, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name}: cannot be read as CSV: {error}") from None
