"""The fit of the serving engine's constants: robust least squares on logarithms, by Gauss–Newton.

Each constant is held within its bounds and drawn towards its prior, so that constants which few rows decide stay there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from calibration import summary
from numpy.typing import NDArray
from scipy.optimize import lsq_linear
from serving_problem import Problem, Values

from waterline.performance.constants import Constants

CONSTANTS = Path(__file__).resolve().parents[1] / "src" / "waterline" / "performance" / "serving" / "constants.yaml"
TYPICAL_ERROR = 0.1  # where the robust loss turns from quadratic to linear
PULL = 1.0  # weight of one natural-log unit away from the prior, or once the prior, against one row
STRIDE = 5e-3  # change of a constant, in natural logarithms or multiples of its prior, for its derivative
TRUST, NARROWING = 0.5, 0.8  # change of a constant in the first round of the fit, and that of each further one over it
REWEIGHTINGS = 8  # of least squares towards the robust loss


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
        print("fit:", _loss(model), summary(model.errors.tolist()), flush=True)
        trust *= NARROWING
    return model


def _loss(model: Linear) -> float:
    far = np.sqrt(1.0 + (model.errors / TYPICAL_ERROR) ** 2) - 1.0
    pull = PULL * (model.point - np.clip(model.scale.inward(model.scale.expected), model.scale.low, model.scale.high))
    return float(np.sum(model.problem.weight**2 * TYPICAL_ERROR**2 * far) + np.sum(pull**2) / 2.0)
