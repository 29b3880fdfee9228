"""Predictions of published serving runs, and how far they are off."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from waterline.core.errors import InputError
from waterline.performance.chip import Chip
from waterline.performance.constants import Constants
from waterline.performance.model import Model
from waterline.performance.published_rows import Refusal
from waterline.performance.serving.cases import ServedCase, batch_of, case_of
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.prediction import predict
from waterline.performance.serving.rows import ServedRun, read_served_runs
from waterline.performance.serving.uncertainty import half_width
from waterline.performance.shipped import shipped
from waterline.performance.tally import errors_of

BLOCK = 500  # runs predicted together, so that a file of any length needs little memory
METRICS = {"tpot": 1e3, "ttft": 1e3, "throughput": 1.0}  # milliseconds, milliseconds, output tokens/s
CROSSINGS = (
    ("use", "metric"),
    ("use", "metric_kind", "metric"),
    *((column, "metric") for column in ("accelerator", "engine_family", "model", "source")),
)


def validate_serving(
    path: Path | str,
    chips: Mapping[str, Chip],
    models: Mapping[str, Model],
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Predict every run of a CSV file and report how far off the predictions are.

    A run gives one entry of `predictions` for each metric that it states: `tpot` and `ttft` in ms, `throughput` in
    output tokens/s. The overall errors take time per token and time to first token where a run has them, and
    throughput otherwise; throughput that the file derives from the other two counts in its own groups alone. Runs
    whose `use` is `exclude` are predicted but count only in the group `use=exclude`. `rows` and `covered` count
    runs, `compared` counts entries. Other keys as in the training engine's report.

    Raises InputError when the file cannot be read or lacks a required column.
    """
    constants = serving_constants()
    entries: list[dict[str, Any]] = []
    rows = iter(read_served_runs(path))
    done = 0
    while block := list(itertools.islice(rows, BLOCK)):
        entries.extend(_predicted(block, chips, models, constants))
        done += len(block)
        if progress:
            progress(done)
    counted = [entry for entry in entries if not entry["excluded"]]
    report: dict[str, Any] = {"rows": done, **errors_of(e for e in counted if not e["derived"])}
    report["covered"] = len({entry["row"] for entry in entries if entry["predicted"] is not None})
    report["by_group"] = _by_group(entries)
    report["calibration"] = calibration()
    report["predictions"] = [{key: value for key, value in entry.items() if key != "groups"} for entry in entries]
    return report


@cache
def calibration() -> Mapping[str, Any]:
    """Errors on the rows that fitted the constants, in sample and with each row's source left out of the fit."""
    loaded: Mapping[str, Any] = shipped("serving/calibration.yaml")
    return loaded


def _predicted(
    block: list[ServedRun | Refusal], chips: Mapping[str, Chip], models: Mapping[str, Model], constants: Constants
) -> list[dict[str, Any]]:
    cases: list[ServedCase] = []
    places: list[list[dict[str, Any]] | None] = []
    for run in block:
        if isinstance(run, Refusal):
            places.append([_uncovered(run.identifier, run.row, run.reason, {})])
            continue
        try:
            cases.append(case_of(run, chips, models, constants))
            places.append(None)
        except InputError as error:
            places.append([_uncovered(run.identifier, run.row, f"row {run.row}: {error}", _groups(run))])
    done = iter(_covered(cases, constants)) if cases else iter(())
    return [entry for place in places for entry in (place if place is not None else next(done))]


def _uncovered(identifier: str, row: int, reason: str, groups: dict[str, str]) -> dict[str, Any]:
    excluded = groups.get("use") == "exclude"
    return {
        "id": identifier, "row": row, "metric": None, "predicted": None, "measured": None, "error_pct": None,
        "excluded": excluded, "derived": False, "reason": reason, "groups": groups,
    }  # fmt: skip


def _covered(cases: list[ServedCase], constants: Constants) -> list[list[dict[str, Any]]]:
    predicted = predict(batch_of(cases, constants), constants)
    return [
        [
            _entry(case, metric, float(getattr(predicted, metric)[index]), constants)
            for metric in METRICS
            if getattr(case.run, metric) is not None
        ]
        or [_entry(case, "throughput", float(predicted.throughput[index]), constants)]
        for index, case in enumerate(cases)
    ]


def _entry(case: ServedCase, metric: str, value: float, constants: Constants) -> dict[str, Any]:
    run, scale = case.run, METRICS[metric]
    low, high = half_width(case, metric, constants)
    stated = getattr(run, metric)
    measured = scale * stated if stated is not None else None
    entry = {
        "id": run.identifier,
        "row": run.row,
        "metric": metric,
        "predicted": scale * value,
        "low": scale * value / high,
        "high": scale * value / low,
        "measured": measured,
        "error_pct": 100.0 * (value / stated - 1.0) if stated else None,
        "excluded": run.excluded,
        "derived": metric == "throughput" and run.derived,
        "groups": {**_groups(run), "engine_family": case.software.engine, "metric": metric},
    }
    if run.excluded:
        entry["reason"] = "predicted, not counted: the row is marked use=exclude"
    elif measured is None:
        entry["reason"] = "predicted, but the row states no latency or throughput to compare with"
    return entry


def _groups(run: ServedRun) -> dict[str, str]:
    return {**run.groups, "engine": run.engine, "model": run.model.name, "source": run.groups["source_key"]}


def _by_group(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        named = entry["groups"]
        keys = [f"{column}={value}" for column, value in named.items() if value]
        keys += [
            ",".join(f"{c}={named[c]}" for c in crossing) for crossing in CROSSINGS if all(map(named.get, crossing))
        ]
        if entry["excluded"]:
            keys = ["use=exclude"]
        for key in keys:
            groups.setdefault(key, []).append(entry)
    return {name: {"rows": len(found), **errors_of(found)} for name, found in sorted(groups.items())}
