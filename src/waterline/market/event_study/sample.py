"""The estimation and the event window of every event, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from waterline.core.errors import InputError
from waterline.market.event_study.panel import Panel, Returns

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Returns of events in their two windows; NaN where missing.

    ``estimation`` (events, estimation days) and ``event`` (events, event days); factors have a third axis for the
    factors, the market first, and one event's worth of them serves all events when they share their days.
    """

    estimation: Returns
    event: Returns
    estimation_factors: Returns
    event_factors: Returns

    def in_excess_of(self, estimation_rate: Returns, event_rate: Returns, market_too: bool) -> Sample:
        """The same sample in returns above the risk-free rate, (events or 1, days) for each window.

        ``market_too`` also takes it from the first factor, for a market return that is not yet an excess return.
        """
        before, after = self.estimation_factors.copy(), self.event_factors.copy()
        if market_too:
            before[..., 0] -= estimation_rate
            after[..., 0] -= event_rate
        return Sample(self.estimation - estimation_rate, self.event - event_rate, before, after)


def common_windows(panel: Panel, estimation: tuple[date, date], event: tuple[date, date]) -> Sample:
    """All securities of a panel in the same two windows, given by their first and last dates.

    Raises InputError for a window that is upside down or holds no trading day.
    """
    return _of_rows(panel, rows_between(panel, *estimation), rows_between(panel, *event))


def rows_between(panel: Panel, first: date, last: date) -> Rows:
    """Places of the panel's days from ``first`` to ``last``. Raises InputError when there is none."""
    if first > last:
        raise InputError(f"a window cannot end on {last}, before it starts on {first}")
    inside = (panel.dates >= np.datetime64(first)) & (panel.dates <= np.datetime64(last))
    if not inside.any():
        raise InputError(f"no trading day from {first} to {last} in returns of {panel.dates[0]} to {panel.dates[-1]}")
    return np.flatnonzero(inside)


def around(panel: Panel, place: int, estimation: tuple[int, int], window: tuple[int, int]) -> Sample:
    """All securities of a panel around one event day, the windows in trading days from it."""
    check_offsets(estimation, window)
    rows = [_offset_rows(panel, place, *offsets) for offsets in (estimation, window)]
    return _of_rows(panel, *rows)


def _of_rows(panel: Panel, estimation: Rows, event: Rows) -> Sample:
    return Sample(
        panel.returns[estimation].T, panel.returns[event].T, panel.factors[None, estimation], panel.factors[None, event]
    )


def gather(
    panel: Panel,
    columns: Sequence[int] | Rows,
    places: Sequence[int] | Rows,
    estimation: tuple[int, int],
    window: tuple[int, int],
) -> Sample:
    """Many events: security ``columns[k]`` on day ``places[k]``, the windows in trading days from each event.

    Raises InputError when a window reaches beyond the panel.
    """
    check_offsets(estimation, window)
    column, place = np.asarray(columns)[:, None], np.asarray(places)[:, None]
    reach = min(estimation[0], window[0]), max(estimation[1], window[1])
    if place.min() + reach[0] < 0 or place.max() + reach[1] >= len(panel.dates):
        raise InputError(f"windows of {reach[0]} to {reach[1]} days reach beyond the returns of some event")
    before = place + np.arange(estimation[0], estimation[1] + 1)
    after = place + np.arange(window[0], window[1] + 1)
    return Sample(
        panel.returns[before, column], panel.returns[after, column], panel.factors[before], panel.factors[after]
    )


def check_offsets(estimation: tuple[int, int], window: tuple[int, int]) -> None:
    """Raise InputError for windows that are upside down or overlap."""
    for name, (first, last) in (("estimation", estimation), ("event", window)):
        if first > last:
            raise InputError(f"the {name} window {first},{last} is upside down: write {last},{first}")
    if estimation[1] >= window[0] and window[1] >= estimation[0]:
        raise InputError(
            f"the estimation window {estimation[0]},{estimation[1]} overlaps the event window {window[0]},{window[1]}; "
            f"end it before day {window[0]}"
        )


def check_window(panel: Panel, place: int, window: tuple[int, int]) -> None:
    """Raise InputError for a window around a day that reaches beyond the panel."""
    first, last = window
    if place + first < 0 or place + last >= len(panel.dates):
        raise InputError(
            f"a window of {first} to {last} trading days around {panel.dates[place]} reaches beyond the returns, which "
            f"run from {panel.dates[0]} to {panel.dates[-1]}: {-place} to {len(panel.dates) - 1 - place} are there"
        )


def _offset_rows(panel: Panel, place: int, first: int, last: int) -> Rows:
    check_window(panel, place, (first, last))
    return np.arange(place + first, place + last + 1)
