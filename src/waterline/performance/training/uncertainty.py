"""How far the engine is off, by kind of run: the model-error term of every prediction."""

from __future__ import annotations

import math
from collections.abc import Iterable

from waterline.performance.chip import Chip, family_of, precision_class
from waterline.performance.constants import Constants
from waterline.performance.training.cases import Case

LOW_PRECISION = ("fp8", "mxfp8", "fp4", "int8")


def kind_of(chip: Chip, experts: bool, precision: str, finetune: str, constants: Constants) -> str:
    """The kind of run whose published errors resemble this one's.

    `untested_chip` where no published run fixed the family's constants, `experts`, `tpu`, `tuning` (adapters and
    fine-tuning), `low_precision`, `half_precision`.
    """
    family = family_of(chip, constants)
    if family in constants.software["untested_families"]:
        return "untested_chip"
    if experts:
        return "experts"
    if family.startswith("tpu"):
        return "tpu"
    if finetune not in ("", "pretrain"):
        return "tuning"
    return "low_precision" if precision_class(precision) in LOW_PRECISION else "half_precision"


def kind_of_case(case: Case, constants: Constants) -> str:
    """The kind of a published run."""
    return kind_of(case.chip, case.shape.experts > 0, case.precision, case.run.finetune, constants)


def half_width(kind: str, unsaid: Iterable[str], constants: Constants) -> float:
    """Half-width of the 90% interval in the logarithm: of runs of the kind, wider for whatever is `unsaid`."""
    return math.hypot(constants.of("model_error", kind), *(constants[f"unsaid_{what}_error"] for what in unsaid))


def interval(case: Case, rate: float, constants: Constants) -> tuple[float, float]:
    """Bounds that hold nine of ten published rates, from the predicted `rate`.

    The error is taken as log-normal about the prediction. Degrees that contradict each other count as unsaid.
    """
    unsaid = case.unsaid | {"plan"} if case.doubt else case.unsaid
    width = half_width(kind_of_case(case, constants), unsaid, constants)
    return rate * math.exp(-width), rate * math.exp(width)
