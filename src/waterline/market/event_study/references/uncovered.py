"""Expected values that nothing of ours can stand beside: each is reported with its reason, none is left out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from waterline.market.event_study.references.expectation import Expectation, expectation, is_number


def uncovered(file: Path, reason: str) -> Iterator[Expectation]:
    """Every number of a table or a JSON document, uncovered; one entry without a value where it cannot be read."""
    groups = {"case": file.parent.name, "kind": file.stem.removeprefix("expected_")}
    base = f"{file.parent.name}/{file.stem}"
    try:
        values = list(_cells(file) if file.suffix == ".csv" else numbers(json.loads(file.read_text("utf-8"))))
    except (OSError, ValueError, csv.Error):
        values = []
    for path, printed in values:
        yield expectation("/".join((base, *path)), printed, None, groups, reason)
    if not values:
        yield Expectation(base, "nan", None, groups, reason)


def uncovered_row(file: Path, number: int, row: Mapping[str, str], reason: str) -> Iterator[Expectation]:
    """Every number of one row of a table, uncovered; rows are counted from 1 after the header."""
    groups = {"case": file.parent.name, "kind": file.stem.removeprefix("expected_")}
    for column, printed in row.items():
        if is_number(printed):
            yield expectation(f"{file.parent.name}/{file.stem}/{number}/{column}", printed, None, groups, reason)


def numbers(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every number of a JSON document with the keys and places that lead to it."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from numbers(value, (*path, str(key)))
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from numbers(value, (*path, str(place)))
    elif isinstance(part, float | int) and not isinstance(part, bool):
        yield path, part


def _cells(file: Path) -> Iterator[tuple[tuple[str, ...], Any]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), start=1):
            for column, cell in row.items():
                if column and isinstance(cell, str) and is_number(cell):
                    yield (str(number), column), cell
