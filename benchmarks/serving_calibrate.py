"""Fit the bounded constants of the serving engine to published runs, with errors on sources and models left out.

    python benchmarks/serving_calibrate.py [--write] [--left-out source|model|pair]

Least squares on the logarithms of latencies and throughput with a robust loss. Each constant starts at its prior (the
value that physics or data sheets suggest, `prior` in constants.yaml), is held within its bounds and drawn weakly
towards the prior, so that constants which no row decides stay there. Large groups of like rows count for less than
their number.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import training_catalogue as catalogue
import yaml
from numpy.typing import NDArray
from scipy.optimize import least_squares
from training_calibrate import written

from waterline.core.errors import InputError
from waterline.performance.constants import Constants
from waterline.performance.serving.cases import ServedCase, batch_of, case_of
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.prediction import Predicted, predict
from waterline.performance.serving.rows import ServedRun, read_served_runs
from waterline.performance.serving.uncertainty import kind_of_case

ROWS = Path(__file__).resolve().parents[2] / "shared" / "validation" / "inference_runs.csv"
CONSTANTS = Path(__file__).resolve().parents[1] / "src" / "waterline" / "performance" / "serving" / "constants.yaml"
CALIBRATION = CONSTANTS.with_name("calibration.yaml")
Values = NDArray[np.float64]
METRICS = ("tpot", "ttft", "throughput")
IMPORTANCE = {"tpot": 1.0, "ttft": 0.5, "throughput": 0.8}
HARD = 0.4  # weight of rows marked hard against one marked core
CROWD, CROWDING = 40.0, 0.25  # groups beyond this size weigh (size / CROWD)^-CROWDING a row
TYPICAL_ERROR = 0.1  # where the robust loss turns from quadratic to linear
PULL = 0.075  # weight of one natural-log unit away from the prior, against one row
ROUNDS, ROUNDS_LEFT_OUT = 14, 5
FEW = 40  # rows of a source or model below which leaving it out says little
# Rows that are not fitted to: their time per token is below that of runs that differ from them in nothing recorded.
SUSPECTED_SPECULATION = (
    lambda run: run.model.name == "DeepSeek-R1" and "sglang" in run.engine and run.precision == "fp8",
    lambda run: run.model.name.startswith("Qwen3.5") and run.engine == "sglang 0.5.9" and run.precision == "fp8"
    and run.tensor == 4 and run.expert == 1,
)  # fmt: skip


def read_cases(constants: Constants) -> list[ServedCase]:
    """The published runs that count and can be represented."""
    chips, models = catalogue.chips(), catalogue.models()
    cases = []
    for run in read_served_runs(ROWS):
        try:
            if isinstance(run, ServedRun) and not run.excluded:
                cases.append(case_of(run, chips, models, constants))
        except InputError as error:
            print(f"left out: {error}")
    return cases


class Problem:
    """Cases laid out for the engine, with the metrics to compare and their weights."""

    def __init__(self, cases: list[ServedCase], constants: Constants) -> None:
        self.cases = [case for case in cases if not any(test(case.run) for test in SUSPECTED_SPECULATION)]
        self.batch = batch_of(self.cases, constants)
        sizes = Counter(_group(case) for case in self.cases)
        compared = [
            (index, METRICS.index(metric), float(np.log(stated)), _weight(case, sizes[_group(case)], metric))
            for index, case in enumerate(self.cases)
            for metric in METRICS
            if (stated := getattr(case.run, metric)) and _counts(case, metric)
        ]
        self.owner, self.metric = (np.array([entry[place] for entry in compared]) for place in (0, 1))
        self.measured, self.weight = (np.array([entry[place] for entry in compared]) for place in (2, 3))

    def errors(self, constants: Constants) -> Values:
        """ln(predicted / measured) of each metric compared."""
        found = predict(self.batch, constants)
        table = np.log(np.array([getattr(found, metric) for metric in METRICS]))
        return np.asarray(np.clip(table[self.metric, self.owner] - self.measured, -6.0, 6.0))


def _group(case: ServedCase) -> tuple[str, str, str]:
    return case.run.groups["source_key"], case.run.model.name, case.software.engine


def _weight(case: ServedCase, size: int, metric: str) -> float:
    crowd = min(1.0, (CROWD / size) ** CROWDING)
    return IMPORTANCE[metric] * crowd * (HARD if case.run.groups["use"] == "hard" else 1.0)


def _counts(case: ServedCase, metric: str) -> bool:
    """Derived throughput repeats the latencies; the first seconds of a benchmark's first release are warm-up."""
    if metric == "throughput":
        return not case.run.derived
    warming = case.run.engine == "sglang" and case.run.model.name == "DeepSeek-V3" and case.run.accelerator == "B200"
    return not (metric == "ttft" and (warming or case.task.load == "offline"))


def priors() -> dict[str, float]:
    """The prior of every fitted constant, by name."""
    found: dict[str, float] = {}
    for name, entry in yaml.safe_load(CONSTANTS.read_text("utf-8"))["constants"].items():
        prior = entry.get("prior")
        if prior is not None:
            kinds = prior if isinstance(prior, dict) else {"other": prior}
            found |= {name if kind == "other" else f"{name}.{kind}": value for kind, value in kinds.items()}
    return found


