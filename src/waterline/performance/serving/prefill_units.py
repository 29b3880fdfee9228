"""Units of chips that only read prompts: how fast, and how long until the first token."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from waterline.performance.constants import Constants
from waterline.performance.serving.hand_over import handed_over
from waterline.performance.serving.memory import fits
from waterline.performance.serving.overlap import spread, spread_read_time, with_spare_experts
from waterline.performance.serving.setting import Setting
from waterline.performance.serving.steps import groups_together, prefill_time
from waterline.performance.table import Array, take

PROMPTS = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])  # that a chip of a spread unit reads in one pass


@dataclass(frozen=True)
class PrefillUnits:
    """The best unit of each size: row of its `layout` in `setting`, `chips`, prompt tokens of a chip's pass, tokens/s
    of each chip, and seconds to the first token."""

    setting: Setting
    layout: NDArray[np.intp]
    chips: Array
    pass_tokens: Array
    rate: Array
    first: Array


def prefill_units(setting: Setting, limit: float, constants: Constants) -> PrefillUnits:
    """Of the layouts in `setting` the one of each size that reads most within `limit` seconds to the first token; where
    none meets the limit, the one that is soonest. Empty where the model fits none."""
    count = np.asarray(setting.deployment.chips).size
    spreading = np.flatnonzero(np.broadcast_to(spread(setting), (count,)))
    layout = np.concatenate([np.arange(count), np.tile(spreading, PROMPTS.size)])
    ways = [_plain(setting, constants)]
    if spreading.size:
        ways.append(_spread(setting, layout[count:], np.repeat(PROMPTS, spreading.size), constants))
    service, alone, passed, pass_tokens = (np.concatenate(parts) for parts in zip(*ways, strict=True))
    chips = np.asarray(setting.deployment.chips)[layout]
    load = constants["prefill_load"]
    rate = load * np.asarray(setting.workload.input) / service / chips
    fixed = np.broadcast_to(handed_over(setting, constants), (count,))[layout]
    first = alone + passed / 2.0 + load / (2.0 * (1.0 - load)) * service + fixed
    holds = np.broadcast_to(fits(with_spare_experts(setting, constants), constants), (count,))[layout]
    usable = np.flatnonzero(holds)
    soonest = np.min(first[usable], initial=np.inf)
    usable = usable[first[usable] <= max(limit, soonest)]
    order = usable[np.argsort(-rate[usable], kind="stable")]
    _, firsts = np.unique(chips[order], return_index=True)
    kept = order[firsts]
    return PrefillUnits(setting, layout[kept], chips[kept], pass_tokens[kept], rate[kept], first[kept])


def _plain(setting: Setting, constants: Constants) -> tuple[Array, Array, Array, Array]:
    """One prompt at a time in each attention group and pipeline stage: seconds of the unit's time for each prompt,
    seconds of the prompt itself, of a pass that others wait for, and tokens of a pass."""
    deployment = setting.deployment
    alone = np.broadcast_to(prefill_time(setting, constants).alone, np.shape(deployment.chips))
    together = groups_together(setting, constants)
    tokens = np.full(alone.shape, float(setting.workload.input))
    return alone / together / np.asarray(deployment.pipeline), alone, np.zeros_like(alone), tokens


def _spread(
    setting: Setting, rows: NDArray[np.intp], prompts: Array, constants: Constants
) -> tuple[Array, Array, Array, Array]:
    """Passes of `prompts` prompts, or `wide_pass_tokens`, on each chip of the layouts `rows` in two halves. The same
    four as `_plain`."""
    unit = replace(setting, deployment=take(setting.deployment, rows))
    prompt = float(setting.workload.input)
    tokens = np.minimum(prompts * prompt, constants["wide_pass_tokens"])
    passed = spread_read_time(unit, constants, tokens)
    service = passed * prompt / tokens / np.asarray(unit.deployment.attention_data)
    return service, passed * np.maximum(prompt / tokens, 1.0), passed, tokens
