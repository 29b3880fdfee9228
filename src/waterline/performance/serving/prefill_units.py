"""Units of chips that only read prompts: how fast, and how long until the first token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.performance.serving.hand_over import handed_over
from waterline.performance.serving.overlap import room_beside_spares, spread, spread_read_time
from waterline.performance.serving.steps import Steps
from waterline.performance.table import Array, take

PROMPTS = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])  # that a chip of a spread unit reads in one pass


@dataclass(frozen=True)
class Reading:
    """How units read prompts: prompt tokens of a chip's pass, tokens/s of each chip, and seconds to the first token."""

    pass_tokens: Array
    rate: Array
    first: Array


@dataclass(frozen=True)
class PrefillUnits:
    """The best unit of each size: row of its `layout` in the setting, `chips`, and how it reads."""

    layout: NDArray[np.intp]
    chips: Array
    reading: Reading


def prefill_units(steps: Steps, limit: float) -> PrefillUnits:
    """Of layouts of shape (layouts, 1) the one of each size that reads most within `limit` seconds to the first token;
    where none meets the limit, the one that is soonest. Empty where the model fits none."""
    ways = ways_to_read(steps)
    best = best_way(ways, max(limit, float(np.min(ways.first, initial=np.inf))))
    found = Reading(*(np.ravel(part) for part in (best.pass_tokens, best.rate, best.first)))
    order = np.argsort(-found.rate, kind="stable")
    order = order[found.rate[order] > 0]
    chips = np.ravel(steps.setting.deployment.chips)
    _, firsts = np.unique(chips[order], return_index=True)
    kept = order[firsts]
    return PrefillUnits(kept, chips[kept], take(found, kept))


def ways_to_read(steps: Steps) -> Reading:
    """Every way of each row, shape (ways, *rows): plain, and where experts are spread several prompts in two halves.
    The first token takes for ever where weights and a request do not fit, and where a row cannot read so."""
    setting, constants = steps.setting, steps.constants
    spreading = spread(setting)
    ways = [_plain(steps)]
    if spreading.any():
        ways.append(_spread(steps))
    service, alone, passed, pass_tokens = (np.concatenate(parts) for parts in zip(*ways, strict=True))
    load = constants["prefill_load"]
    rate = load * np.asarray(setting.workload.input) / service / setting.deployment.chips
    first = alone + passed / 2.0 + load / (2.0 * (1.0 - load)) * service + handed_over(steps)
    first[1:] = np.where(spreading, first[1:], np.inf)
    return Reading(pass_tokens, rate, np.where(room_beside_spares(steps).fits, first, np.inf))


def best_way(ways: Reading, limit: float | Array) -> Reading:
    """The way of each row that reads most within `limit` seconds to the first token; a rate of 0 where none does."""
    rate = np.where((ways.first <= limit) & np.isfinite(ways.first), ways.rate, 0.0)
    if len(rate) == 1:
        return Reading(ways.pass_tokens[0], rate[0], ways.first[0])
    way = np.argmax(rate, axis=0)[None]
    return Reading(*(np.take_along_axis(part, way, 0)[0] for part in (ways.pass_tokens, rate, ways.first)))


def _plain(steps: Steps) -> tuple[Array, Array, Array, Array]:
    """One prompt at a time in each attention group and pipeline stage: seconds of the unit's time for each prompt,
    seconds of the prompt itself, of a pass that others wait for, and tokens of a pass; each of shape (1, *rows)."""
    alone = steps.alone[None]
    tokens = np.broadcast_to(steps.setting.workload.input, alone.shape)
    return alone / steps.together / steps.setting.deployment.pipeline, alone, np.zeros_like(alone), tokens


def _spread(steps: Steps) -> tuple[Array, Array, Array, Array]:
    """Passes of `PROMPTS` prompts, or `wide_pass_tokens`, on each chip in two halves. The same four as `_plain`, of
    shape (ways, *rows)."""
    prompt = np.asarray(steps.setting.workload.input)
    prompts = PROMPTS.reshape(-1, *[1] * steps.alone.ndim)
    tokens = np.minimum(prompts * prompt, steps.constants["wide_pass_tokens"])
    passed = spread_read_time(steps, tokens)
    service = passed * prompt / tokens / np.asarray(steps.setting.deployment.attention_data)
    return service, passed * np.maximum(prompt / tokens, 1.0), passed, np.broadcast_to(tokens, passed.shape)