def free_names(problem: Problem, constants: Constants) -> list[str]:
    """Fitted constants that change at least one prediction."""
    usual = problem.errors(constants)

    def moved(name: str) -> bool:
        bounds = constants.entries[name].bounds
        assert bounds is not None
        value = 0.97 * constants[name] or 1e-3 * bounds[1]
        return bool(np.any(problem.errors(constants.with_values({name: value})) != usual))

    return [name for name in priors() if moved(name)]


def fit(
    problem: Problem, constants: Constants, names: list[str], rounds: int, first: Constants | None = None
) -> Constants:
    """The constants that fit a problem, drawn towards `constants` and sought from `first`; those whose bounds exclude
    zero are fitted as logarithms."""
    low, high = np.array([constants.entries[name].bounds for name in names], dtype=float).T
    by_logarithm = low > 0

    def inward(values: Values) -> Values:
        return np.where(by_logarithm, np.log(np.maximum(values, 1e-30)), values / high)

    def outward(values: Values) -> Values:
        return np.where(by_logarithm, np.exp(np.minimum(values, 50.0)), values * high)

    def changed(values: Values) -> Constants:
        return constants.with_values(dict(zip(names, outward(values).tolist(), strict=True)))

    start = np.array([constants[name] for name in names])
    prior = np.clip(inward(start), inward(low), inward(high))
    begin = inward(np.array([(first or constants)[name] for name in names]))

    def residuals(values: Values) -> Values:
        error = problem.errors(changed(values))
        robust = TYPICAL_ERROR * np.sqrt(2.0 * (np.sqrt(1.0 + (error / TYPICAL_ERROR) ** 2) - 1.0))
        return np.concatenate([problem.weight * robust, PULL * (values - prior)])

    found = least_squares(
        residuals,
        np.clip(begin, inward(low) + 1e-6, inward(high) - 1e-6),
        bounds=(inward(low), inward(high)),
        diff_step=1e-3,
        max_nfev=rounds,
        x_scale=0.2,
    )
    return changed(found.x)


def entries(cases: list[ServedCase], constants: Constants) -> list[tuple[ServedCase, str, float]]:
    """ln(predicted / measured) of every metric that the cases state."""
    found: Predicted = predict(batch_of(cases, constants), constants)
    return [
        (case, metric, float(np.log(getattr(found, metric)[index] / stated)))
        for index, case in enumerate(cases)
        for metric in METRICS
        if (stated := getattr(case.run, metric))
    ]


def left_out(
    cases: list[ServedCase],
    constants: Constants,
    names: list[str],
    fitted: Constants,
    key: Callable[[ServedCase], str],
) -> list[tuple[ServedCase, str, float]]:
    """Errors of each case by constants refitted to the cases with another key, in a few rounds from `fitted`."""
    errors = []
    for value, size in Counter(map(key, cases)).most_common():
        if size < FEW:
            break
        others = fit(
            Problem([case for case in cases if key(case) != value], constants), constants, names, ROUNDS_LEFT_OUT
        )
        held = entries([case for case in cases if key(case) == value], others)
        errors += held
        print(value, {metric: _summary([e for _, m, e in held if m == metric]) for metric in METRICS}, flush=True)
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
                    place[label] = _summary(found)


def _summary(errors: list[float]) -> dict[str, float]:
    if not errors:
        return {}
    percent = 100.0 * np.expm1(errors)
    return {
        "rows": int(percent.size),
        "median_abs_pct_error": round(float(np.median(abs(percent))), 1),
        "p90_abs_pct_error": round(float(np.quantile(abs(percent), 0.9)), 1),
        "bias_pct": round(float(np.median(percent)), 1),
    }


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write constants.yaml and calibration.yaml")
    parser.add_argument("--left-out", choices=("source", "model", "pair"), action="append", default=[])
    arguments = parser.parse_args()
    constants = serving_constants().with_values(priors())
    cases = read_cases(constants)
    problem = Problem(cases, constants)
    names = free_names(problem, constants)
    fitted = fit(problem, constants, names, ROUNDS)
    for name in names:
        print(f"{name:40s} {constants[name]:12.5g} -> {fitted[name]:12.5g}  {constants.entries[name].bounds}")
    table: dict[str, Any] = {}
    inside = entries(cases, fitted)
    tables(inside, "in_sample", table)
    print(yaml.safe_dump(table["use and kind"]))
    keys: dict[str, Callable[[ServedCase], str]] = {
        "source": lambda case: case.run.groups["source_key"],
        "model": lambda case: case.run.model.name,
        "pair": lambda case: f"{case.run.groups['source_key']} {case.run.model.name}",
    }
    for choice in arguments.left_out:
        tables(left_out(cases, constants, names, fitted, keys[choice]), f"{choice}_left_out", table)
    if arguments.write:
        origins = influence(problem, fitted, names)
        CONSTANTS.write_text(written(CONSTANTS.read_text("utf-8"), fitted, names, origins), "utf-8")
        header = "# Errors of the engine on published runs, written by benchmarks/serving_calibrate.py.\n"
        CALIBRATION.write_text(header + yaml.safe_dump(table), "utf-8")
    print("half-widths of intervals:", widths(inside))


if __name__ == "__main__":
    main()
