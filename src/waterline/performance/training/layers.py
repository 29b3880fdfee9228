"""Time of the layers of a model for one micro-batch, forward and backward, by kind of work."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from waterline.performance.chip import Machine
from waterline.performance.collectives import exchange_time, gather_time
from waterline.performance.kernels import HALF, attention_times, linear_times, moved_time
from waterline.performance.model import Shape
from waterline.performance.table import Array
from waterline.performance.training.plan import Job, Plans, tokens_per_rank
from waterline.performance.training.practice import Practice

# Reads and writes of hidden-width elements per layer: two norms (2 each), two residual additions (3 each).
HIDDEN_FORWARD = 10.0
HIDDEN_BACKWARD = 14.0  # norms read input, output gradient and statistics, and write two gradients
QUERY_TILE = 128.0  # queries that an attention kernel handles together
SCORE_PASSES = 8.0  # scale, mask, softmax and dropout over an unfused score matrix, read and written


@dataclass(frozen=True)
class Pass:
    """Seconds of one pass over all layers for one micro-batch, before the pipeline divides them; (plans,)."""

    matmul: Array
    attention: Array
    moved: Array
    cast: Array
    tensor: Array
    expert: Array
    context: Array

    @property
    def total(self) -> Array:
        """All kinds together, communication as exposed."""
        parts = [getattr(self, field.name) for field in fields(self)]
        return np.asarray(sum(parts[1:], parts[0]))

    @property
    def device(self) -> Array:
        """Kernels of the chip itself, without communication."""
        return self.matmul + self.attention + self.moved + self.cast


@dataclass
class _Tally:
    """Running sums while the layers' linear parts are listed."""

    machine: Machine
    rate: Array
    element_bytes: Array
    weight_gradients: Array
    forward: Array
    backward: Array
    cast_forward: Array
    cast_backward: Array

    def linear(
        self,
        rows: Array,
        inputs: Array,
        outputs: Array,
        layers: Array,
        *,
        count: Array | float = 1.0,
        fraction: Array | float = 1.0,
    ) -> None:
        """Add a linear layer of `count` groups, run at a `fraction` of the rate, that occurs in `layers` layers."""
        out, inward, weight = linear_times(
            self.machine,
            rows,
            inputs,
            outputs,
            rate=self.rate * fraction,
            element_bytes=self.element_bytes,
            count=count,
        )
        self.forward = self.forward + layers * out
        self.backward = self.backward + layers * (inward + self.weight_gradients * weight)
        self.cast_forward = self.cast_forward + layers * count * rows * inputs
        self.cast_backward = self.cast_backward + layers * count * rows * outputs


