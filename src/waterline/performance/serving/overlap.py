"""Two half-batches that take turns: while one computes, the other's tokens travel to their experts and back."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.exchange import exchange_pass_time, spare_expert_bytes
from waterline.performance.serving.forward import PassTime, forward_time
from waterline.performance.serving.memory import Room, room_of
from waterline.performance.serving.operators import smooth_maximum
from waterline.performance.serving.setting import Setting
from waterline.performance.serving.steps import Decoding, Steps, with_attention
from waterline.performance.table import Array


def spread(setting: Setting) -> Array:
    """Which rows spread whole experts over groups that each hold all of attention, as booleans."""
    deployment = setting.deployment
    grouped = (np.asarray(deployment.attention_data) > 1.0) & (np.asarray(deployment.tensor) == 1.0)
    return np.asarray(grouped & (np.asarray(deployment.pipeline) == 1.0) & (np.asarray(setting.shape.experts) > 0))


def room_beside_spares(steps: Steps) -> Room:
    """What memory holds beside the weights and, where experts are spread, copies of busy ones."""
    spreading = spread(steps.setting)
    if not spreading.any():
        return steps.room
    spare = np.where(spreading, spare_expert_bytes(steps.setting, steps.constants), 0.0)
    return room_of(steps.setting, steps.constants, spare)


def fastest_step(steps: Steps, decoding: Decoding) -> PassTime:
    """One decoding step, as `decoding` has it or, where experts are spread, with one-sided exchanges in one batch or in
    two halves: whichever is shortest."""
    plain, running, usable = decoding.step, decoding.running, spread(steps.setting)
    if not usable.any():
        return plain
    ways = [plain, _spread_step(steps, running, 1.0), _spread_step(steps, running, 2.0)]
    times = np.stack([np.broadcast_to(way.total, np.shape(running)) for way in ways])
    times[1:] = np.where(usable, times[1:], np.inf)
    chosen = np.argmin(times, axis=0)
    return PassTime(
        **{field.name: np.choose(chosen, [getattr(way, field.name) for way in ways]) for field in fields(PassTime)}
    )


def _spread_step(steps: Steps, running: Array, halves: float) -> PassTime:
    """Each half reads the weights and launches its kernels; what of the exchanges is longer than the other half's
    computing remains as `collectives`. Hosts schedule the requests of their own server."""
    group = running / np.asarray(steps.setting.deployment.attention_data)
    half = forward_time(steps.operators, group / halves, group / halves, captured=True)
    both = replace(
        half,
        weights=halves * half.weights,
        products=halves * half.products,
        elementwise=halves * half.elementwise,
        collectives=np.zeros(1),
        launches=halves * half.launches,
        host=np.zeros(1),
    )
    computing = with_attention(both, steps.attention, group)
    sent = halves * exchange_pass_time(steps.setting, steps.constants, group / halves, forwarded=False)
    left = sent if halves == 1.0 else _left(computing.total, sent, steps.constants)
    return replace(computing, collectives=left, host=steps.operators.host(group))


def spread_read_time(steps: Steps, tokens: Array) -> Array:
    """Seconds in which each chip of a prefill unit reads `tokens` tokens of prompts of the workload's length in two
    halves; forwarding takes `exchange_units` from the matrix units."""
    setting, constants = steps.setting, steps.constants
    prompt = np.asarray(setting.workload.input, dtype=float)
    prompts = tokens / prompt
    half = forward_time(steps.operators, tokens / 2.0, np.maximum(prompts, 1.0) / 2.0, captured=False)
    units = np.asarray(setting.family.values(constants, "compute_units"))
    kept = 1.0 - constants["exchange_units"] / np.maximum(units, 2.0 * constants["exchange_units"])
    computing = 2.0 * (half.weights + half.elementwise + half.launches)
    computing = computing + (2.0 * half.products + steps.reading * prompts) / kept
    sent = 2.0 * exchange_pass_time(setting, constants, tokens / 2.0, forwarded=True)
    return np.asarray(computing + _left(computing, sent, constants) + steps.operators.host(prompts))


def _left(computing: Array, sent: Array, constants: Constants) -> Array:
    """Seconds by which exchanges lengthen computing that hides them."""
    return np.asarray(smooth_maximum(computing, sent, constants["overlap_sharpness"]) - computing)
