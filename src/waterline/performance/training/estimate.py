"""The engine's answer to a planner: the best plans for a model on some chips, and what of the time trains."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from waterline.core.errors import InputError
from waterline.performance.chip import Chip, family_of, machine_of, usual_date
from waterline.performance.constants import Constants, default_constants
from waterline.performance.model import Model, model_flops_per_token
from waterline.performance.shapes import shape_of
from waterline.performance.software import software_of
from waterline.performance.training.plan import Job
from waterline.performance.training.practice import practice_of
from waterline.performance.training.search import Ranking, search
from waterline.performance.training.uncertainty import half_width, kind_of

DEFAULT_FRAMEWORK = "tuned"  # what a team that trains a large model makes of the chips
LONGEST_USUAL = 8192.0  # tokens of a sequence where nothing is said and the model's context is no shorter


@dataclass(frozen=True)
class Question:
    """What is asked: a model on `count` chips.

    `sequence` tokens, `batch_tokens` per step, `precision`, and the software by `framework` and `date`; None
    takes the usual value (the model's context up to `LONGEST_USUAL` tokens; `default_step_tokens` per chip; the
    chip's release plus a year). `schedule` names a pipeline schedule other than the framework's (1f1b, dualpipe).
    """

    model: Model
    chip: Chip
    count: int
    precision: str = "bf16"
    sequence: float | None = None
    batch_tokens: float | None = None
    framework: str = DEFAULT_FRAMEWORK
    date: str | None = None
    schedule: str = ""

    @property
    def sequence_length(self) -> float:
        """Tokens of a sequence, as asked or usual."""
        return float(self.sequence or min(self.model.max_context or LONGEST_USUAL, LONGEST_USUAL))


@dataclass(frozen=True)
class Answer:
    """The best plans, fastest first, and the 90% interval of the best one's tokens/s per chip.

    `usable_bytes` is a chip's memory less what driver, buffers and fragmentation take.
    """

    question: Question
    ranking: Ranking
    tokens_per_second: float
    low: float
    high: float
    flops_per_token: float
    peak: float
    usable_bytes: float
    seconds: float

    @property
    def mfu(self) -> float:
        """Model FLOPs utilisation of the best plan: useful FLOP (causal attention) over the dense peak."""
        return self.tokens_per_second * self.flops_per_token / self.peak


def best_plans(question: Question, top: int = 10, progress: Callable[[str], None] | None = None) -> Answer:
    """Search all valid plans for the fastest that fit; `progress` is told in words what is searched.

    Raises InputError for impossible questions: no such precision, no plan, nothing fits.
    """
    constants = default_constants()
    started = time.perf_counter()
    _check(question)
    shape = shape_of(question.model, constants)
    chip, date = question.chip, question.date or usual_date(question.chip)
    software = software_of(question.framework, date, constants, question.schedule, family_of(chip, constants))
    machine = machine_of(chip, question.precision, software, constants)
    job = _job(question, constants)
    if progress:
        progress(f"searching plans of {question.model.name} on {question.count:,} × {chip.name}")
    used = usable(question.count, job.global_batch)
    choices = {"bubble": [constants["split_backward_bubble"]]} if software.split_backward else None
    practice = practice_of(software, constants)
    ranking = search(machine, practice, shape, job, used, choices=choices, top=top)
    # idle chips count as well: the rate is per chip asked for
    rate = float(job.sequence * job.global_batch / ranking.time.total[0] / question.count)
    kind = kind_of(chip, shape.experts > 0, question.precision, "", constants)
    unsaid = ["plan", *(["architecture"] if question.model.layers is None else [])]
    width = half_width(kind, unsaid, constants)
    return Answer(
        question,
        ranking,
        rate,
        rate * math.exp(-width),
        rate * math.exp(width),
        float(model_flops_per_token(shape, np.asarray(job.sequence))),
        machine.peak,
        (machine.memory_bytes - practice.reserve) / practice.fragmentation,
        time.perf_counter() - started,
    )


def _check(question: Question) -> None:
    if question.count < 1 or question.count != int(question.count) or question.count > 10_000_000:
        raise InputError(f"the number of chips must be a whole number from 1 to 10,000,000, not {question.count}")
    for name in ("sequence", "batch_tokens"):
        value = getattr(question, name)
        if value is not None and not (math.isfinite(value) and value >= 1):
            raise InputError(f"{name} must be a positive number, not {value}")


def _job(question: Question, constants: Constants) -> Job:
    sequence = question.sequence_length
    wanted = (question.batch_tokens or constants["default_step_tokens"] * question.count) / sequence
    return Job(
        sequence=sequence,
        imbalance=constants["expert_imbalance"],
        global_batch=divisible_batch(wanted, usable(question.count, wanted)),
    )


def divisible_batch(sequences: float, count: int) -> float:
    """The batch nearest to `sequences` that many plans of `count` chips divide.

    A multiple of the odd factors of `count` times a power of two, within about a sixteenth of `sequences` where
    those factors allow.
    """
    odd = _odd(count)
    unit = odd * 2.0 ** max(0, round(math.log2(max(sequences / odd, 1.0) / 8.0)))
    return float(max(1.0, round(sequences / unit)) * unit)


def usable(count: int, sequences: float) -> int:
    """The chips of `count` that plans can use: all, unless their odd factors outnumber the batch's sequences."""
    if _odd(count) <= max(1.0, sequences / 2.0):
        return count
    unit = 1 << max(0, round(math.log2(count / 16.0)))
    return count // unit * unit


def _odd(count: int) -> int:
    return count // (count & -count)


def goodput(count: int) -> float:
    """Share of wall time that trains, after interruptions that grow with the number of chips."""
    constants = default_constants()
    lost = count * constants["goodput_interruptions"] * constants["goodput_hours_lost"] / 24.0
    return 1.0 / (1.0 + lost)
