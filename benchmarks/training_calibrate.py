"""Fit the bounded constants of the training engine to published runs, with leave-one-source-out errors.

    python benchmarks/training_calibrate.py [--write] [--without-source-check]

Least squares on the logarithm of the rate with a robust loss; each constant is held within its bounds and drawn
weakly towards its shipped value, so that constants which no row decides stay where their source put them.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import training_catalogue as catalogue
import yaml
from numpy.typing import NDArray
from scipy.optimize import least_squares

from waterline.core.errors import InputError
from waterline.performance.constants import Constants, default_constants
from waterline.performance.table import take
from waterline.performance.training.cases import Case, case_of
from waterline.performance.training.prediction import Batch, batch_of, predict, resolved
from waterline.performance.training.runs import Run, read_runs
from waterline.performance.training.step import step_time
from waterline.performance.training.uncertainty import kind_of_case

ROWS = Path(__file__).resolve().parents[2] / "shared" / "validation" / "training_runs.csv"
PERFORMANCE = Path(__file__).resolve().parents[1] / "src" / "waterline" / "performance"
CONSTANTS = (PERFORMANCE / "constants.yaml", PERFORMANCE / "training" / "constants.yaml")
CALIBRATION = PERFORMANCE / "training" / "calibration.yaml"
Errors = NDArray[np.float64]
TYPICAL_ERROR = 0.06  # where the robust loss turns from quadratic to linear
VISIBLE = 0.002  # change of a prediction, in natural logarithms, for a tenth off a constant that counts as moved
PULL = 0.15  # weight of one natural-log unit away from the shipped value, against one row


def read_cases(constants: Constants) -> list[Case]:
    """The published runs that have a rate to compare with and can be represented."""
    chips, models = catalogue.chips(), catalogue.models()
    cases = []
    for run in read_runs(ROWS):
        try:
            if isinstance(run, Run) and run.measured:
                cases.append(case_of(run, chips, models, constants))
        except InputError as error:
            print(f"left out: {error}")
    return cases


def free_names(constants: Constants, cases: list[Case]) -> list[str]:
    """Constants with bounds that change the prediction of at least one row."""
    batch = pruned(cases, constants)
    usual = predict(batch, constants)[0]
    bounded = [name for name, entry in constants.entries.items() if entry.bounds and entry.value > 0]
    return [
        name
        for name in bounded
        if np.any(predict(batch, constants.with_values({name: 0.95 * constants[name]}))[0] != usual)
    ]


def pruned(cases: list[Case], constants: Constants, keep: int = 4) -> Batch:
    """The cases with only their few fastest fitting plans, so that fitting is quick."""
    batch = batch_of(cases, constants)
    _, _, chosen = predict(batch, constants)
    machine, practice = resolved(batch.cases, constants, batch.owner)
    seconds = step_time(machine, practice, batch.shape, batch.job, batch.plans).total
    seconds = np.where(batch.fit <= 1.0, seconds, np.inf)
    order = np.lexsort((seconds, batch.owner))
    rank = np.arange(order.size) - np.searchsorted(batch.owner[order], batch.owner[order])
    index = np.sort(np.unique(np.concatenate([order[(rank < keep) & np.isfinite(seconds[order])], chosen])))
    return Batch(
        batch.cases,
        batch.owner[index],
        take(batch.shape, index),
        take(batch.job, index),
        take(batch.plans, index),
        batch.fit[index],
    )


def log_errors(batch: Batch, constants: Constants) -> Errors:
    """ln(predicted / measured) per case."""
    measured = np.array([case.run.measured or np.nan for case in batch.cases])
    return np.asarray(np.log(predict(batch, constants)[0] / measured))


def fit(cases: list[Case], constants: Constants, names: list[str], rounds: int = 3) -> Constants:
    """The constants that fit the cases."""
    start = constants
    bounds = np.array([start.entries[name].bounds for name in names], dtype=float)
    floor = np.maximum(bounds[:, 0], 1e-3 * bounds[:, 1])
    low, high = np.log(floor), np.log(bounds[:, 1])
    prior = np.clip(np.log([max(start[name], 1e-12) for name in names]), low, high)
    current = constants
    point = prior
    for _ in range(rounds):
        batch = pruned(cases, current)

        def residuals(values: Errors, batch: Batch = batch) -> Errors:
            changed = start.with_values(dict(zip(names, np.exp(values), strict=True)))
            error = log_errors(batch, changed)
            robust = TYPICAL_ERROR * np.sqrt(2.0 * (np.sqrt(1.0 + (error / TYPICAL_ERROR) ** 2) - 1.0))
            return np.concatenate([robust, PULL * (values - prior)])

        solution = least_squares(
            residuals,
            np.clip(point, low + 1e-6, high - 1e-6),
            bounds=(low, high),
            diff_step=1e-3,
            max_nfev=12,
            x_scale=0.2,
        )
        point = solution.x
        current = start.with_values(dict(zip(names, np.exp(point), strict=True)))
    return current


def influence(cases: list[Case], constants: Constants, names: list[str]) -> dict[str, str]:
    """For each fitted constant, without its kind: how many rows it moves, and the sources of most of them."""
    batch = pruned(cases, constants)
    usual = predict(batch, constants)[0]
    said: dict[str, str] = {}
    for base in sorted({name.split(".")[0] for name in names}):
        changes = {name: 0.9 * constants[name] for name in names if name.split(".")[0] == base}
        moved = np.abs(np.log(predict(batch, constants.with_values(changes))[0] / usual)) > VISIBLE
        sources = Counter(case.run.groups["source_key"] for case, hit in zip(cases, moved, strict=True) if hit)
        most = ", ".join(source for source, _ in sources.most_common(4))
        said[base] = f"fitted to {int(moved.sum())} published rows that it moves, most of {most}"
    return said


def written(text: str, constants: Constants, names: list[str], origins: dict[str, str]) -> str:
    """The text of a file of constants with fitted values, rounded to three digits, and their origins in place."""
    for base in sorted({name.split(".")[0] for name in names}):
        entry = re.search(rf"(?m)^  {base}:\n    value: (.*)$", text)
        if entry is None:
            continue  # it stands in the other file
        old = yaml.safe_load(entry.group(1))
        if isinstance(old, dict):
            kinds = {kind: constants[base if kind == "other" else f"{base}.{kind}"] for kind in old}
            new = "{" + ", ".join(f"{kind}: {_digits(value)}" for kind, value in kinds.items()) + "}"
        else:
            new = _digits(constants[base])
        text = text[: entry.start(1)] + new + text[entry.end(1) :]
        origin = re.compile(rf"(?m)(^  {base}:\n(?:    .*\n)*?    origin: ).*$")
        text = origin.sub(lambda found, base=base: found.group(1) + origins[base], text, count=1)
    return text


def _digits(value: float) -> str:
    text = f"{value:.3g}"
    return text if "e" not in text or "." in text else text.replace("e", ".0e")


def left_out(cases: list[Case], constants: Constants, names: list[str]) -> Errors:
    """ln(predicted / measured) of each case, by constants fitted to the rows of all other sources."""
    held = np.full(len(cases), np.nan)
    for source in sorted({case.run.groups["source_key"] for case in cases}):
        inside = [case for case in cases if case.run.groups["source_key"] != source]
        outside = [index for index, case in enumerate(cases) if case.run.groups["source_key"] == source]
        others = fit(inside, constants, names, rounds=1)
        held[outside] = log_errors(batch_of([cases[index] for index in outside], others), others)
        print(source, _summary(held[outside]), flush=True)
    return held


def tables(cases: list[Case], constants: Constants, inside: Errors, outside: Errors) -> dict[str, Any]:
    """Errors in sample and with the source left out: of all rows, by kind, accelerator and source."""
    columns = {
        "kind": [kind_of_case(case, constants) for case in cases],
        "accelerator": [case.run.accelerator for case in cases],
        "source": [case.run.groups["source_key"] for case in cases],
    }
    table: dict[str, Any] = {"all": {"in_sample": _summary(inside), "source_left_out": _summary(outside)}}
    for column, values in columns.items():
        table[column] = {}
        for value in sorted(set(values)):
            rows = np.array([entry == value for entry in values])
            table[column][value] = {"in_sample": _summary(inside[rows]), "source_left_out": _summary(outside[rows])}
    return table


def _summary(errors: Errors) -> dict[str, float]:
    percent = 100.0 * np.expm1(errors)
    return {
        "rows": int(percent.size),
        "median_abs_pct_error": round(float(np.median(abs(percent))), 1),
        "p90_abs_pct_error": round(float(np.quantile(abs(percent), 0.9)), 1),
        "bias_pct": round(float(np.median(percent)), 1),
    }


def main() -> None:
    constants = default_constants()
    cases = read_cases(constants)
    names = free_names(constants, cases)
    fitted = fit(cases, constants, names)
    inside = log_errors(batch_of(cases, fitted), fitted)
    print("in sample", _summary(inside))
    for name in names:
        print(f"{name:40s} {constants[name]:12.5g} -> {fitted[name]:12.5g}  {constants.entries[name].bounds}")
    if "--write" in sys.argv:
        origins = influence(cases, fitted, names)
        for path in CONSTANTS:
            path.write_text(written(path.read_text("utf-8"), fitted, names, origins), "utf-8")
    if "--without-source-check" not in sys.argv:
        outside = left_out(cases, constants, names)
        print("source left out", _summary(outside))
        if "--write" in sys.argv:
            header = "# Errors of the engine on published runs, written by benchmarks/training_calibrate.py.\n"
            CALIBRATION.write_text(header + yaml.safe_dump(tables(cases, fitted, inside, outside)), "utf-8")


if __name__ == "__main__":
    main()
