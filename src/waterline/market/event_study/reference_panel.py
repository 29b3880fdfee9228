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
from waterline.market.event_study.battery import TESTS, over_window
from waterline.market.event_study.expectation import Expectation, expectation
from waterline.market.event_study.models import Fit, Model, fit
from waterline.market.event_study.panel import MARKET, Panel, Returns, read_panel
from waterline.market.event_study.parametric import brown_warner_1985, lamb
from waterline.market.event_study.sample import Sample, common_windows
from waterline.market.event_study.usual import day_mean

Days = tuple[date, date]
RISK_FREE = "RF"
FACTORS = (MARKET, "Mkt-RF", "SMB", "HML", "RMW", "CMA", "MOM", "UMD", RISK_FREE)

# What programs call our tests.
DAILY: dict[str, Callable[[Abnormal], Returns]] = {
    **{name: test.statistic for name, test in TESTS.items()},
    "lamb": lamb,
    "boehmer": TESTS["bmp"].statistic,
    "t_test": TESTS["cross_sectional"].statistic,
    "sign_test": TESTS["sign"].statistic,
    "generalized_sign_test": TESTS["generalised_sign"].statistic,
    "corrado_sign_test": TESTS["corrado_sign"].statistic,
    "rank_test": TESTS["corrado"].statistic,
    "modified_rank_test": TESTS["modified_rank"].statistic,
    "wilcoxon_test": TESTS["wilcoxon"].statistic,
}
CUMULATIVE: dict[str, Callable[[Abnormal], float]] = {
    "car_brown_warner_1985": lambda sample: several_days.over_days(sample, brown_warner_1985),
    "car_lamb": lambda sample: several_days.over_days(sample, lamb),
    "car_rank_test": several_days.rank_over_days,
}
MODEL_WORDS: tuple[tuple[str, Model], ...] = (
    ("scholes", "scholes-williams"),
    ("dimson", "dimson"),
    ("fama", "factors"),
    ("factor", "factors"),
    ("mrkt_adj", "market-adjusted"),
    ("market adj", "market-adjusted"),
    ("market-adj", "market-adjusted"),
    ("mean", "mean-adjusted"),
    ("capm", "market"),
    ("market", "market"),
    ("sim", "market"),
    ("single", "market"),
)


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
        estimation, window = _days(stated["estimation"]), _days(stated["event_window"])
        model = model_of(str(stated.get("model") or stated.get("market_model") or "market model"))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InputError(f"{folder / 'case.json'}: {type(problem).__name__}: {problem}") from problem
    panel = read_panel(folder / "returns.csv", tuple(stated.get("factors", ())) or FACTORS)
    securities = tuple(stated.get("securities") or panel.names)
    columns = [panel.column(name) for name in securities]
    chosen = Panel(panel.dates, securities, panel.returns[:, columns], panel.factor_names, panel.factors)
    return PanelCase(folder, chosen, model, estimation, window, "estudy2" in str(stated.get("reference", "")).lower())


def model_of(words: str) -> Model:
    """The return model that a description names. Raises ValueError when it names none."""
    lowered = words.lower()
    for word, model in MODEL_WORDS:
        if word in lowered:
            return model
    raise ValueError(f"no return model is meant by {words!r}")


def compare(folder: Path) -> Iterator[Expectation]:
    """Every expected value of a case folder beside ours."""
    case = read_case(folder)
    for name, rows in (("coefficients", _coefficients), ("abnormal", _abnormal), ("tests", _tests)):
        file = folder / f"expected_{name}.csv"
        if file.exists():
            with file.open(encoding="utf-8-sig", newline="") as stream:
                for row in csv.DictReader(stream):
                    yield from rows(case, {key: (value or "").strip() for key, value in row.items() if key})


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
        ours = _test_values(case, name, first, last)
        reason = ""
    except InputError as problem:
        ours, reason = {}, str(problem)
    for column in ("mean", "median", "statistic"):
        printed = row.get(column, "")
        if is_number(printed):
            identity = f"{case.folder.name}/{name}/{first}..{last}/{column}"
            yield expectation(identity, printed, ours.get(column), groups, reason)


def _test_values(case: PanelCase, name: str, first: str, last: str) -> dict[str, float]:
    if name in CUMULATIVE:
        sample = case.abnormal(_days((first, last)))
        means = day_mean(sample.event)
        return {
            "mean": several_days.mean_over_days(sample),
            "median": float(np.nanmedian(means)),
            "statistic": CUMULATIVE[name](sample),
        }
    if name not in DAILY:
        raise InputError(f"no test is called {name!r}; there are {', '.join(sorted({*DAILY, *CUMULATIVE}))}")
    if first not in case.event_days or last not in case.event_days:
        raise InputError(f"{first} to {last} is not within the event window {case.window[0]} to {case.window[1]}")
    begin, end = case.event_days.index(first), case.event_days.index(last)
    if begin != end:
        return _window_values(case, name, begin, end)
    sample = case.abnormal()
    return {
        "mean": float(day_mean(sample.event)[begin]),
        "median": float(np.nanmedian(sample.event[:, begin])),
        "statistic": float(DAILY[name](sample)[begin]),
    }


def _window_values(case: PanelCase, name: str, begin: int, end: int) -> dict[str, float]:
    """A test of ours over several days: the cumulative return in place of a day's."""
    test = next((test for test in TESTS.values() if test.statistic is DAILY[name]), None)
    if test is None:
        raise InputError(f"{name!r} is a test of one day; over several days ask car_{name}")
    total = cumulated(case.fitted, begin, end)
    return {
        "mean": float(day_mean(total.event)[0]),
        "median": float(np.nanmedian(total.event)),
        "statistic": float(over_window(case.abnormal().only(slice(begin, end + 1)), total, test).statistic[0]),
    }


def is_number(text: str) -> bool:
    """Whether a cell holds a finite number."""
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _days(stated: Any) -> Days:
    first, last = (date.fromisoformat(str(day)) for day in stated)
    return first, last
