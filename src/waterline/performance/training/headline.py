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
ABOVE_SUSTAINED = 1.3  # times what matrix products sustain: beyond any software to come on the chip
IMPOSSIBLE = 0.01  # the most that is left to a headline with an impossible figure
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
    95%), None without tokens or a plan; `probability` that the figures are real rather than made up.
    """

    consistent: bool
    implied: dict[str, float]
    flags: tuple[Flag, ...]
    gpu_hours: tuple[float, float, float] | None
    probability: float
    answer: Answer | None


def check_headline(headline: Headline) -> Finding:
    """Test a training headline.

    Raises InputError when figures are not positive numbers, or the chip lacks the precision.
    """
    constants = default_constants()
    for name in ("tokens", "days", "gpu_hours"):
        value = getattr(headline, name)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError(f"{name} must be a positive number, not {value}")
    flags: list[Flag] = []
    hours = _hours(headline, flags)
    implied = _implied(headline, hours, constants)
    answer = _answer(headline, flags)
    probability = constants["headline_prior"]
    if answer and "tokens_per_s_per_chip" in implied:
        probability = _likelihood(implied, answer, constants, flags)
    elif answer:
        flags.append(Flag("rate_untested", "note", "without tokens and hours (or days) no rate can be tested"))
    if any(flag.severity == "impossible" for flag in flags):
        probability = min(probability, IMPOSSIBLE)
    estimate = None
    if answer and headline.tokens:
        useful = 3600.0 * goodput(headline.question.count)
        median, low, high = (
            headline.tokens / (rate * useful) for rate in (answer.tokens_per_second, answer.high, answer.low)
        )
        estimate = median, low, high
    consistent = probability >= 0.05 and all(flag.severity != "impossible" for flag in flags)
    return Finding(consistent, implied, tuple(flags), estimate, probability, answer)


def _hours(headline: Headline, flags: list[Flag]) -> float | None:
    """GPU-hours as published, or from chips and days; a flag when the two disagree."""
    from_days = headline.days * HOURS_PER_DAY * headline.question.count if headline.days else None
    if headline.gpu_hours and from_days:
        ratio = headline.gpu_hours / from_days
        if ratio > 1.0 + DISAGREEMENT:
            text = (
                f"{headline.gpu_hours:,.0f} GPU-hours do not fit into {headline.days:g} days on "
                f"{headline.question.count:,} chips, which have {from_days:,.0f}"
            )
            flags.append(Flag("hours_exceed_days", "impossible", text))
        elif ratio < 1.0 - DISAGREEMENT:
            text = f"{headline.gpu_hours:,.0f} GPU-hours are {ratio:.0%} of {headline.days:g} days on all chips"
            flags.append(Flag("hours_below_days", "note", text))
    return headline.gpu_hours or from_days


def _implied(headline: Headline, hours: float | None, constants: Constants) -> dict[str, float]:
    question = headline.question
    shape = shape_of(question.model, constants)
    per_token = float(model_flops_per_token(shape, np.asarray(question.sequence_length)))
    implied = {"active_parameters": float(active_parameters(shape)), "flops_per_token": per_token}
    if hours:
        implied["gpu_hours"] = hours
        implied["days"] = hours / HOURS_PER_DAY / question.count
    if hours and headline.tokens:
        rate = headline.tokens / (hours * 3600.0)
        implied["tokens_per_s_per_chip"] = rate
        implied["mfu"] = rate * per_token / peak_rate(question.chip, precision_class(question.precision))
    return implied


def _answer(headline: Headline, flags: list[Flag]) -> Answer | None:
    """The engine's best plan; a flag instead when nothing fits."""
    try:
        return best_plans(headline.question, top=1)
    except InputError as error:
        if "fits" not in str(error):
            raise
        flags.append(Flag("does_not_fit", "impossible", str(error)))
        return None


