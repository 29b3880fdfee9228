"""The operators of a forward pass: what they take before it is known how many tokens pass through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.performance.chip import NODE
from waterline.performance.constants import Constants
from waterline.performance.kernels import HALF
from waterline.performance.model import attention_parameters, expert_parameters
from waterline.performance.serving.collectives import Collective, all_reduce, expert_exchange, links_of
from waterline.performance.serving.experts import Experts, expert_load, experts_of
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array


def smooth_maximum(first: Array, second: Array, sharpness: float) -> Array:
    """The larger of two times, rounded where they are near: a kernel overlaps the two imperfectly."""
    largest = np.maximum(np.maximum(first, second), 1e-30)
    ratio = np.minimum(first, second) / largest
    return np.asarray(largest * (1.0 + ratio**sharpness) ** (1.0 / sharpness))


@dataclass(frozen=True)
class Products:
    """Products of tokens with some weights of one chip: seconds in which the weights move, and seconds of work of each
    row; `tile` rows more are worked than there are (the last tile is part empty)."""

    moved: Array
    row: Array
    tile: float
    sharpness: float

    def whole(self, rows: Array) -> Array:
        """Seconds of the products of `rows` tokens, the moving of weights included."""
        return smooth_maximum(self.moved, self.row * (rows + self.tile), self.sharpness)


@dataclass(frozen=True)
class ExpertProducts:
    """Grouped products with the weights of experts: seconds in which a weight moves, of a FLOP, and of starting a tile;
    tokens of `groups` attention groups meet in them."""

    experts: Experts
    groups: Array
    weight: Array
    flop: Array
    tile: Array
    sharpness: float

    def times(self, tokens: Array) -> tuple[Array, Array]:
        """Seconds in which weights move, and seconds of the whole, with `tokens` tokens of each attention group."""
        load = expert_load(self.experts, tokens * self.groups)
        moved = load.parameters * self.weight
        return moved, smooth_maximum(moved, load.work * self.flop, self.sharpness) + load.tiles * self.tile


@dataclass(frozen=True)
class Operators:
    """The operators of a pass of some set-ups over all layers, without attention over the cache; floats or arrays of
    shape (rows,).

    `layers` are the products of every token, `head` those of tokens that yield another; None for `experts` where no
    set-up has any. Seconds per token of an attention group: `elementwise` for norms, activations and conversions,
    `sent` for collectives, whose calls take `calls`. `launches` are seconds of all kernels replayed from a graph, and
    `eager` times as many without one; `scheduled` those of the host, and `request` of each token that is sampled.
    `front_end` are seconds that a first token takes beside the chip's work: front end, tokeniser, hand-over between
    processes, and launches of the prompt's kernels one by one.
    """

    layers: tuple[Products, ...]
    head: Products
    experts: ExpertProducts | None
    elementwise: Array
    calls: Array
    sent: Array
    launches: Array
    eager: float
    scheduled: Array
    request: Array
    front_end: Array

    def host(self, sampled: Array) -> Array:
        """Seconds of scheduler, sampler and detokeniser, where each attention group samples `sampled` tokens."""
        return np.asarray(self.scheduled + sampled * self.request)


def operators_of(setting: Setting, constants: Constants) -> Operators:
    """The operators of a setting."""
    shape, deployment, engine = setting.shape, setting.deployment, setting.engine
    collective = _collectives(setting, constants)
    count = kernels(setting, constants)
    # fixed costs of software so many years before the reference year: older ones launch more and slower kernels
    maturity = engine.values(constants, "maturing") ** np.clip(setting.age, -1.0, 2.0)
    scheduling = deployment.pipeline * maturity
    started = engine.values(constants, "front_end") + engine.values(constants, "first_launch") * count
    return Operators(
        layers=_layer_products(setting, constants),
        head=_products(
            setting, constants, shape.vocab * shape.hidden / deployment.tensor, HALF, setting.silicon.half_rate
        ),
        experts=_expert_products(setting, constants) if np.any(np.asarray(shape.experts) > 0) else None,
        elementwise=_elementwise(setting, constants),
        calls=collective.call,
        sent=collective.byte * (shape.hidden * HALF),
        launches=count * engine.values(constants, "kernel_latency") * maturity,
        eager=constants["eager_launch"],
        scheduled=engine.values(constants, "host_step") * scheduling,
        request=engine.values(constants, "host_request") * scheduling * np.minimum(deployment.attention_data, NODE),
        front_end=started * maturity,
    )


def _stream(setting: Setting, constants: Constants) -> Array:
    """Bytes/s at which weights and activations stream: a share of the bandwidth."""
    return np.asarray(setting.silicon.memory_rate * setting.family.values(constants, "weight_stream"))


def _products(
    setting: Setting, constants: Constants, parameters: Array | float, element_bytes: float, peak: Array | float
) -> Products:
    """Products with `parameters` weights of one chip, at a share of the `peak` rate of the matrix units."""
    rate = peak * setting.family.values(constants, "product_fraction")
    return Products(
        np.asarray(parameters * element_bytes / _stream(setting, constants)),
        np.asarray(2.0 * parameters / rate),
        constants["part_tile"],
        constants["overlap_sharpness"],
    )


def _layer_products(setting: Setting, constants: Constants) -> tuple[Products, ...]:
    """Linear layers at their format, and shared experts where there are any."""
    shape, formats, tensor = setting.shape, setting.formats, setting.deployment.tensor
    narrow = np.where(np.asarray(formats.narrow) > 0, setting.family.values(constants, "narrow_fraction"), 1.0)
    peak = setting.silicon.linear_rate * narrow
    split, whole = layer_parameters(setting)
    mlp = (shape.gates + 1.0) * shape.hidden * shape.ffn * shape.dense_layers
    shared = np.asarray(shape.moe_layers * shape.shared_experts * expert_parameters(shape))
    parts = [(split + mlp) / tensor + whole, *([shared / tensor] if np.any(shared > 0) else [])]
    return tuple(_products(setting, constants, part, formats.linear_bytes, peak) for part in parts)


def _expert_products(setting: Setting, constants: Constants) -> ExpertProducts:
    family = setting.family
    share = family.values(constants, "product_fraction") * family.values(constants, "expert_fraction")
    return ExpertProducts(
        experts_of(setting, constants),
        np.asarray(setting.deployment.attention_data),
        weight=setting.formats.expert_bytes / _stream(setting, constants),
        flop=np.asarray(1.0 / (setting.silicon.expert_rate * share)),
        tile=constants["tile_start"] / np.asarray(family.values(constants, "compute_units")),
        sharpness=constants["overlap_sharpness"],
    )


def layer_parameters(setting: Setting) -> tuple[Array, Array]:
    """Attention and mixer weights of all layers: those that tensor ranks split, and those that each rank holds.

    The down-projections of latent attention are whole on every rank (DeepSeek-V2, arXiv 2405.04434, section 2.1);
    keys and values are repeated where ranks outnumber their heads.
    """
    shape = setting.shape
    tensor = np.asarray(setting.deployment.tensor)
    whole = shape.latent * shape.hidden * (shape.query_rank + shape.key_rank + shape.rope_dim)
    repeats = (1.0 - shape.latent) * (np.maximum(tensor / shape.kv_heads, 1.0) - 1.0)
    keys = shape.hidden * shape.kv_heads * (shape.query_dim + shape.value_dim) * repeats
    split = attention_parameters(shape) - whole + keys
    return (
        np.asarray(shape.attention_layers * split + shape.mixer_parameters),
        np.asarray(shape.attention_layers * whole),
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


def _elementwise(setting: Setting, constants: Constants) -> Array:
    """Norms, activations, conversions: `elementwise_passes` of the hidden state through memory per layer."""
    shape, deployment = setting.shape, setting.deployment
    moved = shape.hidden * shape.layers * constants["elementwise_passes"] * HALF
    routed = shape.active_experts * shape.hidden * shape.moe_layers * constants["routing_passes"] * HALF
    return np.asarray((moved + routed / deployment.tensor) / _stream(setting, constants))


def _collectives(setting: Setting, constants: Constants) -> Collective:
    """All-reduces after attention and MLP over tensor ranks, expert exchange where attention is data parallel, and
    hidden states handed from one pipeline stage to the next: all of a pass, by bytes of an attention group's tokens."""
    shape, deployment = setting.shape, setting.deployment
    ranks, stage = np.asarray(deployment.tensor), deployment.stage_chips
    exchanges = (np.asarray(deployment.attention_data) > 1.0) & (np.asarray(shape.experts) > 0)
    links = links_of(setting, constants, ranks)
    reduced = all_reduce(links, ranks)
    exchange = expert_exchange(links_of(setting, constants, stage), stage, np.asarray(shape.active_experts))
    handed = np.asarray(deployment.pipeline) - 1.0

    def over_layers(reduce: Array, exchange: Array, hand: Array) -> Array:
        blocks = (shape.layers + shape.dense_layers) * reduce
        return np.asarray(blocks + shape.moe_layers * np.where(exchanges, 2.0 * exchange, reduce) + handed * hand)

    return Collective(
        over_layers(reduced.call, exchange.call, links.latency),
        over_layers(reduced.byte, exchange.byte, 1.0 / links.rate),
    )
