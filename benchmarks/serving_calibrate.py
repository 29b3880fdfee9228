"""Fit the bounded constants of the serving engine to published runs, with errors of rows left out of the fit.

    python benchmarks/serving_calibrate.py [--write]

What is compared stands in `serving_problem.py`, how it is fitted in `serving_fit.py`; the priors (what physics or data
sheets suggest) are `prior` in constants.yaml. Left out are, in turn, every source and every model of a source; those
fits start from the linearised errors of the full one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shipped_facts as shipped
import yaml
from calibration import summary, written
from serving_fit import CONSTANTS, Linear, Scale, best_point, fit, free_names
from serving_problem import METRICS, Problem

from waterline.core.errors import InputError
from waterline.performance.constants import Constants
from waterline.performance.serving.cases import ServedCase, batch_of, case_of
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.prediction import Predicted, predict
from waterline.performance.serving.rows import ServedRun, read_served_runs
from waterline.performance.serving.uncertainty import kind_of_case

ROWS = Path(__file__).resolve().parents[2] / "shared" / "validation" / "inference_runs.csv"
CALIBRATION = CONSTANTS.with_name("calibration.yaml")
ROUNDS = 6
TRUST_LEFT_OUT = 0.6  # change of a constant when rows are left out
FEW = 9  # rows of a source or group below which leaving it out says little


def read_cases(constants: Constants) -> list[ServedCase]:
    """The published runs that count and can be represented."""
    chips, models = shipped.chips(), shipped.models()
    cases = []
    for run in read_served_runs(ROWS):
        try:
            if isinstance(run, ServedRun) and not run.excluded:
                cases.append(case_of(run, chips, models, constants))
        except InputError as error:
            print(f"left out: {error}")
    return cases


def entries(cases: list[ServedCase], constants: Constants) -> list[tuple[ServedCase, str, float]]:
    """ln(predicted / measured) of every metric that the cases state."""
    found: Predicted = predict(batch_of(cases, constants), constants)
    return [
        (case, metric, float(np.log(getattr(found, metric)[index] / stated)))
        for index, case in enumerate(cases)
        for metric in METRICS
        if (stated := getattr(case.run, metric))
    ]


def constants_without(model: Linear, key: Callable[[ServedCase], str], value: str) -> Constants:
    """The constants fitted to the cases whose key is another."""
    fitted = np.array([key(case) for case in model.problem.cases])[model.problem.owner]
    return model.scale.constants_at(best_point(model, fitted != value, TRUST_LEFT_OUT))


def left_out(
    cases: list[ServedCase], model: Linear, key: Callable[[ServedCase], str]
) -> list[tuple[ServedCase, str, float]]:
    """Errors of the cases of each key with `FEW` cases or more, by constants fitted to those with other keys."""
    errors = []
    for value, size in Counter(map(key, cases)).most_common():
        if size < FEW:
            break
        held = entries([case for case in cases if key(case) == value], constants_without(model, key, value))
        errors += held
        print(value, {metric: summary([e for _, m, e in held if m == metric]) for metric in METRICS}, flush=True)
    return errors


def tables(errors: list[tuple[ServedCase, str, float]], label: str, into: dict[str, Any]) -> None:
    """Put error summaries by use, kind of load, accelerator, engine, model and source, each by metric, into a table."""
    columns: dict[str, Callable[[ServedCase], str]] = {
        "use": lambda case: case.run.groups["use"],
        "use and kind": lambda case: f"{case.run.groups['use']} {case.run.kind}",
        "accelerator": lambda case: case.run.accelerator,
        "engine": lambda case: case.software.engine,
        "model": lambda case: case.run.model.name,
        "source": lambda case: case.run.groups["source_key"],
    }
    for column, read in columns.items():
        for value in sorted({read(case) for case, _, _ in errors}):
            for metric in METRICS:
                found = [e for case, m, e in errors if m == metric and read(case) == value]
                if found:
                    place = into.setdefault(column, {}).setdefault(value, {}).setdefault(metric, {})
                    place[label] = summary(found)


def widths(errors: list[tuple[ServedCase, str, float]]) -> dict[str, float]:
    """Half-widths that hold nine of ten, by metric and kind of run."""
    kinds: dict[str, list[float]] = {}
    for case, metric, error in errors:
        kinds.setdefault(f"{metric}_{kind_of_case(case)}", []).append(abs(error))
    return {
        kind: round(float(np.quantile(values, 0.9)), 2) for kind, values in sorted(kinds.items()) if len(values) > 9
    }


def influence(problem: Problem, constants: Constants, names: list[str]) -> dict[str, str]:
    """For each fitted constant, without its kind: how many comparisons it moves, and the sources of most of them."""
    usual = problem.errors(constants)
    said = {}
    for base in sorted({name.split(".")[0] for name in names}):
        changes = {name: 0.9 * constants[name] for name in names if name.split(".")[0] == base}
        moved = np.abs(problem.errors(constants.with_values(changes)) - usual) > 0.002
        sources = Counter(problem.cases[index].run.groups["source_key"] for index in problem.owner[moved])
        most = ", ".join(source for source, _ in sources.most_common(4))
        said[base] = f"fitted to {int(moved.sum())} published figures that it moves, most of {most}"
    return said


KEYS: dict[str, Callable[[ServedCase], str]] = {
    "source": lambda case: case.run.groups["source_key"],
    "group": lambda case: f"{case.run.groups['source_key']} {case.run.model.name}",
}


def report(cases: list[ServedCase], model: Linear, *, write: bool) -> None:
    """Print constants and errors, in sample and left out, and write them to the package if asked."""
    fitted, constants = model.constants, model.scale.constants
    for name in model.scale.names:
        print(f"{name:40s} {constants[name]:12.5g} -> {fitted[name]:12.5g}  {constants.entries[name].bounds}")
    errors = {"in_sample": entries(cases, fitted)}
    errors |= {f"{name}_left_out": left_out(cases, model, key) for name, key in KEYS.items()}
    table: dict[str, Any] = {}
    for label, found in errors.items():
        tables(found, label, table)
        print(f"half-widths of intervals, {label}:", widths(found))
    print(yaml.safe_dump(table["use and kind"]))
    if write:
        origins = influence(model.problem, fitted, model.scale.names)
        CONSTANTS.write_text(written(CONSTANTS.read_text("utf-8"), fitted, model.scale.names, origins), "utf-8")
        header = "# Errors of the engine on published runs, written by benchmarks/serving_calibrate.py.\n"
        CALIBRATION.write_text(header + yaml.safe_dump(table), "utf-8")


def main() -> None:
    constants = serving_constants()
    cases = read_cases(constants)
    problem = Problem(cases, constants)
    names = free_names(problem, constants)
    report(cases, fit(problem, Scale(names, constants), constants, ROUNDS), write="--write" in sys.argv)


if __name__ == "__main__":
    main()
