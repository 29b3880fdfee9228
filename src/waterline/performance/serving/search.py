"""All ways to lay a model over chips to serve it: layouts that fit, and what does not depend on their load."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waterline.core.errors import InputError
from waterline.performance.chip import NODE, Chip
from waterline.performance.constants import Constants
from waterline.performance.model import Model, Shape
from waterline.performance.serving.attention import sparse_tokens
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.formats import bits_of, native_bits, precision_of, usual_bits
from waterline.performance.serving.memory import room_of
from waterline.performance.serving.setting import (
    Deployment,
    Kinds,
    Setting,
    Workload,
    serving_family,
    silicon_of,
)
from waterline.performance.serving.steps import Decoding, Steps, decoding_of, steps_of
from waterline.performance.shapes import shape_of
from waterline.performance.table import Array, take

BATCHES = np.unique(np.round(np.geomspace(1.0, 4096.0, 60)))
RACK = 64  # chips of a scale-up domain that one copy takes at most, but for wide groups of experts
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
class Copies:
    """One copy of each layout that a question leaves open, degrees in `setting` of shape (layouts, 1); of the layouts
    that fit, `fitting` rows of those, the `steps` of serving, whatever runs on them, and the `decoding` of every batch.
    """

    question: ServingQuestion
    setting: Setting
    fitting: NDArray[np.intp]
    steps: Steps
    decoding: Decoding

    def columns(self, *parts: NDArray[Any], other: float = np.nan) -> NDArray[Any]:
        """Values of the layouts that fit, each of shape (fitting, batches), as columns of all layouts by batches, shape
        (parts, layouts × batches): `other` where a layout does not fit."""
        table = np.full((len(parts), np.size(self.setting.deployment.tensor), BATCHES.size), other)
        for column, part in zip(table, parts, strict=True):
            column[self.fitting] = part
        return table.reshape(len(parts), -1)


def copies_of(question: ServingQuestion, constants: Constants | None = None) -> Copies:
    """Every layout that a question leaves open.

    Raises InputError for impossible questions: lengths that are not positive or beyond the model's context, an
    unknown precision, a number of chips that is no whole number, a model that fits no layout.
    """
    constants = constants or serving_constants()
    _check(question)
    shape = shape_of(question.model, constants)
    tensor, data, expert, pipeline = layout_table(question, shape).T[:, :, None]
    deployment = Deployment(tensor, data, expert, pipeline, replicas=1.0)
    setting = setting_for(question, shape, deployment, workload_of(question, 1.0), constants)
    fitting = np.flatnonzero(room_of(setting, constants).fits)
    if not fitting.size:
        raise InputError(_too_large(question))
    steps = steps_of(take(setting, fitting), constants)
    return Copies(question, setting, fitting, steps, decoding_of(steps, batches_of(steps), steps.room.most))


def batches_of(steps: Steps) -> Array:
    """Requests that may run on a copy of each layout: as many as a server may run, more for copies of several servers;
    shape (layouts, batches) for layouts of shape (layouts, 1)."""
    return np.round(BATCHES * np.maximum(np.asarray(steps.setting.deployment.attention_data) / NODE, 1.0))


def workload_of(question: ServingQuestion, concurrency: float | Array) -> Workload:
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


def _too_large(question: ServingQuestion) -> str:
    count = f"{question.count} × " if question.count else "any layout of "
    return (
        f"{question.model.name} with {question.input + question.cached + question.output:g} tokens does not fit in the "
        f"memory of {count}{question.chip.name}; more chips, narrower weights or shorter requests would"
    )
