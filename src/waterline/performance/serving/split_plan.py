"""Split set-ups: prompts read and output written on chips of their own, in the ratio that keeps both busy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.model import Shape
from waterline.performance.serving.closed_loop import Served
from waterline.performance.serving.constants import serving_constants
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


def split_candidates(
    question: ServingQuestion,
    constants: Constants | None = None,
    layouts: Array | None = None,
    reading: Array | None = None,
) -> Candidates | None:
    """Every layout and batch to decode with, each with the prefill units that serve it best within the limit on the
    first token (or, where none meets it, the soonest); None where no two units fit. `layouts` and `reading` narrow the
    layouts of both sides, as rows of `layout_table`.

    Rates are matched: where no count is stated, a decode unit has the fraction of a prefill unit that feeds it; a
    stated count is shared out in whole units.
    """
    constants = constants or serving_constants()
    shape = shape_of(question.model, constants)
    table = layout_table(question, shape) if layouts is None else layouts
    reading = table if reading is None else reading
    rows, batches = with_batches(table)
    setting = _units(question, shape, rows, batches, constants)
    roomy = with_spare_experts(setting, constants)
    running = np.minimum(batches, most_requests(roomy, constants))
    step = fastest_step(setting, constants, running, setting.workload.prompt + question.output / 2.0)
    holds = np.logical_and(fits(roomy, constants), running >= batches - 0.5)
    units = prefill_units(
        _units(question, shape, reading, np.ones(len(reading)), constants), question.ttft_limit, constants
    )
    if not units.rate.size:
        return None
    writer_chips = np.asarray(setting.deployment.chips)
    written = np.where(holds, running / step.total, 0.0)
    chosen, readers, writers, throughput = _matched(question, writer_chips, written, units)
    tpot = np.asarray(step.total)
    read, write = readers * units.chips[chosen], writers * writer_chips
    return Candidates(
        question,
        shape,
        replace(setting, deployment=replace(setting.deployment, replicas=writers)),
        Served(units.first[chosen], tpot, throughput, running, step, np.zeros_like(tpot)),
        prompt_share=read / np.maximum(read + write, 1e-30),
        holds=np.logical_and(holds, throughput > 0),
        chips=np.full_like(write, question.count) if question.count else read + write,
        readers=Readers(units.setting, units.layout[chosen], units.pass_tokens[chosen], readers),
    )


def _units(question: ServingQuestion, shape: Shape, table: Array, requests: Array, constants: Constants) -> Setting:
    """One copy of each layout of `table`, under `requests` requests."""
    tensor, data, expert, pipeline = table.T
    deployment = Deployment(tensor, data, expert, pipeline, replicas=1.0)
    return setting_for(question, shape, deployment, workload_of(question, requests), constants)


def _matched(
    question: ServingQuestion, chips: Array, written: Array, units: PrefillUnits
) -> tuple[Array, Array, Array, Array]:
    """For decode units of `chips` chips that write `written` tokens/s: index of the prefill unit, units that read,
    units that write, and output tokens/s of all."""
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
