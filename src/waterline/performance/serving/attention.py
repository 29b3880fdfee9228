"""Attention over the cache: decoding bound by memory, prefill by arithmetic; latent, windowed, sparse, linear."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.model import Model
from waterline.performance.serving.operators import smooth_maximum
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array


@dataclass(frozen=True)
class AttentionTime:
    """Seconds in which the cache moves, and seconds of attention as a whole."""

    moved: Array
    whole: Array


def cache_elements(setting: Setting) -> Array:
    """Elements that one token adds to the cache of one layer, on one rank.

    Grouped queries: keys and values of the heads of the rank; latent attention: one latent and one rotary key,
    on every rank.
    """
    shape = setting.shape
    ranks = np.asarray(setting.deployment.tensor)
    heads = np.maximum(shape.kv_heads / ranks, 1.0)
    plain = heads * (shape.query_dim + shape.value_dim)
    return np.asarray(shape.latent * (shape.key_rank + shape.rope_dim) + (1.0 - shape.latent) * plain)


def cached_tokens(setting: Setting, context: Array) -> Array:
    """Tokens of a request in the cache, summed over layers, when windows forget what lies behind them."""
    shape = setting.shape
    windowed, window = shape.windowed_layers, np.minimum(context, np.maximum(shape.window, 1.0))
    return np.asarray((shape.attention_layers - windowed) * context + windowed * window)


def decode_attention_time(setting: Setting, constants: Constants, context: Array) -> AttentionTime:
    """Attention of each request of a group in one decoding step over `context` tokens.

    The cache streams at `cache_stream` of the bandwidth (`latent_stream` for latent attention, whose rows are
    used by all heads and so may be bound by arithmetic); sparse attention scans an index of all tokens and reads
    `sparse_reach` of them; linear layers read and write their state.
    """
    shape, formats = setting.shape, setting.formats
    latent = np.asarray(shape.latent) > 0
    sparse = np.asarray(setting.sparse_reach)
    seen = np.where(sparse > 0, np.minimum(context, np.maximum(sparse, 1.0)), context)
    span = cached_tokens(setting, seen)
    index = (sparse > 0) * shape.attention_layers * context
    state = mixer_state(setting) * constants["recurrent_bytes"] * 2.0
    fraction = np.where(
        latent, setting.family.values(constants, "latent_stream"), setting.family.values(constants, "cache_stream")
    )
    moved = span * cache_elements(setting) * formats.cache_bytes + index * constants["index_elements"] + state
    time = moved / (setting.silicon.memory_rate * fraction)
    ranks = np.asarray(setting.deployment.tensor)
    width = shape.latent * (2.0 * shape.key_rank + shape.rope_dim)
    width = width + (1.0 - shape.latent) * (shape.query_dim + shape.value_dim)
    work = 2.0 * span * np.maximum(shape.heads / ranks, 1.0) * width
    work = work + 2.0 * index * constants["index_heads"] * constants["index_elements"]
    rate = setting.silicon.half_rate * constants["decode_attention_fraction"]
    whole = smooth_maximum(time, work / rate, constants["overlap_sharpness"])
    return AttentionTime(np.asarray(time), np.maximum(whole, time))


def prefill_attention_time(setting: Setting, constants: Constants, prompt: Array) -> Array:
    """Causal attention of `prompt` tokens read on one attention group, to each other and to those in the cache."""
    shape = setting.shape
    ranks = np.asarray(setting.deployment.tensor)
    windowed = shape.windowed_layers
    behind = np.asarray(setting.workload.cached) + prompt / 2.0
    reach = np.minimum(behind, np.maximum(shape.window, 1.0))
    sparse = np.asarray(setting.sparse_reach)
    full = np.where(sparse > 0, np.minimum(behind, np.maximum(sparse, 1.0)), behind)
    span = (shape.attention_layers - windowed) * full + windowed * reach
    width = shape.query_dim + shape.value_dim + setting.family.values(constants, "softmax_width")
    work = 2.0 * prompt * span * np.maximum(shape.heads / ranks, 1.0) * width
    index = (sparse > 0) * shape.attention_layers * prompt * behind
    work = work + 2.0 * index * constants["index_heads"] * constants["index_elements"]
    rate = setting.silicon.half_rate * setting.family.values(constants, "prompt_attention_fraction")
    return np.asarray(work / rate)


def mixer_state(setting: Setting) -> Array:
    """Elements of recurrent state of one request on one rank, over all linear-attention layers.

    A state of key width × value width per value head; the value heads together are twice as wide as the hidden
    state (Gated DeltaNet, arXiv 2412.06464, section 3.4), keys of 128.
    """
    shape = setting.shape
    layers = np.asarray(shape.layers) - shape.attention_layers
    return np.asarray(layers * 2.0 * shape.hidden * 128.0 / np.asarray(setting.deployment.tensor))


def sparse_tokens(model: Model, constants: Constants) -> float:
    """Tokens that a model's sparse attention keeps per query; 0 for one that sees all."""
    return constants["sparse_tokens"] if re.search(r"dsa|sparse", (model.attention or "").lower()) else 0.0
