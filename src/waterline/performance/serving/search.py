"""All ways to serve a model on a chip: layouts by batch, evaluated at once, within limits on latency and memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.core.errors import InputError
from waterline.performance.chip import Chip
from waterline.performance.constants import Constants
from waterline.performance.model import Model, Shape
from waterline.performance.serving.attention import sparse_tokens
from waterline.performance.serving.closed_loop import Served, closed_loop
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.formats import bits_of, native_bits, precision_of, usual_bits
from waterline.performance.serving.memory import fits
from waterline.performance.serving.setting import Deployment, Kinds, Setting, Workload, serving_family, silicon_of
from waterline.performance.serving.steps import prefill_time
from waterline.performance.shapes import shape_of
from waterline.performance.table import Array

BATCHES = np.unique(np.round(np.geomspace(1.0, 4096.0, 60)))
NODE = 8
RACK = 64
WIDEST = 128  # chips over which experts are spread, across the network where they exceed a scale-up domain


@dataclass(frozen=True)
class ServingQuestion:
    """What is asked: a model served on a chip for requests of mean `input` and `output` tokens.

    `count` chips at hand (None: as many as one copy takes), `ttft_limit` and `tpot_limit` in seconds, `precision` of
    the weights (empty: 8 bits where the chip multiplies them, fewer where the model was released with fewer).
    """

    model: Model
    chip: Chip
    input: float
    output: float
    count: int | None = None
    precision: str = ""
    ttft_limit: float = math.inf
    tpot_limit: float = math.inf
    engine: str = "vllm"


@dataclass(frozen=True)
class Candidates:
    """Layouts by batches of a question, each row one; `served` is the engine's answer, `prompt_share` the part of
    the chips' time that reads prompts, `holds` whether weights and requests fit."""

    question: ServingQuestion
    shape: Shape
    setting: Setting
    served: Served
    prompt_share: Array
    holds: NDArray[np.bool_]

    @property
    def chips(self) -> Array:
        """Chips of each candidate, idle ones of a stated count included."""
        used = self.setting.deployment.chips
        return np.full_like(used, self.question.count) if self.question.count else used

    @property
    def output_rate(self) -> Array:
        """Output tokens/s per chip."""
        return np.asarray(self.served.throughput / self.chips)

    @property
    def within(self) -> NDArray[np.bool_]:
        """Which candidates fit and meet the limits."""
        question = self.question
        first, each = self.served.ttft <= question.ttft_limit, self.served.tpot <= question.tpot_limit
        return np.logical_and(self.holds, np.logical_and(first, each))


def candidates_of(question: ServingQuestion, constants: Constants | None = None) -> Candidates:
    """Every layout and batch that a question leaves open.

    Raises InputError for impossible questions: lengths that are not positive or beyond the model's context, an
    unknown precision, a number of chips that is no whole number, a model that fits no layout.
    """
    constants = constants or serving_constants()
    _check(question)
    shape = shape_of(question.model, constants)
    table = np.array(list(_layouts(question, shape)))
    if table.size == 0:
        raise InputError(f"no layout of {question.model.name} uses {question.count} × {question.chip.name}")
    rows = np.repeat(table, BATCHES.size, axis=0)
    batches = np.tile(BATCHES, len(table))
    tensor, data, expert, pipeline, replicas = rows.T
    deployment = Deployment(tensor, data, expert, pipeline, replicas)
    workload = Workload(
        input=question.input, output=question.output, concurrency=batches * replicas, spread=1.0, waves=1e3,
        draft=0.0, accepted=1.0,
    )  # fmt: skip
    setting = setting_for(question, shape, deployment, workload, constants)
    served = closed_loop(setting, constants)
    prefill = prefill_time(setting, constants)
    reading = served.stall * question.output
    share = reading / np.maximum(reading + served.step.total * question.output, 1e-30)
    share = np.where(served.running > 1.0, share, prefill.alone / (prefill.alone + served.step.total * question.output))
    holds = np.logical_and(fits(setting, constants), served.running >= batches - 0.5)
    return Candidates(question, shape, setting, served, np.asarray(share), holds)


def setting_for(
    question: ServingQuestion, shape: Shape, deployment: Deployment, workload: Workload, constants: Constants
) -> Setting:
    """The engine's input for deployments of a question, on current software."""
    chip = question.chip
    bits = bits_of(question.precision) or min(native_bits(question.model), 8 if chip.fp8_flops else 16)
    precision = precision_of(
        chip, shape, question.precision, "", engine=question.engine, default_bits=bits, whole=not shape.experts
    )
    return Setting(
        silicon=silicon_of(chip, precision.linear_rate, precision.expert_rate, constants),
        formats=precision.formats,
        shape=shape,
        deployment=deployment,
        workload=workload,
        family=Kinds((serving_family(chip, constants),), np.array(0)),
        engine=Kinds((question.engine,), np.array(0)),
        age=np.array(0.0),
        sparse_reach=np.array(sparse_tokens(question.model, constants)),
    )


def _check(question: ServingQuestion) -> None:
    for name in ("input", "output"):
        value = getattr(question, name)
        if not (math.isfinite(value) and value >= 1):
            raise InputError(f"--{name} must be a positive number of tokens, not {value:g}")
    longest = question.model.max_context
    if longest and question.input + question.output > longest:
        raise InputError(
            f"{question.input:g} + {question.output:g} tokens exceed the context of {question.model.name}, {longest:g}"
        )
    for name in ("ttft_limit", "tpot_limit"):
        if not getattr(question, name) > 0:
            raise InputError(f"--{name.replace('_limit', '-ms')} must be positive")
    if question.precision and not bits_of(question.precision):
        raise InputError(f"unknown precision {question.precision!r}; known: bf16, fp16, fp8, int8, nvfp4, mxfp4, int4")
    if bits_of(question.precision) == 4 and "fp4" in question.precision and not question.chip.fp4_flops:
        usual = {4: "fp4", 8: "fp8", 16: "bf16"}[usual_bits(question.chip)]
        raise InputError(f"{question.chip.name} has no fp4; its narrowest is {usual}, or int4 for weights alone")
    if question.count is not None and not (1 <= question.count <= 1_000_000):
        raise InputError(f"--count must be a whole number from 1 to 1,000,000, not {question.count}")


def _layouts(question: ServingQuestion, shape: Shape) -> Iterator[tuple[float, float, float, float, float]]:
    """Degrees of tensor, attention-data, expert and pipeline parallelism, and copies."""
    largest = min(question.count or RACK, max(NODE, min(question.chip.scale_up_domain or 1, RACK)))
    degree = 1
    while degree <= largest:
        for pipeline in (1, 2, 4):
            if degree * pipeline <= (question.count or largest * pipeline):
                copies = (question.count or degree * pipeline) // (degree * pipeline)
                if degree <= shape.heads and degree <= 16:
                    yield degree, 1, 1, pipeline, copies
                    if shape.experts and degree > 1:
                        yield degree, 1, min(degree, shape.experts), pipeline, copies
                if shape.experts and degree > 1:
                    yield 1, degree, min(degree, shape.experts), pipeline, copies
        degree *= 2
    while shape.experts and degree <= min(question.count or WIDEST, WIDEST):
        yield 1, degree, min(degree, shape.experts), 1, (question.count or degree) // degree
        degree *= 2
