"""Could that be? A training headline's figures against each other, against physics, and against the engine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from waterline.core.errors import InputError
from waterline.performance.chip import family_of, peak_rate, precision_class
from waterline.performance.constants import Constants, default_constants
from waterline.performance.model import active_parameters, model_flops_per_token
from waterline.performance.shapes import shape_of
from waterline.performance.training.estimate import Answer, Question, best_plans, goodput
from waterline.performance.training.uncertainty import kind_of

HOURS_PER_DAY = 24.0
DISAGREEMENT = 0.1  # relative difference of two figures for one thing that rounding does not explain
NINETY = 1.645  # standard deviations from the median to the 95th percentile of a normal distribution


@dataclass(frozen=True)
class Headline:
    """What was published: a model and chips (the question), and any of tokens, days and GPU-hours."""

    question: Question
    tokens: float | None = None
    days: float | None = None
    gpu_hours: float | None = None


@dataclass(frozen=True)
class Flag:
    """A finding: `severity` is impossible, doubtful or note."""

    id: str
    severity: str
    text: str


@dataclass(frozen=True)
class Finding:
    """What follows from a headline.

    `implied` are figures that the published ones entail; `gpu_hours` the engine's own estimate (median, 5% and
    95%), None without tokens or a plan; `probability` that chips of that kind can do what is claimed.
    """

    consistent: bool
    implied: dict[str, float]
    flags: tuple[Flag, ...]
    gpu_hours: tuple[float, float, float] | None
    probability: float
    answer: Answer | None


def check_headline(headline: Headline, constants: Constants | None = None) -> Finding:
    """Test a training headline.

    Raises InputError when figures are not positive numbers, the chip lacks the precision, or nothing is given to
    test.
    """
    constants = constants or default_constants()
    for name in ("tokens", "days", "gpu_hours"):
        value = getattr(headline, name)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError(f"{name} must be a positive number, not {value}")
    flags: list[Flag] = []
    hours = _hours(headline, flags)
    implied = _implied(headline, hours, constants)
    answer = _answer(headline, constants, flags)
    probability = 1.0
    if answer and "tokens_per_s_per_chip" in implied:
        probability = _likelihood(implied, answer, constants, flags)
    if any(flag.severity == "impossible" for flag in flags):
        probability = min(probability, 0.01)
    estimate = None
    if answer and headline.tokens:
        useful = 3600.0 * goodput(headline.question.count, constants)
        rates = (answer.tokens_per_second, answer.high, answer.low)
        estimate = tuple(headline.tokens / (rate * useful) for rate in rates)
    consistent = probability >= 0.05 and all(flag.severity != "impossible" for flag in flags)
    return Finding(consistent, implied, tuple(flags), estimate, probability, answer)  # type: ignore[arg-type]


def _hours(headline: Headline, flags: list[Flag]) -> float | None:
    """GPU-hours as published, or from chips and days; a flag when the two disagree."""
    from_days = headline.days * HOURS_PER_DAY * headline.question.count if headline.days else None
    if headline.gpu_hours and from_days:
        ratio = headline.gpu_hours / from_days
        if ratio > 1.0 + DISAGREEMENT:
            flags.append(
                Flag(
                    "hours_exceed_days",
                    "impossible",
                    (
                        f"{headline.gpu_hours:,.0f} GPU-hours do not fit into {headline.days:g} days on "
                        f"{headline.question.count:,} chips, which have {from_days:,.0f}"
                    ),
                )
            )
        elif ratio < 1.0 - DISAGREEMENT:
            flags.append(
                Flag(
                    "hours_below_days",
                    "note",
                    (f"{headline.gpu_hours:,.0f} GPU-hours are {ratio:.0%} of {headline.days:g} days on all chips"),
                )
            )
    return headline.gpu_hours or from_days


def _implied(headline: Headline, hours: float | None, constants: Constants) -> dict[str, float]:
    question = headline.question
    shape = shape_of(question.model, constants)
    sequence = np.asarray(question.sequence or min(question.model.max_context or 8192.0, 8192.0))
    per_token = float(model_flops_per_token(shape, sequence))
    implied = {"active_parameters": float(active_parameters(shape)), "flops_per_token": per_token}
    if hours:
        implied["gpu_hours"] = hours
        implied["days"] = hours / HOURS_PER_DAY / question.count
    if hours and headline.tokens:
        rate = headline.tokens / (hours * 3600.0)
        implied["tokens_per_s_per_chip"] = rate
        implied["mfu"] = rate * per_token / peak_rate(question.chip, precision_class(question.precision))
    return implied


def _answer(headline: Headline, constants: Constants, flags: list[Flag]) -> Answer | None:
    """The engine's best plan; a flag instead when nothing fits."""
    try:
        return best_plans(headline.question, top=1, constants=constants)
    except InputError as error:
        if "fits" not in str(error):
            raise
        flags.append(Flag("does_not_fit", "impossible", str(error)))
        return None


def _likelihood(implied: dict[str, float], answer: Answer, constants: Constants, flags: list[Flag]) -> float:
    """Probability that the chips can reach the implied rate; slower than they can is always possible."""
    rate, chip = implied["tokens_per_s_per_chip"], answer.question.chip
    ceiling = constants.of("matmul_fraction", family_of(chip, constants))
    if implied["mfu"] > 1.0:
        flags.append(Flag("above_peak", "impossible", f"needs {implied['mfu']:.0%} of the chip's peak rate"))
    elif implied["mfu"] > 1.3 * ceiling:
        flags.append(
            Flag(
                "above_sustained",
                "impossible",
                (f"needs {implied['mfu']:.0%} of the peak; matrix products alone sustain about {ceiling:.0%}"),
            )
        )
    elif rate > answer.high:
        flags.append(
            Flag(
                "faster_than_engine",
                "doubtful",
                (f"{rate:,.0f} tokens/s per chip; the engine's 90% interval ends at {answer.high:,.0f}"),
            )
        )
    elif rate < 0.5 * answer.low:
        flags.append(
            Flag("slow", "note", (f"{rate:,.0f} tokens/s per chip, less than half of what the engine expects at least"))
        )
    deviation = math.log(answer.high / answer.tokens_per_second) / NINETY
    score = math.log(answer.tokens_per_second / rate) / deviation
    return 0.5 * math.erfc(-score / math.sqrt(2.0))


def published_place(
    implied: dict[str, float],
    question: Question,
    constants: Constants | None = None,
) -> dict[str, Any]:
    """Where an implied MFU lies among published runs of its `kind`: their `p05, median, p95`, and `share_below`."""
    constants = constants or default_constants()
    shape = shape_of(question.model, constants)
    kind = kind_of(question.chip, shape.experts > 0, question.precision, "", constants)
    low, middle, high = (constants.of(f"published_mfu_{end}", kind) for end in ("p05", "median", "p95"))
    place: dict[str, Any] = {"kind": kind, "p05": low, "median": middle, "p95": high, "share_below": None}
    if "mfu" in implied:
        spread = math.log(high / low) / (2.0 * NINETY)
        place["share_below"] = 0.5 * math.erfc(-math.log(implied["mfu"] / middle) / spread / math.sqrt(2.0))
    return place