def layer_passes(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> tuple[Pass, Pass]:
    """Forward and backward time of all layers of a model for one micro-batch on one tensor-parallel rank."""
    tokens = tokens_per_rank(job, plans)
    zero = np.zeros_like(tokens)
    tally = _Tally(
        machine,
        np.asarray(machine.linear_rate),
        np.asarray(machine.linear_bytes),
        np.asarray(job.weight_gradients),
        zero,
        zero,
        zero,
        zero,
    )
    _attention_linears(tally, shape, plans, tokens)
    _mlp_linears(tally, practice, shape, job, plans)
    softmax_forward, softmax_backward = _softmax(machine, shape, job, plans, tokens)
    moved_forward, moved_backward = _moved(practice, shape, job, plans, tokens)
    tensor = _tensor(machine, practice, shape, plans, tokens)
    expert = _expert(machine, practice, shape, job, plans)
    context = _context(machine, practice, shape, job, plans)
    cast = np.asarray(machine.cast_bytes)
    forward = Pass(
        tally.forward,
        softmax_forward,
        moved_time(machine, moved_forward),
        moved_time(machine, cast * tally.cast_forward),
        4.0 * tensor,
        2.0 * expert,
        context,
    )
    # sequence parallelism gathers block inputs again for the weight gradients, beside the input-gradient product
    backward = Pass(
        tally.backward,
        softmax_backward,
        moved_time(machine, moved_backward),
        moved_time(machine, cast * tally.cast_backward),
        4.0 * tensor,
        2.0 * expert,
        2.0 * context,
    )
    return forward, backward


def _attention_linears(tally: _Tally, shape: Shape, plans: Plans, tokens: Array) -> None:
    layers = np.asarray(shape.attention_layers + shape.mtp_layers)
    latent = np.asarray(shape.latent)
    query, value = shape.heads * shape.query_dim, shape.heads * shape.value_dim
    keys = shape.kv_heads * (shape.query_dim + shape.value_dim)
    plain = layers * (1.0 - latent)
    tally.linear(tokens, np.asarray(shape.hidden), (query + keys) / plans.tp, plain)
    tally.linear(tokens, value / plans.tp, np.asarray(shape.hidden), layers)
    if np.any(latent > 0):
        low = layers * latent
        nope = shape.query_dim - shape.rope_dim
        down = np.asarray(shape.query_rank + shape.key_rank + shape.rope_dim)
        tally.linear(tokens / plans.tp, np.asarray(shape.hidden), down, low)
        tally.linear(tokens, np.asarray(shape.query_rank), query / plans.tp, low)
        tally.linear(tokens, np.asarray(shape.key_rank), shape.heads * (nope + shape.value_dim) / plans.tp, low)
    if np.any(np.asarray(shape.mixer_parameters) > 0):
        mixing = np.maximum(shape.layers - shape.attention_layers - _blocks_of_experts(shape), 1.0)
        width = shape.mixer_parameters / mixing / shape.hidden
        tally.linear(tokens, np.asarray(shape.hidden), width / plans.tp, mixing)


def _blocks_of_experts(shape: Shape) -> Array:
    """Layers that are experts alone, in hybrids of one block per layer."""
    alone = np.asarray(shape.mixer_parameters) > 0
    return np.where(alone & (np.asarray(shape.dense_layers) == 0), shape.moe_layers, 0.0)


def _mlp_linears(tally: _Tally, practice: Practice, shape: Shape, job: Job, plans: Plans) -> None:
    tokens = tokens_per_rank(job, plans)
    hidden = np.asarray(shape.hidden)
    dense = np.asarray(shape.dense_layers, dtype=float)
    mtp_dense = np.where(np.asarray(shape.experts) > 0, 0.0, shape.mtp_layers)
    if np.any(dense > 0):
        tally.linear(tokens, hidden, shape.gates * shape.ffn / plans.tp, dense + mtp_dense)
        tally.linear(tokens, shape.ffn / plans.tp, hidden, dense + mtp_dense)
    if not np.any(np.asarray(shape.experts) > 0):
        return
    moe = np.where(np.asarray(shape.experts) > 0, shape.moe_layers + shape.mtp_layers, 0.0)
    local = np.maximum(shape.experts / plans.ep, 1.0)
    rows = tokens * shape.active_experts * job.imbalance / (plans.tp * local)
    expert = np.asarray(shape.expert_ffn)
    grouped = np.asarray(practice.grouped_fraction)
    tally.linear(rows, hidden, shape.gates * expert, moe, count=local, fraction=grouped)
    tally.linear(rows, expert, hidden, moe, count=local, fraction=grouped)
    shared = shape.shared_experts * expert
    if np.any(np.asarray(shared) > 0):
        present = np.where(np.asarray(shared) > 0, moe, 0.0)
        tally.linear(tokens, hidden, shape.gates * shared / plans.tp, present)
        tally.linear(tokens, shared / plans.tp, hidden, present)


def _softmax(machine: Machine, shape: Shape, job: Job, plans: Plans, tokens: Array) -> tuple[Array, Array]:
    """Attention cores; a causal mask shows half of the sequence, packed documents half of a document."""
    document = np.where(np.asarray(job.packed) > 0, np.minimum(job.packed, job.sequence), job.sequence)
    span = document / 2.0
    windowed = np.asarray(shape.windowed_layers)
    # a tile of queries sees its window and the tile before it
    near = np.minimum(np.where(np.asarray(shape.window) > 0, shape.window + QUERY_TILE, span), span)
    layers_span = (shape.attention_layers + shape.mtp_layers - windowed) * span + windowed * near
    return attention_times(
        machine,
        tokens,
        layers_span,
        heads=shape.heads / plans.tp,
        query_dim=np.asarray(shape.query_dim),
        value_dim=np.asarray(shape.value_dim),
    )


def _moved(practice: Practice, shape: Shape, job: Job, plans: Plans, tokens: Array) -> tuple[Array, Array]:
    """Bytes that element-wise kernels move, forward and backward, over all layers."""
    split = np.where(np.asarray(practice.sequence_parallel) > 0, plans.tp, 1.0)
    layers = shape.layers + shape.mtp_layers
    rotary = 2.0 * shape.attention_layers * shape.query_dim * (shape.heads + shape.kv_heads) / plans.tp
    dense = shape.dense_layers * shape.ffn / plans.tp
    chosen = (shape.active_experts + shape.shared_experts) * shape.expert_ffn
    routed = shape.moe_layers * shape.active_experts * shape.hidden * practice.expert_moves / plans.tp
    wide = dense + shape.moe_layers * chosen / plans.tp
    # a mixer's weights are three matrices of hidden × inner width: input, gate and output
    mixed = practice.mixer_moves * shape.mixer_parameters / (3.0 * np.asarray(shape.hidden)) / plans.tp
    scores = np.where(
        np.asarray(practice.flash) > 0,
        0.0,
        SCORE_PASSES * shape.attention_layers * shape.heads / plans.tp * job.sequence,
    )
    forward = mixed + layers * HIDDEN_FORWARD * shape.hidden / split + rotary + (shape.gates + 1.0) * wide
    backward = 2.0 * mixed + layers * HIDDEN_BACKWARD * shape.hidden / split + rotary + (2.0 * shape.gates + 1.0) * wide
    per_token = HALF * np.asarray(practice.traffic)
    return (
        np.asarray(tokens * (per_token * forward + HALF * (routed + scores))),
        np.asarray(tokens * (per_token * backward + HALF * (routed + scores))),
    )


def _tensor(machine: Machine, practice: Practice, shape: Shape, plans: Plans, tokens: Array) -> Array:
    """One gather or scatter of block activations per layer, as far as it is exposed; expert blocks need half."""
    one = gather_time(machine, plans.tp, np.asarray(1.0), tokens * shape.hidden * HALF)
    blocks = shape.layers + shape.mtp_layers - 0.5 * np.asarray(shape.moe_layers)
    return np.asarray(one * blocks * practice.tensor_exposed)


def _expert(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> Array:
    """One exchange of tokens between experts, over all layers with experts, as far as it is exposed."""
    tokens = tokens_per_rank(job, plans)
    if not np.any(np.asarray(shape.experts) > 0):
        return np.zeros_like(tokens)
    sent = tokens / plans.tp * shape.active_experts * shape.hidden * HALF * job.imbalance
    one = exchange_time(
        machine,
        plans.ep,
        plans.tp,
        sent,
        copies=np.asarray(shape.active_experts, dtype=float),
        deduplicated=practice.node_dispatch,
        network_gain=practice.exchange_gain,
    )
    # exchange hides behind another micro-batch of the opposite direction, which some pipeline schedules provide
    hides = (np.asarray(practice.expert_hides) > 0) & ((plans.vp > 1) | (plans.bubble < 1))
    exposed = np.where(hides, practice.expert_exposed, practice.expert_alone)
    return np.asarray(one * (shape.moe_layers + shape.mtp_layers) * exposed)


def _context(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> Array:
    """Exchange of keys and values between context-parallel ranks, all layers, forward, as far as exposed."""
    keys = shape.kv_heads * (shape.query_dim + shape.value_dim) / plans.tp * HALF
    gathered = plans.micro_batch * job.sequence * keys
    one = gather_time(machine, plans.cp, plans.tp, np.asarray(gathered))
    return np.asarray(one * shape.attention_layers * practice.tensor_exposed)
