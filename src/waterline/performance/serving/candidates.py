"""Layouts by batches, each of them one candidate: how fast it serves, and whether it fits and meets the limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from waterline.performance.serving.closed_loop import Served, looped
from waterline.performance.serving.forward import PassTime
from waterline.performance.serving.search import BATCHES, Copies, ServingQuestion, batches_of
from waterline.performance.serving.setting import Deployment, Setting
from waterline.performance.serving.steps import Steps
from waterline.performance.table import Array


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
    chips that decode. Numbers of layouts that do not fit are NaN. `copies` are the layouts by themselves."""

    copies: Copies
    setting: Setting
    served: Served
    prompt_share: Array
    holds: NDArray[np.bool_]
    chips: Array
    readers: Readers | None

    @property
    def question(self) -> ServingQuestion:
        """What was asked."""
        return self.copies.question

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


def aggregated_candidates(copies: Copies) -> Candidates:
    """Every layout and batch of a question, where the same chips read prompts and decode."""
    count, deployment = copies.question.count, copies.setting.deployment
    unit = np.asarray(deployment.chips)
    replicas = np.floor((count or unit) / unit)
    layouts = copies.steps.setting
    whole = replace(layouts, deployment=replace(layouts.deployment, replicas=replicas[copies.fitting]))
    batches = batches_of(np.asarray(layouts.deployment.attention_data))
    served, share, holds = aggregated(replace(copies.steps, setting=whole), batches)
    return Candidates(
        copies,
        by_batches(copies, np.repeat(replicas, BATCHES.size)),
        served_by_all(copies, served),
        copies.columns(share)[0],
        copies.columns(holds, other=False)[0],
        np.repeat(np.full_like(unit, count) if count else unit, BATCHES.size),
        readers=None,
    )


def aggregated(steps: Steps, batches: Array) -> tuple[Served, Array, NDArray[np.bool_]]:
    """`batches` requests on each copy of chips that read prompts and decode: the engine's answer, the part of the
    chips' time that reads prompts, and whether weights and requests fit."""
    running = np.minimum(batches, steps.room.most)
    served = looped(steps, batches, running)
    output = np.asarray(steps.setting.workload.output)
    decoding = served.step.total * output
    reading = np.where(running > 1.0, served.stall * output, steps.alone)
    holds = np.logical_and(steps.room.fits, running >= batches - 0.5)
    return served, np.asarray(reading / np.maximum(reading + decoding, 1e-30)), holds


def by_batches(copies: Copies, replicas: Array) -> Setting:
    """The setting with a row for each layout and batch, `replicas` whole copies of each."""
    tensor, data, expert, pipeline = np.repeat(copies.setting.deployment.degrees, BATCHES.size, axis=1)
    requests = batches_of(data[:: BATCHES.size, None]).ravel() * replicas
    return replace(
        copies.setting,
        deployment=Deployment(tensor, data, expert, pipeline, replicas),
        workload=replace(copies.setting.workload, concurrency=requests),
    )


def served_by_all(copies: Copies, served: Served) -> Served:
    """What layouts that fit serve, as columns of all layouts by batches."""
    parts = (served.ttft, served.tpot, served.throughput, served.running, served.stall)
    ttft, tpot, throughput, running, stall, *step = copies.columns(*parts, *vars(served.step).values())
    return Served(ttft, tpot, throughput, running, PassTime(*step), stall)
