"""Split set-ups: prompts read and output written on chips of their own, in the ratio that keeps both busy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from waterline.performance.serving.candidates import Candidates, Readers, served_by_all
from waterline.performance.serving.closed_loop import Served
from waterline.performance.serving.forward import PassTime
from waterline.performance.serving.overlap import fastest_step, room_beside_spares
from waterline.performance.serving.prefill_units import PrefillUnits, prefill_units
from waterline.performance.serving.search import Copies, ServingQuestion
from waterline.performance.serving.setting import Deployment
from waterline.performance.serving.steps import Decoding, Steps, decoding_of
from waterline.performance.table import Array, take


def split_candidates(copies: Copies) -> Candidates | None:
    """Every layout and batch to decode with, each with the prefill units that serve it best within the limit on the
    first token (or, where none meets it, the soonest); None where no two units fit.

    Rates are matched: where no count is stated, a decode unit has the fraction of a prefill unit that feeds it; a
    stated count is shared out in whole units.
    """
    question, setting = copies.question, copies.steps.setting
    units = prefill_units(copies.steps, question.ttft_limit)
    if not units.layout.size:
        return None
    step, running, holds = decoding_apart(copies.steps, copies.decoding)
    tpot = step.total
    written = np.where(holds, running / tpot, 0.0)
    unit, found = best_matching(question, np.asarray(setting.deployment.chips), written, units)
    reading = take(units.reading, unit)
    share, chips, readers, writers, pass_tokens = copies.columns(
        found.prompt_share, found.chips, found.readers, found.writers, reading.pass_tokens
    )
    (holds,) = copies.columns(np.logical_and(holds, found.throughput > 0), other=False)
    (layout,) = copies.columns(units.layout[unit], other=0)
    flat = replace(setting, deployment=Deployment(*setting.deployment.degrees, replicas=1.0))
    served = Served(reading.first, tpot, found.throughput, running, step, np.zeros(1))
    return Candidates(
        copies,
        writers,
        served_by_all(copies, served),
        share,
        holds,
        chips,
        Readers(flat, layout, pass_tokens, readers),
    )


def decoding_apart(steps: Steps, decoding: Decoding) -> tuple[PassTime, Array, NDArray[np.bool_]]:
    """Units that only decode, where copies that also read would be `decoding`: the step, the requests that run, and
    whether weights and all requests fit."""
    room = room_beside_spares(steps)
    if room is not steps.room:
        decoding = decoding_of(steps, decoding.wanted, room.most)
    holds = np.logical_and(room.fits, decoding.running >= decoding.wanted - 0.5)
    return fastest_step(steps, decoding), decoding.running, holds


@dataclass(frozen=True)
class Matching:
    """Of decode units beside prefill units: units that read and that write, output tokens/s of all, the part of the
    chips that reads prompts, and all chips; each of the shape of the decode units."""

    readers: Array
    writers: Array
    throughput: Array
    prompt_share: Array
    chips: Array


def best_matching(
    question: ServingQuestion, chips: Array, written: Array, units: PrefillUnits
) -> tuple[NDArray[np.intp], Matching]:
    """For decode units of `chips` chips that write `written` tokens/s: the index of the prefill unit that serves each
    best, and the two side by side."""
    ratio = question.input / question.output
    if question.count is None:
        best = int(np.argmax(units.reading.rate))
        size, rate = units.chips[best], units.reading.rate[best]
        return np.full(written.shape, best), matched(None, chips, written, size, size * rate / ratio)
    size = units.chips[:, None, None]
    found = matched(question.count, chips, written, size, size * units.reading.rate[:, None, None] / ratio)
    chosen = np.argmax(found.throughput, axis=0)
    parts = (np.take_along_axis(part, chosen[None], 0)[0] for part in vars(found).values())
    return chosen, Matching(*parts)


def matched(count: int | None, chips: Array, written: Array, size: Array, fed: Array) -> Matching:
    """Decode units of `chips` chips that write `written` tokens/s beside prefill units of `size` chips, each of which
    feeds `fed` tokens/s of output."""
    if count is None:
        readers, writers, throughput = written / fed, np.ones_like(written), written
    else:
        readers, writers, throughput = _whole_units(count, chips, written, size, fed)
    read, write = readers * size, writers * chips
    total = np.full_like(write, count) if count else read + write
    return Matching(readers, writers, throughput, read / np.maximum(read + write, 1e-30), total)


def _whole_units(count: int, chips: Array, written: Array, size: Array, fed: Array) -> tuple[Array, Array, Array]:
    """Units that read, units that write and output tokens/s when `count` chips are shared out: the whole numbers around
    the matched ratio, all chips that one side leaves given to the other."""
    writing = count / (chips + np.maximum(written, 1e-30) / fed * size)
    reading = writing * written / fed
    given = [(count - rounded(reading) * size) // chips for rounded in (np.floor, np.ceil)]
    write = np.stack([np.floor(writing), np.ceil(writing), *given])
    read = np.maximum((count - write * chips) // size, 0.0)
    throughput = np.where(write > 0, np.minimum(write * written, read * fed), 0.0)
    best = np.argmax(throughput, axis=0)[None]
    read, write, throughput = (np.take_along_axis(part, best, 0)[0] for part in (read, write, throughput))
    return read, write, throughput