def _likelihood(implied: dict[str, float], answer: Answer, constants: Constants, flags: list[Flag]) -> float:
    """Chance that the implied rate is a real one, with flags for what is odd about it."""
    rate = implied["tokens_per_s_per_chip"]
    flags += _rate_flags(rate, implied, answer, constants)
    deviation = math.log(answer.high / answer.tokens_per_second) / NINETY
    return chance_of_real(constants["headline_prior"], math.log(rate / answer.tokens_per_second), deviation, constants)


def chance_of_real(prior: float, better: float, deviation: float, constants: Constants) -> float:
    """Chance that a figure is real rather than made up, by Bayes' rule, after it is seen.

    `better` is how far the figure is above the best guess (faster, or cheaper), in natural logarithms. A real one
    scatters with the standard `deviation`, and can always be worse; a made-up one scatters by `invented_spread`.
    """
    spread = constants["invented_spread"]
    real = math.exp(-((max(better, 0.0) / deviation) ** 2) / 2.0) / deviation
    invented = math.exp(-((better / spread) ** 2) / 2.0) / spread
    return prior * real / (prior * real + (1.0 - prior) * invented) if real > 0.0 else 0.0


def _rate_flags(rate: float, implied: dict[str, float], answer: Answer, constants: Constants) -> list[Flag]:
    """At most one finding: what the rate asks of the chips against their peak, what they sustain, and the engine."""
    ceiling = constants.of("matmul_fraction", family_of(answer.question.chip, constants))
    if implied["mfu"] > 1.0:
        least, days = implied["gpu_hours"] * implied["mfu"] / HOURS_PER_DAY, implied["gpu_hours"] / HOURS_PER_DAY
        text = (
            f"tokens × parameters need {least:,.0f} GPU-days even at the peak rate; the headline has {days:,.0f} "
            f"({implied['mfu']:.0%} of the peak)"
        )
        return [Flag("above_peak", "impossible", text)]
    if implied["mfu"] > ABOVE_SUSTAINED * ceiling:
        text = f"needs {implied['mfu']:.0%} of the peak; matrix products alone sustain about {ceiling:.0%}"
        return [Flag("above_sustained", "impossible", text)]
    if rate > answer.high:
        text = f"{rate:,.0f} tokens/s per chip; the engine's 90% interval ends at {answer.high:,.0f}"
        return [Flag("faster_than_engine", "doubtful", text)]
    if rate < 0.5 * answer.low:
        text = f"{rate:,.0f} tokens/s per chip, less than half of what the engine expects at least"
        return [Flag("slow", "note", text)]
    return []


def published_place(implied: dict[str, float], question: Question) -> dict[str, Any]:
    """Where an implied MFU lies among published runs of its `kind`: their `p05, median, p95`, and `share_below`.

    `rate_p05, rate_median, rate_p95` are the tokens/s per chip that their MFU comes to with this model and chip.
    """
    constants = default_constants()
    shape = shape_of(question.model, constants)
    kind = kind_of(question.chip, shape.experts > 0, question.precision, "", constants)
    low, middle, high = (constants.of(f"published_mfu_{end}", kind) for end in ("p05", "median", "p95"))
    place: dict[str, Any] = {"kind": kind, "p05": low, "median": middle, "p95": high, "share_below": None}
    peak = peak_rate(question.chip, precision_class(question.precision))
    for end, value in (("p05", low), ("median", middle), ("p95", high)):
        place[f"rate_{end}"] = value * peak / implied["flops_per_token"]
    if "mfu" in implied:
        place["share_below"] = share_below(implied["mfu"], low, middle, high)
    return place


def share_below(value: float, low: float, middle: float, high: float) -> float:
    """Share of a log-normal distribution below a value, by its 5th percentile, median and 95th percentile."""
    side = math.log(middle / low) if value < middle else math.log(high / middle)
    return 0.5 * math.erfc(-math.log(value / middle) * NINETY / max(side, 1e-9) / math.sqrt(2.0))
