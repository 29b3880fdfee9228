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
WIDE = (16, 32, 64, 72, 96, 128, 144, 256, 320)  # chips over which experts are spread, across the network if need be
MOST_COPIES = 1.25  # of experts, where chips of a wide group outnumber them


@dataclass(frozen=True)
class ServingQuestion:
    """What is asked: a model served on a chip for requests of mean `input` and `output` tokens.

    `input` counts the tokens that are read; `cached` further ones are found in a prefix cache. `count` chips at hand
    (None: as many as one copy takes), `ttft_limit` and `tpot_limit` in seconds, `precision` of the weights (empty: 8
    bits where the chip multiplies them, fewer where the model was released with fewer).
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
    cached: float = 0.0


@dataclass(frozen=True)
class Readers:
    """Prefill units of split set-ups: their layouts in `setting`, one a row, and for each candidate the row of its
    `layout`, the prompt tokens that a chip reads in a pass, and its `units` (a fraction where no count is stated)."""

    setting: Setting
    layout: NDArray[np.intp]
    pass_tokens: Array
    units: Array


@dataclass(frozen=True)
class Candidates:
    """Layouts by batches of a question, each row one; `served` is the engine's answer, `prompt_share` the part of
    the chips' time that reads prompts, `holds` whether weights and requests fit, `chips` all chips of each, idle ones
    of a stated count included. With `readers`, prompts are read on chips of their own and `setting` is that of the
    chips that decode."""

    question: ServingQuestion
    shape: Shape
    setting: Setting
    served: Served
    prompt_share: Array
    holds: NDArray[np.bool_]
    chips: Array
    readers: Readers | None = None

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
    """Every layout and batch that a question leaves open, where the same chips read prompts and decode.

    Raises InputError for impossible questions: lengths that are not positive or beyond the model's context, an
    unknown precision, a number of chips that is no whole number, a model that fits no layout.
    """
    constants = constants or serving_constants()
    _check(question)
    shape = shape_of(question.model, constants)
    rows, batches = with_batches(layout_table(question, shape))
    tensor, data, expert, pipeline = rows.T
    unit = tensor * data * pipeline
    replicas = np.floor((question.count or unit) / unit)
    deployment = Deployment(tensor, data, expert, pipeline, replicas)
    setting = setting_for(question, shape, deployment, workload_of(question, batches * replicas), constants)
    served, share, holds = aggregated(setting, batches, constants)
    chips = np.full_like(unit, question.count) if question.count else unit
    return Candidates(question, shape, setting, served, share, holds, chips)


def aggregated(setting: Setting, batches: Array, constants: Constants) -> tuple[Served, Array, NDArray[np.bool_]]:
    """`batches` requests on each copy of chips that read prompts and decode: the engine's answer, the part of the
    chips' time that reads prompts, and whether weights and requests fit."""
    served = closed_loop(setting, constants)
    output = np.asarray(setting.workload.output)
    decoding = served.step.total * output
    reading = np.where(served.running > 1.0, served.stall * output, prefill_time(setting, constants).alone)
    share = reading / np.maximum(reading + decoding, 1e-30)
    holds = np.logical_and(fits(setting, constants), served.running >= batches - 0.5)
    return served, np.asarray(share), holds


def workload_of(question: ServingQuestion, concurrency: Array) -> Workload:
    """The requests of a question, `concurrency` of them in flight, arriving at random."""
    return Workload(
        input=question.input, output=question.output, concurrency=concurrency, spread=1.0, waves=1e3, draft=0.0,
        accepted=1.0, cached=question.cached,
    )  # fmt: skip


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
            read = " that are read" if name == "input" and question.cached else ""
            raise InputError(f"--{name} must be a positive number of tokens{read}, not {value:g}")
    longest = question.model.max_context
    if longest and question.input + question.cached + question.output > longest:
        raise InputError(
            f"{question.input + question.cached:g} + {question.output:g} tokens exceed the context of "
            f"{question.model.name}, {longest:g}"
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


def layout_table(question: ServingQuestion, shape: Shape) -> Array:
    """Degrees of tensor, attention-data, expert and pipeline parallelism of one copy, shape (layouts, 4); no copy has
    more chips than there are."""
    return np.array(list(_layouts(question, shape)), dtype=float)


def with_batches(table: Array) -> tuple[Array, Array]:
    """Each layout beside each batch of one copy: as many requests as a server may run, more for copies of several."""
    return np.repeat(table, BATCHES.size, axis=0), batches_of(table[:, 1])


def batches_of(groups: Array) -> Array:
    """The batches of copies with so many attention groups each, one copy after the other."""
    return np.round(np.tile(BATCHES, groups.size) * np.maximum(np.repeat(groups, BATCHES.size) / NODE, 1.0))


def _layouts(question: ServingQuestion, shape: Shape) -> Iterator[tuple[float, float, float, float]]:
    most = question.count or math.inf
    largest = min(most, max(NODE, min(question.chip.scale_up_domain or 1, RACK)))
    degree = 1
    while degree <= largest:
        for pipeline in (1, 2, 4):
            if degree * pipeline <= most:
                if degree <= shape.heads and degree <= 16:
                    yield degree, 1, 1, pipeline
                    if shape.experts and degree > 1:
                        yield degree, 1, min(degree, shape.experts), pipeline
                if shape.experts and degree > 1:
                    yield 1, degree, min(degree, shape.experts), pipeline
        degree *= 2
    for width in WIDE:
        if largest < width <= min(most, MOST_COPIES * shape.experts):
            yield 1, width, width, 1
