"""Fit the bounded constants of the training engine to published runs, with errors of rows left out of the fit.

    python benchmarks/training_calibrate.py [--write]

Robust least squares on the logarithm of the rate (Gauss-Newton). Each constant is held within its bounds and drawn
towards the value expected of it before any row is seen, so that constants which few rows decide stay near what
data sheets and papers suggest. Left out are, in turn, every source, and an eighth of the groups of one source and
model; those fits start from the linearised errors of the full one.
"""

from __future__ import annotations

import sys
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shipped_facts as shipped
import yaml
from calibration import summary, written
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
PULL = 0.4  # weight of one natural-log unit away from the expected value, against one row
STRIDE = 0.02  # change of a constant, in natural logarithms, for its derivative
ROUNDS = 4
TRUST = 0.25  # change of a constant in one round of the fit
TRUST_LEFT_OUT = 0.6  # and when rows are left out
PARTS = 8  # into which groups of one source and model are divided


def read_cases(constants: Constants) -> list[Case]:
    """The published runs that have a rate to compare with and can be represented."""
    chips, models = shipped.chips(), shipped.models()
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


def pruned(cases: list[Case], constants: Constants, keep: int = 3) -> Batch:
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


@dataclass(frozen=True)
class Fit:
    """Constants at the optimum, and how the errors of `cases` depend on the logarithms of those named."""

    cases: list[Case]
    names: list[str]
    constants: Constants
    point: Errors
    errors: Errors
    slopes: Errors

    def with_point(self, point: Errors) -> Constants:
        """The constants at another point."""
        return self.constants.with_values(dict(zip(self.names, np.exp(point).tolist(), strict=True)))


def limits(constants: Constants, names: list[str]) -> tuple[Errors, Errors, Errors]:
    """Lower and upper bounds and expected values, in natural logarithms."""
    entries = [constants.entries[name] for name in names]
    bounds = np.array([entry.bounds for entry in entries], dtype=float)
    low, high = np.log(np.maximum(bounds[:, 0], 1e-3 * bounds[:, 1])), np.log(bounds[:, 1])
    return low, high, np.clip(np.log([max(entry.expected, 1e-12) for entry in entries]), low, high)


def linearised(cases: list[Case], constants: Constants, names: list[str]) -> Fit:
    """Errors at the constants and their derivatives."""
    batch = pruned(cases, constants)
    errors = log_errors(batch, constants)
    point = np.log([max(constants[name], 1e-12) for name in names])
    high = limits(constants, names)[1]
    slopes = np.zeros((len(cases), len(names)))
    for index, name in enumerate(names):
        stride = STRIDE if point[index] + STRIDE < high[index] else -STRIDE
        changed = constants.with_values({name: float(np.exp(point[index] + stride))})
        slopes[:, index] = (log_errors(batch, changed) - errors) / stride
    return Fit(cases, names, constants, point, errors, slopes)


def best_point(model: Fit, rows: NDArray[np.bool_], trust: float) -> Errors:
    """The point within `trust` of the model's that fits the `rows` of its linear errors best."""
    low, high, expected = limits(model.constants, model.names)
    low, high = np.maximum(low, model.point - trust), np.minimum(high, model.point + trust)
    errors, slopes = model.errors[rows], model.slopes[rows]

    def residuals(point: Errors) -> Errors:
        error = errors + slopes @ (point - model.point)
        robust = TYPICAL_ERROR * np.sqrt(2.0 * (np.sqrt(1.0 + (error / TYPICAL_ERROR) ** 2) - 1.0))
        return np.concatenate([robust, PULL * (point - expected)])

    start = np.clip(model.point, low + 1e-9, high - 1e-9)
    return np.asarray(least_squares(residuals, start, bounds=(low, high), x_scale=0.2).x)


def fit(cases: list[Case], constants: Constants, names: list[str]) -> Fit:
    """The constants that fit the cases."""
    everyone = np.ones(len(cases), dtype=bool)
    low, high, _ = limits(constants, names)
    inside = np.clip(np.log([max(constants[name], 1e-12) for name in names]), low, high)
    model = linearised(cases, constants.with_values(dict(zip(names, np.exp(inside).tolist(), strict=True))), names)
    for _ in range(ROUNDS):
        point = best_point(model, everyone, TRUST)
        model = linearised(cases, model.with_point(point), names)
        print("fit", summary(model.errors), flush=True)
    return model


