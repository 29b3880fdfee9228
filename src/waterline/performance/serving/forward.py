"""One forward pass without its attention: matrix products, experts, collectives, launches."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.model import attention_parameters, expert_parameters
from waterline.performance.serving.collectives import all_reduce_time, exchange_time, links_of
from waterline.performance.serving.experts import expert_load
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array

HALF = 2.0  # bytes of a 16-bit element
SERVER = 8.0  # attention groups whose requests one host schedules


@dataclass(frozen=True)
class PassTime:
    """Seconds of one forward pass by what takes them, each of shape (rows,).

    `weights` is the time in which weights move, `products` what matrix products take beyond that; `cache` and
    `attention` the same of attention; `elementwise` norms, activations and conversions; `collectives`, `launches`
    fixed time of kernels, `host` scheduler and sampler.
    """

    weights: Array
    products: Array
    cache: Array
    attention: Array
    elementwise: Array
    collectives: Array
    launches: Array
    host: Array

    @property
    def total(self) -> Array:
        """Seconds of the pass."""
        return np.asarray(sum(getattr(self, field.name) for field in fields(self)))


def smooth_maximum(first: Array, second: Array, sharpness: float) -> Array:
    """The larger of two times, rounded where they are near: a kernel overlaps the two imperfectly."""
    largest = np.maximum(np.maximum(first, second), 1e-30)
    ratio = np.minimum(first, second) / largest
    return np.asarray(largest * (1.0 + ratio**sharpness) ** (1.0 / sharpness))


@dataclass(frozen=True)
class Products:
    """Seconds in which weights move, and seconds of the products as a whole."""

    moved: Array
    whole: Array


def products_time(
    setting: Setting, constants: Constants, parameters: Array, rows: Array, *, rate: Array, element_bytes: Array
) -> Products:
    """Products of `rows` tokens with `parameters` weights of one chip.

    Weights stream at a share of the bandwidth; the matrix units work at a share of the peak, `part_tile` rows
    more than there are (the last tile is part empty).
    """
    stream = setting.silicon.memory_rate * setting.family.values(constants, "weight_stream")
    moved = parameters * element_bytes / stream
    worked = 2.0 * parameters * (rows + constants["part_tile"]) / rate
    return Products(np.asarray(moved), smooth_maximum(moved, np.asarray(worked), constants["overlap_sharpness"]))


def linear_rate(setting: Setting, constants: Constants) -> Array:
    """FLOP/s that linear layers sustain at their format."""
    share = np.where(np.asarray(setting.formats.narrow) > 0, setting.family.values(constants, "narrow_fraction"), 1.0)
    return np.asarray(setting.silicon.linear_rate * setting.family.values(constants, "product_fraction") * share)


def expert_rate(setting: Setting, constants: Constants) -> Array:
    """FLOP/s that grouped expert products sustain at their format."""
    share = setting.family.values(constants, "expert_fraction")
    return np.asarray(setting.silicon.expert_rate * setting.family.values(constants, "product_fraction") * share)


def layer_parameters(setting: Setting) -> tuple[Array, Array]:
    """Attention and mixer weights of all layers: those that tensor ranks split, and those that each rank holds.

    The down-projections of latent attention are whole on every rank (DeepSeek-V2, arXiv 2405.04434, section 2.1);
    keys and values are repeated where ranks outnumber their heads.
    """
    shape = setting.shape
    tensor = np.asarray(setting.deployment.tensor)
    whole = np.asarray(shape.latent) * shape.hidden * (shape.query_rank + shape.key_rank + shape.rope_dim)
    repeats = np.where(np.asarray(shape.latent) > 0, 1.0, np.maximum(tensor / shape.kv_heads, 1.0))
    keys = shape.hidden * shape.kv_heads * (shape.query_dim + shape.value_dim) * (repeats - 1.0)
    split = attention_parameters(shape) - whole + keys
    return (
        np.asarray(shape.attention_layers * split + shape.mixer_parameters),
        np.asarray(shape.attention_layers * whole),
    )


def forward_time(setting: Setting, constants: Constants, tokens: Array, sampled: Array, *, captured: bool) -> PassTime:
    """A pass of `tokens` new tokens per attention group, of which `sampled` yield an output token.

    Without attention over the cache, which `attention.py` adds. `captured` launches replay a recorded graph.
    """
    shape, deployment, formats = setting.shape, setting.deployment, setting.formats
    tensor, data = np.asarray(deployment.tensor), np.asarray(deployment.attention_data)
    rate = linear_rate(setting, constants)
    half = np.asarray(setting.silicon.half_rate * setting.family.values(constants, "product_fraction"))
    split, whole = layer_parameters(setting)
    mlp = (shape.gates + 1.0) * shape.hidden * shape.ffn * shape.dense_layers
    linear = products_time(
        setting,
        constants,
        (split + mlp) / tensor + whole,
        tokens,
        rate=rate,
        element_bytes=np.asarray(formats.linear_bytes),
    )
    shared = shape.moe_layers * shape.shared_experts * expert_parameters(shape) / tensor
    shared_time = products_time(
        setting, constants, shared, tokens, rate=rate, element_bytes=np.asarray(formats.linear_bytes)
    )
    head = products_time(
        setting, constants, shape.vocab * shape.hidden / tensor, sampled, rate=half, element_bytes=np.asarray(HALF)
    )
    load = expert_load(setting, constants, tokens * data)
    stream = setting.silicon.memory_rate * setting.family.values(constants, "weight_stream")
    expert_moved = load.parameters * formats.expert_bytes / stream
    expert_whole = smooth_maximum(
        expert_moved, load.work / expert_rate(setting, constants), constants["overlap_sharpness"]
    )
    started = load.tiles * constants["tile_start"] / setting.family.values(constants, "compute_units")
    expert_whole = expert_whole + started
    moved = linear.moved + shared_time.moved + head.moved + expert_moved
    whole_time = linear.whole + shared_time.whole + head.whole + expert_whole
    latency = kernel_latency(setting, constants, captured=captured)
    return PassTime(
        weights=moved,
        products=whole_time - moved,
        cache=np.zeros_like(moved),
        attention=np.zeros_like(moved),
        elementwise=elementwise_time(setting, constants, tokens),
        collectives=collective_time(setting, constants, tokens),
        launches=kernels(setting, constants) * latency,
        host=host_time(setting, constants, sampled * np.minimum(data, SERVER)),
    )


def kernels(setting: Setting, constants: Constants) -> Array:
    """Kernels of one pass over all layers of the model."""
    shape = setting.shape
    latent = np.asarray(shape.latent)
    softmax = constants["attention_kernels"] + latent * constants["latent_kernels"]
    softmax = softmax + (np.asarray(setting.sparse_reach) > 0) * constants["sparse_kernels"]
    mixers = (shape.layers - shape.attention_layers) * constants["mixer_kernels"]
    dense = shape.dense_layers * constants["mlp_kernels"]
    scaled = np.asarray(setting.formats.expert_bytes) == 1.0
    experts = shape.moe_layers * (
        constants["expert_kernels"]
        + scaled * constants["scaling_kernels"]
        + (np.asarray(shape.shared_experts) > 0) * constants["shared_kernels"]
    )
    return np.asarray(shape.attention_layers * softmax + mixers + dense + experts)


def kernel_latency(setting: Setting, constants: Constants, *, captured: bool) -> Array:
    """Seconds that a kernel takes however little it does; older software launches more and slower ones."""
    latency = setting.engine.values(constants, "kernel_latency") * maturity(setting, constants)
    return np.asarray(latency if captured else latency * constants["eager_launch"])


def maturity(setting: Setting, constants: Constants) -> Array:
    """Fixed costs of software `age` years before the reference year, relative to it."""
    return np.asarray(setting.engine.values(constants, "maturing") ** np.clip(setting.age, -1.0, 2.0))


def host_time(setting: Setting, constants: Constants, requests: Array) -> Array:
    """Scheduler, sampler and detokeniser: a fixed part of each step and a part for each running request."""
    step = setting.engine.values(constants, "host_step") + requests * setting.engine.values(constants, "host_request")
    return np.asarray(step * setting.deployment.pipeline * maturity(setting, constants))


def elementwise_time(setting: Setting, constants: Constants, tokens: Array) -> Array:
    """Norms, activations, conversions: `elementwise_passes` of the hidden state through memory per layer."""
    shape = setting.shape
    moved = tokens * shape.hidden * shape.layers * constants["elementwise_passes"] * HALF
    routed = tokens * np.asarray(setting.deployment.attention_data) * shape.active_experts * shape.hidden
    routed = routed * shape.moe_layers * constants["routing_passes"] * HALF / setting.deployment.stage_chips
    stream = setting.silicon.memory_rate * setting.family.values(constants, "weight_stream")
    return np.asarray((moved + routed) / stream)


def collective_time(setting: Setting, constants: Constants, tokens: Array) -> Array:
    """All-reduces after attention and MLP over tensor ranks; expert exchange where attention is data parallel."""
    shape, deployment = setting.shape, setting.deployment
    ranks, stage = np.asarray(deployment.tensor), deployment.stage_chips
    message = tokens * shape.hidden * HALF
    split = np.asarray(deployment.attention_data) > 1.0
    tensor_links = links_of(setting, constants, ranks)
    reduced = all_reduce_time(tensor_links, ranks, message)
    exchanged = 2.0 * exchange_time(
        links_of(setting, constants, stage), stage, message, np.asarray(shape.active_experts)
    )
    exchanged = np.where(split & (np.asarray(shape.experts) > 0), exchanged, reduced)
    per_pass = shape.layers * reduced + shape.dense_layers * reduced + shape.moe_layers * exchanged
    handed = (np.asarray(deployment.pipeline) - 1.0) * (tensor_links.latency + message / tensor_links.rate)
    return np.asarray(per_pass + handed)
