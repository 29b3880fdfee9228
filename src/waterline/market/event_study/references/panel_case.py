"""Reference cases in folders: ``case.json``, ``returns.csv`` and ``expected_*.csv``."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from waterline.core.errors import InputError
from waterline.market.event_study import several_days
from waterline.market.event_study.abnormal import Abnormal, as_estudy2, cumulated, textbook
from waterline.market.event_study.battery import Test, outcome, over_window
from waterline.market.event_study.least_squares import Fit, Model
from waterline.market.event_study.models import fit
from waterline.market.event_study.panel import MARKET, Panel, read_panel
from waterline.market.event_study.references.expectation import Expectation, expectation, is_number
from waterline.market.event_study.references.names import CUMULATIVE, model_of, named_test
from waterline.market.event_study.references.uncovered import uncovered, uncovered_row
from waterline.market.event_study.sample import Sample, common_windows
from waterline.market.event_study.usual import day_mean

Days = tuple[date, date]
RISK_FREE = "RF"
FACTORS = (MARKET, "Mkt-RF", "SMB", "HML", "RMW", "CMA", "MOM", "UMD", RISK_FREE)


@dataclass(frozen=True)
class PanelCase:
    """A reference case: its panel, model, windows, and whether its numbers come from estudy2."""

    folder: Path
    panel: Panel
    model: Model
    estimation: Days
    window: Days
    estudy2: bool

    def sample(self, window: Days | None = None) -> Sample:
        """Returns and factors in the case's windows, or with another event window."""
        found = common_windows(self.panel, self.estimation, window or self.window)
        names = self.panel.factor_names
        if RISK_FREE not in names:
            return found
        place, kept = names.index(RISK_FREE), [k for k, name in enumerate(names) if name != RISK_FREE]
        before, after = found.estimation_factors, found.event_factors
        bare = Sample(found.estimation, found.event, before[..., kept], after[..., kept])
        return bare.in_excess_of(before[..., place], after[..., place], market_too=names[0] == MARKET)

    @cached_property
    def fitted(self) -> Fit:
        """The model fitted in the case's windows."""
        return fit(self.sample(), self.model)

    def abnormal(self, window: Days | None = None) -> Abnormal:
        """Abnormal returns by the convention of the case's reference."""
        sample = self.sample(window)
        fitted = fit(sample, self.model)
        return as_estudy2(fitted, sample) if self.estudy2 else textbook(fitted)

    @cached_property
    def event_days(self) -> list[str]:
        """Dates of the event window."""
        first, last = (np.datetime64(day) for day in self.window)
        return [str(day) for day in self.panel.dates if first <= day <= last]


def read_case(folder: Path) -> PanelCase:
    """Read a case folder. Raises InputError when ``case.json`` or ``returns.csv`` cannot be understood."""
    try:
        stated = json.loads((folder / "case.json").read_text("utf-8"))
        panel = read_panel(folder / "returns.csv", tuple(stated.get("factors", ())) or FACTORS)
        estimation, window = (_window(panel, stated, name) for name in ("estimation", "event_window"))
        model = model_of(str(stated.get("model") or stated.get("market_model") or "market model"))
        securities = tuple(stated.get("securities") or panel.names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InputError(f"{folder / 'case.json'}: {type(problem).__name__}: {problem}") from problem
    columns = [panel.column(name) for name in securities]
    chosen = Panel(panel.dates, securities, panel.returns[:, columns], panel.factor_names, panel.factors)
    return PanelCase(folder, chosen, model, estimation, window, "estudy2" in str(stated.get("reference", "")).lower())


def compare(folder: Path) -> Iterator[Expectation]:
    """Every expected value of a case folder beside ours, those that we have nothing for with the reason."""
    files = sorted(folder.glob("expected_*.csv"))
    try:
        case = read_case(folder)
    except InputError as problem:
        if not files:
            raise
        for file in files:
            yield from uncovered(file, str(problem))
        return
    kinds = {"coefficients": _coefficients, "abnormal": _abnormal, "tests": _tests}
    for file in files:
        compared = kinds.get(file.stem.removeprefix("expected_"))
        if compared is None:
            yield from uncovered(file, f"expected are {', '.join(f'expected_{kind}.csv' for kind in kinds)}")
            continue
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream), start=1):
                cells = {key: (value or "").strip() for key, value in row.items() if key}
                yield from _row(compared, case, file, number, cells)


def _row(
    compared: Callable[[PanelCase, dict[str, str]], Iterator[Expectation]],
    case: PanelCase,
    file: Path,
    number: int,
    cells: dict[str, str],
) -> Iterator[Expectation]:
    """One row of a table of expected values; all of it uncovered where our study of the case has an error."""
    try:
        found = list(compared(case, cells))
    except InputError as problem:
        found = list(uncovered_row(file, number, cells, str(problem)))
    except KeyError as missing:
        found = list(uncovered_row(file, number, cells, f"the table has no column {missing}"))
    yield from found


