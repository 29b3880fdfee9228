"""One event, studied: abnormal returns of a security and of the others that shared its day, with every test."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np

from waterline.core.errors import InputError
from waterline.market.event_study.abnormal import textbook
from waterline.market.event_study.battery import Outcome, window_outcomes
from waterline.market.event_study.buy_and_hold import buy_and_hold
from waterline.market.event_study.evidence import Evidence
from waterline.market.event_study.least_squares import Fit, Model
from waterline.market.event_study.models import MODELS, fit
from waterline.market.event_study.panel import Panel, read_panel
from waterline.market.event_study.permutation import window_permutation
from waterline.market.event_study.sample import Sample, around, check_offsets, check_window
from waterline.market.prices.returns import refuse_splits

ESTIMATION, WINDOW = (-260, -11), (0, 0)
PATH = (-10, 20)  # days shown around the event where the returns reach that far
LEAST_OWN = 10  # estimation days, besides one for each factor, below which a security is not studied
LEAST_ESTIMATION = 60  # estimation days below which a security takes no part in the group's tests
LARGEST_USUAL = 0.1  # of a factor on the middle day; above it stand percent or prices
SPANS = ((0, 0), (-1, 1), (0, 1), (0, 4), (0, 20), (-10, 20))
Window = tuple[int, int] | tuple[date, date]


@dataclass(frozen=True)
class Event:
    """What is asked: whose event, when, and by which windows (trading days from the event, or dates) and model."""

    ticker: str
    day: date
    estimation: Window = ESTIMATION
    window: Window = WINDOW
    model: Model = "market"
    group: tuple[str, ...] = ()
    factors: Path | None = None


@dataclass(frozen=True)
class Study:
    """An event with its returns, ready to be asked for numbers."""

    event: Event
    evidence: Evidence
    panel: Panel
    place: int
    estimation: tuple[int, int]
    window: tuple[int, int]
    group: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def day(self) -> date:
        """The trading day of the event."""
        found: date = self.panel.dates[self.place].astype(object)
        return found

    @cached_property
    def own(self) -> Fit:
        """The chosen model of the security itself."""
        return self.fitted((self.event.ticker,), self.window)

    @cached_property
    def together(self) -> Fit | None:
        """The chosen model of the group, or None when there is no group."""
        return self.fitted(self.group, self.window) if len(self.group) > 1 else None

    def fitted(self, names: Sequence[str], window: tuple[int, int], model: Model | None = None) -> Fit:
        """A model of some securities, its event window in trading days from the event."""
        return fit(self.sample(names, window), model or self.event.model)

    def sample(self, names: Sequence[str], window: tuple[int, int]) -> Sample:
        """Returns and factors of some securities in the estimation window and an event window."""
        columns = [self.panel.column(name) for name in names]
        chosen = dataclasses.replace(self.panel, names=tuple(names), returns=self.panel.returns[:, columns])
        return around(chosen, self.place, self.estimation, window)

    @cached_property
    def path(self) -> tuple[int, int]:
        """Days shown around the event: as wide as `PATH`, the returns and the estimation window allow."""
        first = max(PATH[0], -self.place, self.estimation[1] + 1 if self.estimation[1] < 0 else PATH[0])
        return min(first, 0), min(PATH[1], len(self.panel.dates) - 1 - self.place)

    def tests(self) -> dict[str, tuple[Outcome, str]]:
        """Every test with whom it is of: the security where one is enough, the group where several are needed."""
        own = {name: (found, self.event.ticker) for name, found in window_outcomes(self.own).items()}
        if self.together is None:
            return own
        label = f"{len(self.group)} names"
        return {**{name: (found, label) for name, found in self.group_tests().items()}, **own}

    def group_tests(self) -> dict[str, Outcome]:
        """Every test of the group."""
        return {} if self.together is None else window_outcomes(self.together)

    def permutations(self) -> dict[str, float]:
        """p-values by the place of the event among all windows of its length, for the security and the group."""
        parts = {"ticker": self.own, "group": self.together}
        return {name: window_permutation(textbook(part)) for name, part in parts.items() if part is not None}

    def models(self) -> Mapping[Model, Fit]:
        """The security under every return model; the sector beside the market where there is one."""
        ticker = (self.event.ticker,)
        several = self.panel.factors.shape[1] > 1
        return {model: self.fitted(ticker, self.window, model) for model in MODELS if several or model != "factors"}

    def buy_and_hold(self) -> float:
        """What holding the security over the window made beyond holding the market."""
        sample = self.sample((self.event.ticker,), self.window)
        return float(buy_and_hold(np.expm1(sample.event), np.expm1(sample.event_factors[..., 0]))[0])

    def spans(self) -> Mapping[tuple[int, int], tuple[float, float]]:
        """Cumulative abnormal return and standard error over usual windows that the returns reach."""
        first, last = self.path
        fitted = self.fitted((self.event.ticker,), self.path)
        inside = [span for span in SPANS if first <= span[0] and span[1] <= last]
        return {span: self._cumulative(fitted, span[0] - first, span[1] - first) for span in inside}

    @staticmethod
    def _cumulative(fitted: Fit, first: int, last: int) -> tuple[float, float]:
        total, error = fitted.cumulative(first, last)
        return float(total[0]), float(error[0])


def study(event: Event, evidence: Evidence) -> Study:
    """Settle an event on trading days and check that the returns can answer it.

    Raises InputError for a day outside the returns, windows that overlap or reach beyond them, a security that did not
    trade, and prices with a split left in.
    """
    panel = _with_factors(evidence.panel, event.factors)
    notes = list(evidence.notes)
    panel.column(event.ticker)
    place = panel.first_on_or_after(event.day)
    day = panel.dates[place].astype(object)
    if day != event.day:
        notes.append(f"{event.day} is not a trading day; the event is taken on the next session, {day}")
    estimation, window = (_offsets(panel, place, part) for part in (event.estimation, event.window))
    check_offsets(estimation, window)
    if np.isnan(panel.returns[place, panel.column(event.ticker)]):
        raise InputError(f"{event.ticker} has no return on {day}: {_why(panel, event.ticker)}")
    check_window(panel, place, estimation)
    check_window(panel, place, window)
    _check_estimation(panel, event.ticker, place, estimation)
    ends = (panel.dates[np.clip(place + k, 0, len(panel.dates) - 1)] for k in (estimation[0], window[1]))
    notes.extend(refuse_splits({event.ticker: evidence.histories[event.ticker]}, *ends) if evidence.histories else [])
    names = event.group or evidence.companies
    group, left_out = _group(panel, names, place, estimation, window, required=bool(event.group))
    notes.extend(left_out)
    return Study(event, evidence, panel, place, estimation, window, group, tuple(notes))


def _offsets(panel: Panel, place: int, window: Window) -> tuple[int, int]:
    first, last = window
    if isinstance(first, int) and isinstance(last, int):
        return first, last
    assert isinstance(first, date)
    assert isinstance(last, date)
    begin = panel.first_on_or_after(max(first, panel.dates[0].astype(object)))
    end = int(np.searchsorted(panel.dates, np.datetime64(last), side="right")) - 1
    if end < begin:
        raise InputError(f"there is no trading day from {first} to {last}")
    return begin - place, end - place


def _check_estimation(panel: Panel, ticker: str, place: int, estimation: tuple[int, int]) -> None:
    """Raise InputError for a security that cannot be told from its market, or of which too little is known."""
    days = slice(place + estimation[0], place + estimation[1] + 1)
    returns, factors = panel.returns[days, panel.column(ticker)], panel.factors[days]
    there = ~np.isnan(returns) & ~np.isnan(factors).any(axis=1)
    least = LEAST_OWN + factors.shape[1]
    if there.sum() < least:
        raise InputError(f"{ticker} has {there.sum()} estimation days with returns; at least {least} are needed")
    if not np.ptp(returns[there]):
        raise InputError(f"the price of {ticker} does not move in the estimation window")
    for name, values in zip(panel.factor_names, factors[there].T, strict=True):
        if np.array_equal(values, returns[there]):
            raise InputError(f"{ticker} is explained by itself, as {name}; choose another market with --market")


def _group(
    panel: Panel, names: Sequence[str], place: int, estimation: tuple[int, int], window: tuple[int, int], required: bool
) -> tuple[tuple[str, ...], list[str]]:
    """Names with enough returns, and notes about the others; a name that was asked for must be there."""
    first, last = max(0, place + estimation[0]), place + estimation[1] + 1
    event = slice(max(0, place + window[0]), place + window[1] + 1)
    kept, notes = [], []
    for name in names:
        column = panel.returns[:, panel.column(name)]
        days = int((~np.isnan(column[first:last])).sum())
        moves = days > 0 and np.ptp(column[first:last][~np.isnan(column[first:last])]) > 0
        if days >= LEAST_ESTIMATION and moves and not np.isnan(column[event]).any():
            kept.append(name)
            continue
        reason = f"{name}: {days} estimation days with returns, a gap in the event window, or a price that never moves"
        if required:
            raise InputError(f"{reason}; at least {LEAST_ESTIMATION} are needed")
        notes.append(f"left out of the group, {reason}")
    return tuple(kept), notes


def _why(panel: Panel, ticker: str) -> str:
    there = np.flatnonzero(~np.isnan(panel.returns[:, panel.column(ticker)]))
    if not there.size:
        return "it has none at all"
    first, last = panel.dates[there[[0, -1]]]
    return (
        f"it was not traded, halted or delisted, then or on the session before; its returns run from {first} to {last}"
    )


def _with_factors(panel: Panel, path: Path | None) -> Panel:
    """The panel with the factors of a file in place of its own, on the days that both have."""
    if path is None:
        return panel
    try:
        with path.open(encoding="utf-8-sig") as stream:
            header = [name.strip() for name in stream.readline().split(",")][1:]
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"cannot read {path}: {getattr(problem, 'strerror', None) or problem}") from problem
    given = read_panel(path, [name for name in header if name.upper() != "RF"])
    place = np.searchsorted(given.dates, panel.dates)
    inside = np.minimum(place, len(given.dates) - 1)
    there = given.dates[inside] == panel.dates
    for name, values in zip(given.factor_names, given.factors.T, strict=True):
        usual = float(np.nanmedian(np.abs(values)))
        if usual > LARGEST_USUAL:
            raise InputError(f"{path}: {name} is {usual:.3g} on a usual day; give daily returns as fractions")
    if not there.any():
        raise InputError(f"{path} has no day in common with the returns of {panel.dates[0]} to {panel.dates[-1]}")
    factors = np.where(there[:, None], given.factors[inside], np.nan)
    rate = np.where(there, given.returns[inside, 0], np.nan)[:, None] if given.names else 0.0
    return dataclasses.replace(panel, returns=panel.returns - rate, factor_names=given.factor_names, factors=factors)
