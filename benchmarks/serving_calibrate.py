"""Fit the bounded constants of the serving engine to published runs, with errors of rows left out of the fit.

    python benchmarks/serving_calibrate.py [--write]

Robust least squares on the logarithms of latencies and throughput (Gauss-Newton). Each constant is held within its
bounds and drawn towards its prior (the value that physics or data sheets suggest, `prior` in constants.yaml), so that
constants which few rows decide stay there. Large groups of like rows count for less than their number. Left out are, in
turn, every source and every model of a source; those fits start from the linearised errors of the full one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import training_catalogue as catalogue
import yaml
from numpy.typing import NDArray
from scipy.optimize import lsq_linear
from training_calibrate import written

from waterline.core.errors import InputError
from waterline.performance.constants import Constants
from waterline.performance.serving.cases import ServedCase, batch_of, case_of
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.prediction import Predicted, layouts_served, predict, rank_of_layouts
from waterline.performance.serving.rows import ServedRun, read_served_runs
from waterline.performance.serving.uncertainty import kind_of_case

ROWS = Path(__file__).resolve().parents[2] / "shared" / "validation" / "inference_runs.csv"
CONSTANTS = Path(__file__).resolve().parents[1] / "src" / "waterline" / "performance" / "serving" / "constants.yaml"
CALIBRATION = CONSTANTS.with_name("calibration.yaml")
Values = NDArray[np.float64]
METRICS = ("tpot", "ttft", "throughput")
IMPORTANCE = {"tpot": 1.0, "ttft": 0.5, "throughput": 0.8}
HARD = 0.4  # weight of rows marked hard against one marked core
CROWD, CROWDING = 20.0, 0.35  # groups beyond this size weigh (size / CROWD)^-CROWDING a row
TYPICAL_ERROR = 0.1  # where the robust loss turns from quadratic to linear
PULL = 1.0  # weight of one natural-log unit away from the prior, or once the prior, against one row
STRIDE = 5e-3  # change of a constant, in natural logarithms or multiples of its prior, for its derivative
KEPT_LAYOUTS = 2  # of those that a run leaves open
ROUNDS = 6
TRUST, NARROWING = 0.5, 0.8  # change of a constant in the first round of the fit, and that of each further one over it
TRUST_LEFT_OUT = 0.6  # change of a constant when rows are left out
REWEIGHTINGS = 8  # of least squares towards the robust loss
FEW = 9  # rows of a source or group below which leaving it out says little
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
    """Cases laid out for the engine with the layouts that may be the fastest, the metrics to compare, their weights."""

    def __init__(self, cases: list[ServedCase], constants: Constants) -> None:
        fitted = [case for case in cases if not any(test(case.run) for test in SUSPECTED_SPECULATION)]
        self.cases = pruned(fitted, constants)
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

    def columns(self, base: str, names: list[str], constants: Constants) -> Values:
        """For each metric compared, the place among `names` of the one constant `base` that its case uses; -1 where it
        is not among them. A case has one chip family and one engine, so that one kind of each constant serves it."""
        places = {name: index for index, name in enumerate(names)}

        def column(case: ServedCase) -> int:
            kinds = (f"{base}.{kind}" for kind in (case.family, case.software.engine))
            return places.get(next((name for name in kinds if name in constants.values), base), -1)

        return np.array([column(case) for case in self.cases])[self.owner]


def pruned(cases: list[ServedCase], constants: Constants) -> list[ServedCase]:
    """The cases with only the few layouts that serve most at the constants, so that fitting is quick."""
    batch = batch_of(cases, constants)
    rank = rank_of_layouts(batch, constants, layouts_served(batch, constants)[2])
    kept = []
    for index, case in enumerate(cases):
        places = np.argsort(-rank[batch.owner == index])[:KEPT_LAYOUTS]
        options, readers = (tuple(side[place] for place in places) for side in (case.options, case.readers))
        kept.append(replace(case, options=options, readers=readers))
    return kept


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


class Scale:
    """Constants as coordinates of like size: natural logarithms, or multiples of the prior where zero is allowed."""

    def __init__(self, names: list[str], constants: Constants) -> None:
        self.names, self.constants = names, constants
        bounds = np.array([constants.entries[name].bounds for name in names], dtype=float)
        self.expected = np.array([priors()[name] for name in names])
        self._logarithmic = bounds[:, 0] > 0
        self.low, self.high = self.inward(bounds[:, 0]), self.inward(bounds[:, 1])

    def inward(self, values: Values) -> Values:
        """Coordinates of values."""
        return np.where(self._logarithmic, np.log(np.maximum(values, 1e-30)), values / self.expected)

    def point(self, constants: Constants) -> Values:
        """Coordinates of constants, within their bounds."""
        return np.clip(self.inward(np.array([constants[name] for name in self.names])), self.low, self.high)

    def constants_at(self, point: Values) -> Constants:
        """The constants with the given coordinates."""
        values = np.where(self._logarithmic, np.exp(np.minimum(point, 50.0)), point * self.expected)
        return self.constants.with_values(dict(zip(self.names, values.tolist(), strict=True)))


@dataclass(frozen=True)
class Linear:
    """Errors of a problem at a point, and how they depend on the coordinates."""

    problem: Problem
    scale: Scale
    point: Values
    errors: Values
    slopes: Values

    @property
    def constants(self) -> Constants:
        """The constants at the point."""
        return self.scale.constants_at(self.point)


def linearised(problem: Problem, scale: Scale, point: Values) -> Linear:
    """Errors and slopes at a point. All kinds of a constant are moved at once: each row answers for its own."""
    usual = problem.errors(scale.constants_at(point))
    slopes = np.zeros((usual.size, point.size))
    bases = np.array([name.split(".")[0] for name in scale.names])
    for base in dict.fromkeys(bases):
        strides = np.where(point + STRIDE < scale.high, STRIDE, -STRIDE)
        moved = problem.errors(scale.constants_at(point + np.where(bases == base, strides, 0.0)))
        column = problem.columns(base, scale.names, scale.constants)
        rows = np.flatnonzero(column >= 0)
        slopes[rows, column[rows]] = ((moved - usual)[rows]) / strides[column[rows]]
    return Linear(problem, scale, point, usual, slopes)


def best_point(model: Linear, rows: NDArray[np.bool_], trust: float) -> Values:
    """The point within `trust` of the model's that fits the `rows` of its linear errors best: robust least squares by
    reweighting, drawn towards the priors."""
    scale, slopes = model.scale, model.slopes[rows]
    low = np.maximum(scale.low, np.minimum(model.point - trust, scale.high - 1e-9))
    high = np.maximum(np.minimum(scale.high, model.point + trust), low + 1e-9)
    expected = np.clip(scale.inward(scale.expected), scale.low, scale.high)
    point = np.clip(model.point, low, high)
    for _ in range(REWEIGHTINGS):
        error = model.errors[rows] + slopes @ (point - model.point)
        # the weight of least squares with the gradient of a loss that turns from quadratic to linear
        weight = model.problem.weight[rows] ** 2 / np.sqrt(1.0 + (error / TYPICAL_ERROR) ** 2)
        normal = (slopes * weight[:, None]).T @ slopes + PULL**2 * np.eye(point.size)
        wanted = (slopes * weight[:, None]).T @ (slopes @ model.point - model.errors[rows]) + PULL**2 * expected
        root = np.linalg.cholesky(normal)
        point = lsq_linear(root.T, np.linalg.solve(root, wanted), bounds=(low, high)).x
    return np.asarray(point)


def fit(problem: Problem, scale: Scale, first: Constants, rounds: int, trust: float = TRUST) -> Linear:
    """The constants that fit a problem, by Gauss–Newton from `first`."""
    everyone = np.ones(problem.owner.size, dtype=bool)
    model = linearised(problem, scale, scale.point(first))
    for _ in range(rounds):
        model = linearised(problem, scale, best_point(model, everyone, trust))
        print("fit:", _loss(model), _summary(model.errors.tolist()), flush=True)
        trust *= NARROWING
    return model


def _loss(model: Linear) -> float:
    far = np.sqrt(1.0 + (model.errors / TYPICAL_ERROR) ** 2) - 1.0
    pull = PULL * (model.point - np.clip(model.scale.inward(model.scale.expected), model.scale.low, model.scale.high))
    return float(np.sum(model.problem.weight**2 * TYPICAL_ERROR**2 * far) + np.sum(pull**2) / 2.0)


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
    cases: list[ServedCase], model: Linear, key: Callable[[ServedCase], str]
) -> list[tuple[ServedCase, str, float]]:
    """Errors of the cases of each key with `FEW` cases or more, by constants fitted to those with other keys."""
    errors = []
    fitted = np.array([key(case) for case in model.problem.cases])[model.problem.owner]
    for value, size in Counter(map(key, cases)).most_common():
        if size < FEW:
            break
        others = model.scale.constants_at(best_point(model, fitted != value, TRUST_LEFT_OUT))
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