def influence(cases: list[Case], constants: Constants, names: list[str]) -> dict[str, str]:
    """For each fitted constant, without its kind: how many rows it moves, and the sources of most of them."""
    batch = pruned(cases, constants)
    usual = predict(batch, constants)[0]
    said: dict[str, str] = {}
    for base in sorted({name.split(".")[0] for name in names}):
        changes = {name: 0.9 * constants[name] for name in names if name.split(".")[0] == base}
        moved = np.abs(np.log(predict(batch, constants.with_values(changes))[0] / usual)) > VISIBLE
        hit = Counter(source for source, moves in zip(sources(cases), moved, strict=True) if moves)
        most = ", ".join(source for source, _ in hit.most_common(4))
        said[base] = f"fitted to {int(moved.sum())} published rows that it moves, most of {most}"
    return said


def left_out(model: Fit, parts: list[str]) -> Errors:
    """ln(predicted / measured) of each case, by constants fitted to the rows of all other `parts`."""
    held = np.full(len(model.cases), np.nan)
    for part in sorted(set(parts)):
        inside = np.array([entry != part for entry in parts])
        others = model.with_point(best_point(model, inside, TRUST_LEFT_OUT))
        outside = np.flatnonzero(~inside)
        held[outside] = log_errors(batch_of([model.cases[index] for index in outside], others), others)
    return held


def sources(cases: list[Case]) -> list[str]:
    """The source of each case."""
    return [case.run.groups["source_key"] for case in cases]


def eighths(cases: list[Case]) -> list[str]:
    """A part for each case, the same for all runs of one model by one source."""
    groups = [f"{case.run.groups['source_key']}|{case.run.model.name}" for case in cases]
    return [str(zlib.crc32(group.encode()) % PARTS) for group in groups]


def tables(cases: list[Case], constants: Constants, errors: dict[str, Errors]) -> dict[str, Any]:
    """Errors in sample and of rows left out of the fit: of all, by kind, accelerator and source."""
    columns = {
        "kind": [kind_of_case(case, constants) for case in cases],
        "accelerator": [case.run.accelerator for case in cases],
        "source": sources(cases),
    }
    table: dict[str, Any] = {"all": {name: summary(values) for name, values in errors.items()}}
    for column, values in columns.items():
        table[column] = {}
        for value in sorted(set(values)):
            rows = np.array([entry == value for entry in values])
            table[column][value] = {name: summary(found[rows]) for name, found in errors.items()}
    return table


def widths(cases: list[Case], constants: Constants, errors: dict[str, Errors]) -> None:
    """Print what holds nine of ten errors by kind of run, the measure for `model_error`."""
    kinds = np.array([kind_of_case(case, constants) for case in cases])
    stated = np.array([not case.unsaid for case in cases])
    for kind in sorted(set(kinds)):
        for name, rows in (("stated", stated), ("open", ~stated)):
            chosen = (kinds == kind) & rows
            if chosen.any():
                cells = ", ".join(f"{key} {np.quantile(abs(v[chosen]), 0.9):.2f}" for key, v in errors.items())
                print(f"90% of {int(chosen.sum()):>3} {kind} runs with a {name} plan: {cells}")


def main() -> None:
    constants = default_constants()
    cases = read_cases(constants)
    names = free_names(constants, cases)
    model = fit(cases, constants, names)
    fitted = model.constants
    errors = {
        "in_sample": log_errors(batch_of(cases, fitted), fitted),
        "group_left_out": left_out(model, eighths(cases)),
        "source_left_out": left_out(model, sources(cases)),
    }
    for name in names:
        print(f"{name:40s} {constants[name]:12.5g} -> {fitted[name]:12.5g}  {constants.entries[name].bounds}")
    for name, values in errors.items():
        print(name, summary(values))
    widths(cases, fitted, errors)
    if "--write" in sys.argv:
        origins = influence(cases, fitted, names)
        for path in CONSTANTS:
            path.write_text(written(path.read_text("utf-8"), fitted, names, origins), "utf-8")
        header = "# Errors of the engine on published runs, written by benchmarks/training_calibrate.py.\n"
        CALIBRATION.write_text(header + yaml.safe_dump(tables(cases, fitted, errors)), "utf-8")


if __name__ == "__main__":
    main()
