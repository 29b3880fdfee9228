"""Two half-batches that take turns: while one computes, the other's tokens travel to their experts and back."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.attention import decode_attention_time, prefill_attention_time
from waterline.performance.serving.exchange import exchange_pass_time, spare_expert_bytes
from waterline.performance.serving.forward import SERVER, PassTime, forward_time, host_time, smooth_maximum
from waterline.performance.serving.setting import Setting
from waterline.performance.serving.steps import decode_time
from waterline.performance.table import Array


def spread(setting: Setting) -> Array:
    """Which rows spread whole experts over groups that each hold all of attention, as booleans."""
    deployment = setting.deployment
    grouped = (np.asarray(deployment.attention_data) > 1.0) & (np.asarray(deployment.tensor) == 1.0)
    return np.asarray(grouped & (np.asarray(deployment.pipeline) == 1.0) & (np.asarray(setting.shape.experts) > 0))


def with_spare_experts(setting: Setting, constants: Constants) -> Setting:
    """The setting with the memory that is left beside copies of busy experts, where experts are spread."""
    spare = np.where(spread(setting), spare_expert_bytes(setting, constants), 0.0)
    left = setting.silicon.memory_bytes - spare / setting.engine.values(constants, "memory_share")
    return replace(setting, silicon=replace(setting.silicon, memory_bytes=left))


def fastest_step(setting: Setting, constants: Constants, running: Array, context: Array) -> PassTime:
    """One decoding step of `running` requests of a copy over `context` tokens each, as `decode_time` has it or, where
    experts are spread, with one-sided exchanges in one batch or in two halves: whichever is shortest."""
    ways = [decode_time(setting, constants, running, context)]
    ways += [_spread_step(setting, constants, running, context, halves) for halves in (1.0, 2.0)]
    usable = spread(setting)
    times = np.stack([np.broadcast_to(way.total, np.shape(running)) for way in ways])
    times[1:] = np.where(usable, times[1:], np.inf)
    chosen = np.argmin(times, axis=0)
    return PassTime(
        **{
            field.name: np.choose(chosen, [np.broadcast_to(getattr(way, field.name), chosen.shape) for way in ways])
            for field in fields(PassTime)
        }
    )


def _spread_step(setting: Setting, constants: Constants, running: Array, context: Array, halves: float) -> PassTime:
    """Each half reads the weights and launches its kernels; what of the exchanges is longer than the other half's
    computing remains as `collectives`. Hosts schedule the requests of their own server."""
    groups = np.asarray(setting.deployment.attention_data)
    group = running / groups
    half = forward_time(setting, constants, group / halves, group / halves, captured=True)
    attention = decode_attention_time(setting, constants, group, context)
    whole = np.maximum(attention.whole, attention.moved)
    computing = PassTime(
        weights=halves * half.weights,
        products=halves * half.products,
        cache=attention.moved,
        attention=whole - attention.moved,
        elementwise=halves * half.elementwise,
        collectives=np.zeros_like(half.weights),
        launches=halves * half.launches,
        host=np.zeros_like(half.weights),
    )
    sent = halves * exchange_pass_time(setting, constants, group / halves, forwarded=False)
    left = sent if halves == 1.0 else _left(computing.total, sent, constants)
    return replace(computing, collectives=left, host=host_time(setting, constants, group * np.minimum(groups, SERVER)))


def spread_read_time(setting: Setting, constants: Constants, tokens: Array) -> Array:
    """Seconds in which each chip of a prefill unit reads `tokens` tokens of prompts of the workload's length in two
    halves; forwarding takes `exchange_units` from the matrix units."""
    prompt = np.asarray(setting.workload.input, dtype=float)
    half = forward_time(setting, constants, tokens / 2.0, np.maximum(tokens / prompt, 1.0) / 2.0, captured=False)
    attention = prefill_attention_time(setting, constants, prompt) * tokens / prompt
    units = setting.family.values(constants, "compute_units")
    kept = 1.0 - constants["exchange_units"] / np.maximum(units, 2.0 * constants["exchange_units"])
    computing = 2.0 * (half.weights + half.elementwise + half.launches) + (2.0 * half.products + attention) / kept
    sent = 2.0 * exchange_pass_time(setting, constants, tokens / 2.0, forwarded=True)
    groups = np.asarray(setting.deployment.attention_data)
    host = host_time(setting, constants, tokens / prompt * np.minimum(groups, SERVER))
    return np.asarray(computing + _left(computing, sent, constants) + host)


def _left(computing: Array, sent: Array, constants: Constants) -> Array:
    """Seconds by which exchanges lengthen computing that hides them."""
    return np.asarray(smooth_maximum(computing, sent, constants["overlap_sharpness"]) - computing)
