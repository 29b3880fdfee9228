"""Predictions of published training runs, and how far they are off."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from waterline.core.errors import InputError
from waterline.performance.chip import Chip
from waterline.performance.constants import Constants, default_constants
from waterline.performance.model import Model
from waterline.performance.training.cases import Case, case_of
from waterline.performance.training.prediction import batch_of, predict
from waterline.performance.training.runs import Refusal, Run, read_runs
from waterline.performance.training.uncertainty import interval, kind_of_case

BLOCK = 500  # runs predicted together, so that a file of any length needs little memory


def validate_training(
    path: Path | str,
    chips: Mapping[str, Chip],
    models: Mapping[str, Model],
    constants: Constants | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Predict every run of a CSV file and report how far off the predictions are.

    `chips` and `models` are looked up by name; a row's own shapes come before a known model's. `progress` is
    called with the number of rows done. The report has `rows, covered, median_abs_pct_error, p90_abs_pct_error,
    bias_pct` (median signed error), `interval90_coverage, by_group` (keys "column=value") and `predictions`, one
    per row in file order, with `reason` where a row is not covered or has nothing to compare with; `calibration` sets
    beside them how far the engine was off on the rows it was fitted to, with and without their own source.

    Raises InputError when the file cannot be read or lacks a required column.
    """
    constants = constants or default_constants()
    predictions: list[dict[str, Any]] = []
    rows = iter(read_runs(path))
    while block := list(itertools.islice(rows, BLOCK)):
        predictions.extend(_predicted(block, chips, models, constants))
        if progress:
            progress(len(predictions))
    report: dict[str, Any] = {"rows": len(predictions), **errors_of(predictions)}
    report["by_group"] = _by_group(predictions)
    report["calibration"] = calibration()
    report["predictions"] = [{key: value for key, value in entry.items() if key != "groups"} for entry in predictions]
    return report


@cache
def calibration() -> Mapping[str, Any]:
    """Errors on the rows that fitted the constants, in sample and with each row's source left out of the fit."""
    import yaml

    text = resources.files("waterline.performance.training").joinpath("calibration.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


def _predicted(
    block: list[Run | Refusal],
    chips: Mapping[str, Chip],
    models: Mapping[str, Model],
    constants: Constants,
) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    cases: list[Case] = []
    for run in block:
        if isinstance(run, Refusal):
            entries.append(_uncovered(run.identifier, run.row, run.reason, {}))
            continue
        try:
            cases.append(case_of(run, chips, models, constants))
            entries.append({})
        except InputError as error:
            entries.append(_uncovered(run.identifier, run.row, f"row {run.row}: {error}", run.groups))
    if cases:
        rates = predict(batch_of(cases, constants), constants)[0]
        done = iter([_covered(case, float(rate), constants) for case, rate in zip(cases, rates, strict=True)])
        entries = [entry or next(done) for entry in entries]
    return entries


def _uncovered(identifier: str, row: int, reason: str, groups: dict[str, str]) -> dict[str, Any]:
    return {
        "id": identifier,
        "row": row,
        "predicted": None,
        "measured": None,
        "error_pct": None,
        "reason": reason,
        "groups": groups,
    }


def _covered(case: Case, rate: float, constants: Constants) -> dict[str, Any]:
    low, high = interval(case, rate, constants)
    measured = case.run.measured
    entry = {
        "id": case.run.identifier,
        "row": case.run.row,
        "predicted": rate,
        "low": low,
        "high": high,
        "measured": measured,
        "error_pct": 100.0 * (rate / measured - 1.0) if measured else None,
        "groups": {**case.run.groups, "class": kind_of_case(case, constants)},
    }
    reasons = [f"row {case.run.row}: {case.doubt}"] if case.doubt else []
    if not measured:
        reasons.append("predicted, but the row gives neither tokens/s nor a step time to compare with")
    if reasons:
        entry["reason"] = "; ".join(reasons)
    return entry


def errors_of(predictions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Covered rows, error quantiles and interval coverage of some predictions; None where nothing is measured."""
    entries = list(predictions)
    covered = [entry for entry in entries if entry["predicted"] is not None]
    compared = [entry for entry in covered if entry["measured"]]
    errors = np.array([entry["error_pct"] for entry in compared], dtype=float)
    inside = [entry["low"] <= entry["measured"] <= entry["high"] for entry in compared]
    size = np.abs(errors)
    return {
        "covered": len(covered),
        "compared": len(compared),
        "median_abs_pct_error": float(np.median(size)) if errors.size else None,
        "p90_abs_pct_error": float(np.quantile(size, 0.9)) if errors.size else None,
        "bias_pct": float(np.median(errors)) if errors.size else None,
        "interval90_coverage": float(np.mean(inside)) if inside else None,
    }


def _by_group(predictions: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in predictions:
        for column, value in entry["groups"].items():
            if value:
                groups.setdefault(f"{column}={value}", []).append(entry)
    return {name: {"rows": len(entries), **errors_of(entries)} for name, entries in sorted(groups.items())}