def _coefficients(case: PanelCase, row: dict[str, str]) -> Iterator[Expectation]:
    groups = {"case": case.folder.name, "kind": "coefficients"}
    name = row["security"]
    fitted, known = case.fitted, name in case.panel.names
    place = case.panel.names.index(name) if known else 0
    ours = {"alpha": fitted.coefficients[place, 0], "n_est": fitted.observations[place]}
    if fitted.coefficients.shape[1] > 1:
        ours["beta"] = fitted.coefficients[place, 1]
    ours |= dict(zip(case.panel.factor_names, fitted.coefficients[place, 1:], strict=False))
    for column, printed in row.items():
        if column in ("security", "est_start", "est_end") or not is_number(printed):
            continue
        reason = "" if known and column in ours else f"no {column!r} of {name!r} in a {case.model} model"
        found = None if reason else float(ours[column])
        yield expectation(f"{case.folder.name}/coefficients/{name}/{column}", printed, found, groups, reason)


def _abnormal(case: PanelCase, row: dict[str, str]) -> Iterator[Expectation]:
    day, name, printed = row["date"], row["security"], row["abnormal_return"]
    if not is_number(printed):
        return
    identity = f"{case.folder.name}/abnormal/{name}/{day}"
    groups = {"case": case.folder.name, "kind": "abnormal"}
    if name not in case.panel.names or day not in case.event_days:
        yield expectation(identity, printed, None, groups, f"no return of {name!r} on {day} in the event window")
        return
    found = case.fitted.abnormal[case.panel.names.index(name), case.event_days.index(day)]
    yield expectation(identity, printed, float(found), groups)


def _tests(case: PanelCase, row: dict[str, str]) -> Iterator[Expectation]:
    name, first, last = row["test"], row["start"], row["end"]
    groups = {"case": case.folder.name, "kind": "tests", "test": name}
    try:
        ours, reason = _test_values(case, name, first, last), ""
    except InputError as problem:
        ours, reason = {}, str(problem)
    for column, printed in row.items():
        if column not in ("test", "start", "end") and is_number(printed):
            why = reason or ("" if column in ours else f"nothing of ours is called {column!r}")
            identity = f"{case.folder.name}/{name}/{first}..{last}/{column}"
            yield expectation(identity, printed, ours.get(column), groups, why)


def _test_values(case: PanelCase, name: str, first: str, last: str) -> dict[str, float]:
    cumulative = CUMULATIVE.get(name)
    if cumulative is not None:
        sample = case.abnormal(_days((first, last)))
        means = day_mean(sample.event)
        return {
            "mean": several_days.mean_over_days(sample),
            "median": float(np.nanmedian(means)),
            "statistic": cumulative(sample),
        }
    test = named_test(name)
    if first not in case.event_days or last not in case.event_days:
        raise InputError(f"{first} to {last} is not within the event window {case.window[0]} to {case.window[1]}")
    begin, end = case.event_days.index(first), case.event_days.index(last)
    if begin != end:
        return _window_values(case, test, begin, end)
    sample = case.abnormal()
    found = outcome(sample, test)
    values = {
        "mean": float(day_mean(sample.event)[begin]),
        "median": float(np.nanmedian(sample.event[:, begin])),
        "statistic": float(found.statistic[begin]),
    }
    return values if case.estudy2 else {**values, "p_value": float(found.p_value[begin])}


def _window_values(case: PanelCase, test: Test, begin: int, end: int) -> dict[str, float]:
    """A test of ours over several days: the cumulative return in place of a day's."""
    total = cumulated(case.fitted, begin, end)
    found = over_window(case.abnormal().only(slice(begin, end + 1)), total, test)
    return {
        "mean": float(day_mean(total.event)[0]),
        "median": float(np.nanmedian(total.event)),
        "statistic": float(found.statistic[0]),
        "p_value": float(found.p_value[0]),
    }


def _window(panel: Panel, stated: dict[str, Any], name: str) -> Days:
    """A window given by two dates, or in trading days from ``event_date``."""
    ends = stated[name]
    if not all(isinstance(end, int) for end in ends):
        return _days(ends)
    place = panel.first_on_or_after(date.fromisoformat(str(stated["event_date"])))
    rows = [place + int(end) for end in ends]
    if min(rows) < 0 or max(rows) >= len(panel.dates):
        raise InputError(f"the {name} {ends} reaches beyond the returns around {stated['event_date']}")
    first, last = (panel.dates[row].astype(object) for row in rows)
    return first, last


def _days(stated: Any) -> Days:
    first, last = (date.fromisoformat(str(day)) for day in stated)
    return first, last
