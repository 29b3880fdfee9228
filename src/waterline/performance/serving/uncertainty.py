"""How far the engine is off, by metric and kind of run: the model-error term of every prediction."""

from __future__ import annotations

import math

from waterline.performance.chip import NODE
from waterline.performance.constants import Constants
from waterline.performance.serving.cases import ServedCase


def kind_of_case(case: ServedCase) -> str:
    """The kind of a run whose published errors resemble this one's: how it was loaded, and whether its layout is
    known (`open` where it is not)."""
    if case.task.load == "split":
        return "split"
    if case.run.tensor is None or case.run.tensor > NODE or case.run.output is None:
        return "limited" if case.task.load == "limited" else "open"
    return case.task.load


def half_width(case: ServedCase, metric: str, constants: Constants) -> tuple[float, float]:
    """Factors below and above a prediction between which nine of ten published runs of its kind lie."""
    width = constants.of("model_error", f"{metric}_{kind_of_case(case)}")
    if math.isnan(width):
        width = constants["model_error"]
    return math.exp(-width), math.exp(width)
