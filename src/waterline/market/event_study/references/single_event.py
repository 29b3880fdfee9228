"""Reference values for one security: full prediction-error covariance, and the package eventstudy's tables."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from waterline.core.errors import InputError
from waterline.market.event_study.least_squares import Fit
from waterline.market.event_study.models import fit
from waterline.market.event_study.p_values import students_p_values
from waterline.market.event_study.panel import Panel, read_panel
from waterline.market.event_study.references.expectation import Expectation, expectation, is_number
from waterline.market.event_study.sample import around

_EVENT = re.compile(r"event day (\d{4}-\d\d-\d\d)")
_ESTIMATION = re.compile(r"estimation (\d+) obs ending obs (-\d+)")
_WINDOW = re.compile(r"window (-?\d+)\.\.\+?(-?\d+)")


@dataclass(frozen=True)
class SingleCase:
    """One event day, with windows in trading days from it."""

    panel: Panel
    day: date
    estimation: tuple[int, int]
    window: tuple[int, int]

    def fitted(self) -> Fit:
        """The market model of every security."""
        place = self.panel.first_on_or_after(self.day)
        return fit(around(self.panel, place, self.estimation, self.window))


def read_specification(file: Path) -> SingleCase:
    """Windows from the text ``spec`` of a reference file, returns from ``returns.csv`` beside it.

    Raises InputError when the text does not say the event day and both windows.
    """
    words = str(_document(file)["spec"])
    found = [pattern.search(words) for pattern in (_EVENT, _ESTIMATION, _WINDOW)]
    if not all(found):
        raise InputError(f"{file}: 'spec' must say 'event day DATE', 'estimation N obs ending obs -K', 'window A..B'")
    event, estimation, window = (match.groups() for match in found if match)
    length, last = int(estimation[0]), int(estimation[1])
    return SingleCase(
        read_panel(file.with_name("returns.csv")),
        date.fromisoformat(event[0]),
        (last - length + 1, last),
        (int(window[0]), int(window[1])),
    )


def compare_single(file: Path) -> Iterator[Expectation]:
    """Every number under ``results`` of a reference file beside ours."""
    case = read_specification(file)
    fitted = case.fitted()
    groups = {"case": file.parent.name, "kind": "single_event"}
    for name, stated in _document(file)["results"].items():
        base = f"{file.parent.name}/{file.stem}/{name}"
        if name not in case.panel.names:
            yield from (
                expectation(f"{base}/{key}", value, None, groups, f"no returns of {name!r} in the folder")
                for key, value in stated.items()
                if isinstance(value, float | int)
            )
            continue
        place = case.panel.names.index(name)
        ours = _values(fitted, place, -case.window[0])
        for key, value in stated.items():
            if key == "windows":
                yield from _windows(fitted, place, case.window, value, base, groups)
            elif key == "ar":
                for offset, (printed, found) in enumerate(zip(value, fitted.abnormal[place], strict=True)):
                    yield expectation(f"{base}/ar/{case.window[0] + offset}", printed, float(found), groups)
            elif isinstance(value, float | int):
                reason = "" if key in ours else f"nothing of ours is called {key!r}"
                yield expectation(f"{base}/{key}", value, ours.get(key), groups, reason)


def _values(fitted: Fit, place: int, event: int) -> dict[str, float]:
    variance, residuals = fitted.variance[place], fitted.residuals[place]
    abnormal, error = fitted.abnormal[place], fitted.standard_errors[place]
    explained = _explained(fitted, place, residuals)
    values = {
        "alpha": fitted.coefficients[place, 0],
        "beta": fitted.coefficients[place, 1],
        "sigma2": variance,
        "r2": explained,
        "n_est": fitted.observations[place],
    }
    if 0 <= event < len(abnormal):
        values |= {
            "ar0": abnormal[event],
            "t_ar0_simple": abnormal[event] / np.sqrt(variance),
            "t_ar0_pred": abnormal[event] / error[event],
        }
    return {key: float(value) for key, value in values.items()}


def _explained(fitted: Fit, place: int, residuals: np.ndarray) -> float:
    """Coefficient of determination, from the slope's own sum of squares."""
    explained = fitted.coefficients[place, 1] ** 2 / fitted.spread[place, 1, 1]
    return float(explained / (explained + np.nansum(residuals**2)))


def _windows(
    fitted: Fit, place: int, window: tuple[int, int], stated: dict[str, Any], base: str, groups: dict[str, str]
) -> Iterator[Expectation]:
    degrees = fitted.observations[place] - fitted.lost_degrees
    for span, values in stated.items():
        first, last = (int(end) - window[0] for end in span.split(","))
        total, error = (float(part[place]) for part in fitted.cumulative(first, last))
        ours = {"car": total, "se": error, "t": total / error, "p": float(students_p_values(total / error, degrees))}
        for key, printed in values.items():
            reason = "" if key in ours else f"nothing of ours is called {key!r}"
            yield expectation(f"{base}/{span}/{key}", printed, ours.get(key), groups, reason)


def compare_eventstudy_table(file: Path) -> Iterator[Expectation]:
    """A table of the Python package eventstudy beside ours, by its own convention.

    It takes √(SSR ÷ n) for the standard deviation, no prediction error, √k of it for k days, and n − 1 degrees of
    freedom. The windows are those of the reference file with a ``spec`` beside it.
    """
    name = file.stem.rpartition("_")[2]
    beside = [found for found in sorted(file.parent.glob("*.json")) if "spec" in _document(found)]
    if not beside:
        raise InputError(f"{file}: no JSON file beside it says, under 'spec', the event day and the windows")
    case = read_specification(beside[0])
    place = case.panel.column(name)
    fitted = case.fitted()
    count = fitted.observations[place]
    deviation = float(np.sqrt(np.nansum(fitted.residuals[place] ** 2) / count))
    abnormal = fitted.abnormal[place]
    error = deviation * np.sqrt(np.arange(1, len(abnormal) + 1))
    ratio = np.cumsum(abnormal) / error
    ours = {
        "AR": abnormal,
        "Std. E. AR": np.full(len(abnormal), deviation),
        "CAR": np.cumsum(abnormal),
        "Std. E. CAR": error,
        "T-stat": ratio,
        "P-value": students_p_values(ratio, count - 1),
    }
    groups = {"case": file.parent.name, "kind": "eventstudy_package"}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            offset = int(row[""])
            for column, found in ours.items():
                printed = row[column].rstrip("* ")
                if is_number(printed):
                    step = offset - case.window[0]
                    inside = 0 <= step < len(abnormal)
                    reason = "" if inside else f"day {offset} is outside the window {case.window}"
                    identity = f"{file.parent.name}/{file.stem}/{offset}/{column}"
                    yield expectation(identity, printed, float(found[step]) if inside else None, groups, reason)


def _document(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return loaded
