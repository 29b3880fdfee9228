"""Layouts by batches, each of them one candidate: how fast it serves, and whether it fits and meets the limits."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from waterline.performance.serving.closed_loop import Served, looped
from waterline.performance.serving.forward import PassTime
from waterline.performance.serving.search import BATCHES, Copies, ServingQuestion
from waterline.performance.serving.setting import Deployment, Setting
from waterline.performance.serving.steps import Decoding, Steps
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
    """Layouts by batches of a question, each row one, with `replicas` whole copies; `served` is the engine's answer,
    `prompt_share` the part of the chips' time that reads prompts, `holds` whether weights and requests fit, `chips` all
    chips of each, idle ones of a stated count included. With `readers`, prompts are read on chips of their own and the
    layouts are those of the chips that decode. Numbers of layouts that do not fit are NaN. `copies` are the layouts by
    themselves."""

    copies: Copies
    replicas: Array
    served: Served
    prompt_share: Array
    holds: NDArray[np.bool_]
    chips: Array
    readers: Readers | None

    @property
    def question(self) -> ServingQuestion:
        """What was asked."""
        return self.copies.question

    @functools.cached_property
    def setting(self) -> Setting:
        """The engine's input, row by row."""
        setting = self.copies.setting
        tensor, data, expert, pipeline = np.repeat(setting.deployment.degrees, BATCHES.size, axis=1)
        wanted = self.copies.columns(self.copies.decoding.wanted)[0]
        return replace(
            setting,
            deployment=Deployment(tensor, data, expert, pipeline, self.replicas),
            workload=replace(setting.workload, concurrency=wanted * self.replicas),
        )

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
    served, share, holds = aggregated(replace(copies.steps, setting=whole), copies.decoding)
    return Candidates(
        copies,
        np.repeat(replicas, BATCHES.size),
        served_by_all(copies, served),
        copies.columns(share)[0],
        copies.columns(holds, other=False)[0],
        np.repeat(np.full_like(unit, count) if count else unit, BATCHES.size),
        readers=None,
    )


def aggregated(steps: Steps, decoding: Decoding) -> tuple[Served, Array, NDArray[np.bool_]]:
    """Copies of chips that read prompts and decode: the engine's answer, the part of the chips' time that reads
    prompts, and whether weights and all requests fit."""
    served = looped(steps, decoding)
    output = np.asarray(steps.setting.workload.output)
    writing = served.step.total * output
    reading = np.where(served.running > 1.0, served.stall * output, steps.alone)
    holds = np.logical_and(steps.room.fits, served.running >= decoding.wanted - 0.5)
    return served, np.asarray(reading / np.maximum(reading + writing, 1e-30)), holds


def served_by_all(copies: Copies, served: Served) -> Served:
    """What layouts that fit serve, as columns of all layouts by batches."""
    parts = (served.ttft, served.tpot, served.throughput, served.running, served.stall)
    ttft, tpot, throughput, running, stall, *step = copies.columns(*parts, *vars(served.step).values())
    return Served(ttft, tpot, throughput, running, PassTime(*step), stall)
