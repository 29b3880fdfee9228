"""Split set-ups: prompts read and output written on chips of their own, in the ratio that keeps both busy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from waterline.performance.constants import Constants
from waterline.performance.model import Shape
from waterline.performance.serving.closed_loop import Served
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.forward import PassTime
from waterline.performance.serving.memory import fits, most_requests
from waterline.performance.serving.overlap import fastest_step, with_spare_experts
from waterline.performance.serving.prefill_units import PrefillUnits, prefill_units
from waterline.performance.serving.search import (
    Candidates,
    Readers,
    ServingQuestion,
    layout_table,
    setting_for,
    with_batches,
    workload_of,
)
from waterline.performance.serving.setting import Deployment, Setting
from waterline.performance.shapes import shape_of
from waterline.performance.table import Array


def split_candidates(question: ServingQuestion, constants: Constants | None = None) -> Candidates | None:
    """Every layout and batch to decode with, each with the prefill units that serve it best within the limit on the
    first token (or, where none meets it, the soonest); None where no two units fit.

    Rates are matched: where no count is stated, a decode unit has the fraction of a prefill unit that feeds it; a
    stated count is shared out in whole units.
    """
    constants = constants or serving_constants()
    shape = shape_of(question.model, constants)
    table = layout_table(question, shape)
    rows, batches = with_batches(table)
    setting = _units(question, shape, rows, batches, constants)
    step, running, holds = decoding(setting, batches, constants)
    units = prefill_units(
        _units(question, shape, table, np.ones(len(table)), constants), question.ttft_limit, constants
    )
    if not units.rate.size:
        return None
    writer_chips = np.asarray(setting.deployment.chips)
    found = matched(question, writer_chips, np.where(holds, running / step.total, 0.0), units)
    tpot = np.asarray(step.total)
    return Candidates(
        question,
        shape,
        replace(setting, deployment=replace(setting.deployment, replicas=found.writers)),
        Served(units.first[found.unit], tpot, found.throughput, running, step, np.zeros_like(tpot)),
        prompt_share=found.prompt_share,
        holds=np.logical_and(holds, found.throughput > 0),
        chips=found.chips,
        readers=Readers(units.setting, units.layout[found.unit], units.pass_tokens[found.unit], found.readers),
    )


def decoding(setting: Setting, batches: Array, constants: Constants) -> tuple[PassTime, Array, NDArray[np.bool_]]:
    """`batches` requests on each unit that only decodes: its step, the requests that run, and whether all fit."""
    roomy = with_spare_experts(setting, constants)
    running = np.minimum(batches, most_requests(roomy, constants))
    context = setting.workload.prompt + np.asarray(setting.workload.output) / 2.0
    step = fastest_step(setting, constants, running, context)
    return step, running, np.logical_and(fits(roomy, constants), running >= batches - 0.5)


def _units(question: ServingQuestion, shape: Shape, table: Array, requests: Array, constants: Constants) -> Setting:
    """One copy of each layout of `table`, under `requests` requests."""
    tensor, data, expert, pipeline = table.T
    deployment = Deployment(tensor, data, expert, pipeline, replicas=1.0)
    return setting_for(question, shape, deployment, workload_of(question, requests), constants)


@dataclass(frozen=True)
class Matching:
    """For each decode unit: index of the prefill `unit`, units that read and that write, output tokens/s of all, the
    part of the chips that reads prompts, and all chips."""

    unit: NDArray[np.intp]
    readers: Array
    writers: Array
    throughput: Array
    prompt_share: Array
    chips: Array


def matched(question: ServingQuestion, chips: Array, written: Array, units: PrefillUnits) -> Matching:
    """Prefill units beside decode units of `chips` chips that write `written` tokens/s."""
    unit, readers, writers, throughput = _in_ratio(question, chips, written, units)
    read, write = readers * units.chips[unit], writers * chips
    total = np.full_like(write, question.count) if question.count else read + write
    return Matching(unit, readers, writers, throughput, read / np.maximum(read + write, 1e-30), total)


def _in_ratio(
    question: ServingQuestion, chips: Array, written: Array, units: PrefillUnits
) -> tuple[NDArray[np.intp], Array, Array, Array]:
    """The prefill unit, units that read, units that write, and output tokens/s of all."""
    ratio = question.input / question.output
    feeds = units.rate * units.chips / ratio  # output tokens/s that one prefill unit feeds
    if question.count is None:
        best = int(np.argmax(units.rate))
        return np.full(chips.shape, best), written / feeds[best], np.ones_like(written), written
    found = [_whole_units(question.count, chips, written, float(size), float(fed))
             for size, fed in zip(units.chips, feeds, strict=True)]  # fmt: skip
    chosen = np.argmax([throughput for _, _, throughput in found], axis=0)
    reading, writing, throughput = (np.choose(chosen, list(parts)) for parts in zip(*found, strict=True))
    return chosen, reading, writing, throughput


def _whole_units(count: int, chips: Array, written: Array, size: float, fed: float) -> tuple[Array, Array, Array]:
    """Units that read, units that write and output tokens/s when `count` chips are shared out: the whole numbers around
    the matched ratio, all chips that one side leaves given to the other."""
    matched = count / (chips + np.maximum(written, 1e-30) / fed * size)  # units that write
    read = np.stack([rounded(matched * written / fed) for rounded in (np.floor, np.ceil)])
    write = np.concatenate([np.floor(matched)[None], np.ceil(matched)[None], (count - read * size) // chips])
    read = np.maximum((count - write * chips) // size, 0.0)
    throughput = np.where(write > 0, np.minimum(write * written, read * fed), 0.0)
    best = np.argmax(throughput, axis=0), np.arange(chips.size)
    return read[best], write[best], throughput[best]
