"""Predictions of published training runs, and how far they are off."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from waterline.core.errors import InputError
from waterline.performance.chip import Chip
from waterline.performance.constants import Constants, default_constants
from waterline.performance.model import Model
from waterline.performance.published_rows import Refusal
from waterline.performance.shipped import shipped
from waterline.performance.tally import Tally
from waterline.performance.training.cases import Case, case_of
from waterline.performance.training.prediction import batch_of, predict
from waterline.performance.training.runs import Run, read_runs
from waterline.performance.training.spool import Spool
from waterline.performance.training.uncertainty import interval, kind_of_case

BLOCK = 500  # runs predicted together, so that a file of any length needs little memory
REMEMBERED = 20_000  # different runs whose predictions are kept for rows that repeat them


def validate_training(
    path: Path | str,
    chips: Mapping[str, Chip],
    models: Mapping[str, Model],
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Predict every run of a CSV file and report how far off the predictions are.

    `chips` and `models` are looked up by name; a row's own shapes come before a known model's. `progress` is
    called with the number of rows done. The report has `rows, covered, median_abs_pct_error, p90_abs_pct_error,
    bias_pct` (median signed error), `interval90_coverage, by_group` (keys "column=value") and `predictions`, one
    per row in file order, with `reason` where a row is not covered, contradicts itself or has nothing to compare
    with; `calibration` sets beside them how far the engine was off on the rows it was fitted to, and on rows left
    out of the fit. A file of any length is read in bounded memory; what is listed is spooled to disk.

    Raises InputError when the file cannot be read or lacks a required column.
    """
    predictor = _Predictor(chips, models, default_constants())
    everything, groups, predictions = Tally(), defaultdict[str, Tally](Tally), Spool()
    rows = iter(read_runs(path))
    while block := list(itertools.islice(rows, BLOCK)):
        for run, entry in zip(block, predictor.entries(block), strict=True):
            everything.add(entry)
            for column, value in _groups(run, entry.pop("class", "")).items():
                groups[f"{column}={value}"].add(entry)
            predictions.append(entry)
        if progress:
            progress(len(predictions))
    return {
        "rows": len(predictions),
        **everything.errors(),
        "by_group": {name: {"rows": tally.rows, **tally.errors()} for name, tally in sorted(groups.items())},
        "calibration": calibration(),
        "predictions": predictions,
    }


@cache
def calibration() -> Mapping[str, Any]:
    """Errors on the rows that fitted the constants, in sample and with each row's source left out of the fit."""
    loaded: Mapping[str, Any] = shipped("training/calibration.yaml")
    return loaded


@dataclass(frozen=True)
class _Prediction:
    """What a run comes to, apart from its name and what was measured; `refusal` when it cannot be represented."""

    rate: float = 0.0
    low: float = 0.0
    high: float = 0.0
    kind: str = ""
    doubt: str = ""
    refusal: str = ""


class _Predictor:
    """Predicts blocks of rows, those that say the same once."""

    def __init__(self, chips: Mapping[str, Chip], models: Mapping[str, Model], constants: Constants) -> None:
        self._chips, self._models, self._constants = chips, models, constants
        self._known: dict[Hashable, _Prediction] = {}

    def entries(self, block: list[Run | Refusal]) -> list[dict[str, Any]]:
        """One entry per row, in order."""
        runs = {_said(run): run for run in block if isinstance(run, Run)}
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._predict({said: run for said, run in runs.items() if said not in self._known})
        return [
            _uncovered(run.identifier, run.row, run.reason)
            if isinstance(run, Refusal)
            else _entry(run, self._known[_said(run)])
            for run in block
        ]

    def _predict(self, runs: Mapping[Hashable, Run]) -> None:
        cases: dict[Hashable, Case] = {}
        for said, run in runs.items():
            try:
                cases[said] = case_of(run, self._chips, self._models, self._constants)
            except InputError as error:
                self._known[said] = _Prediction(refusal=str(error))
        if not cases:
            return
        rates = predict(batch_of(list(cases.values()), self._constants), self._constants)[0]
        for (said, case), rate in zip(cases.items(), rates.tolist(), strict=True):
            low, high = interval(case, rate, self._constants)
            self._known[said] = _Prediction(rate, low, high, kind_of_case(case, self._constants), case.doubt)


def _said(run: Run) -> Hashable:
    """What a run says, without its name, its place and what was measured."""
    silent = ("identifier", "row", "measured", "groups", "plan")
    return (*(value for name, value in vars(run).items() if name not in silent), *sorted(run.plan.items()))


def _groups(run: Run | Refusal, kind: str) -> dict[str, str]:
    if isinstance(run, Refusal):
        return {}
    return {name: value for name, value in {**run.groups, "class": kind}.items() if value}


def _entry(run: Run, found: _Prediction) -> dict[str, Any]:
    if found.refusal:
        return _uncovered(run.identifier, run.row, f"row {run.row}: {found.refusal}")
    measured = run.measured
    entry = {
        "id": run.identifier,
        "row": run.row,
        "predicted": found.rate,
        "low": found.low,
        "high": found.high,
        "measured": measured,
        "error_pct": 100.0 * (found.rate / measured - 1.0) if measured else None,
        "class": found.kind,
    }
    reasons = [f"row {run.row}: {found.doubt}"] if found.doubt else []
    if not measured:
        reasons.append("predicted, but the row gives neither tokens/s nor a step time to compare with")
    if reasons:
        entry["reason"] = "; ".join(reasons)
    return entry


def _uncovered(identifier: str, row: int, reason: str) -> dict[str, Any]:
    return {"id": identifier, "row": row, "predicted": None, "measured": None, "error_pct": None, "reason": reason}
