"""What a training step is made of: the pieces whose time depends on few of a plan's degrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.performance.chip import Machine
from waterline.performance.collectives import gather_time, reduce_time, send_time
from waterline.performance.kernels import HALF, linear_times, moved_time
from waterline.performance.model import Shape
from waterline.performance.table import Array
from waterline.performance.training.layers import Pass, layer_passes
from waterline.performance.training.memory import Holding, weights_held
from waterline.performance.training.plan import Job, Plans, micro_batches, tokens_per_rank, uneven_slots
from waterline.performance.training.practice import Practice

OPTIMIZER_BYTES = 34.0  # per weight: read 32-bit gradient, master, two moments; write three and a 16-bit copy
DENSE_KERNELS = 40.0  # launches per layer, forward and backward
EXPERT_KERNELS = 80.0  # further launches of a layer with experts: routing, permutation, exchange
KERNELS_PER_EXPERT = 24.0  # launches per local expert without grouped kernels: three products, casts, transposes


@dataclass(frozen=True)
class Work:
    """Seconds of a step's pieces; each array is as large as the degrees that it depends on.

    `forward` and `backward` are the passes of one micro-batch over all layers, `head` its logits and loss, `host`
    what launching its kernels takes, `send` its way between stages; `count` micro-batches pass, and stages have
    `uneven` slots of layers (0 where they are even). Data-parallel ranks talk for `each` after every micro-batch and
    for `once` a step, and `update` is the optimiser's own time.
    """

    forward: Pass
    backward: Pass
    head: Array
    host: Array
    send: Array
    count: Array
    uneven: Array
    each: Array
    once: Array
    update: Array


def work_of(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> Work:
    """The pieces of a step of each plan."""
    forward, backward = layer_passes(machine, practice, shape, job, plans)
    each, once = _data(machine, practice, shape, job, plans)
    return Work(
        forward=forward,
        backward=backward,
        head=_head(machine, practice, shape, job, plans),
        host=_host(machine, practice, shape, plans),
        send=_sends(machine, practice, shape, job, plans),
        count=micro_batches(job, plans),
        uneven=uneven_slots(shape.layers, plans),
        each=each,
        once=once,
        update=_update(machine, practice, shape, job, plans),
    )


def _head(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> Array:
    """Seconds of logits and loss, forward and backward, for one micro-batch; always at 16 bits."""
    tokens = tokens_per_rank(job, plans)
    outputs = np.asarray(shape.vocab / plans.tp)
    out, inward, weight = linear_times(
        machine,
        tokens,
        np.asarray(shape.hidden),
        outputs,
        rate=np.asarray(machine.half_rate),
        element_bytes=np.asarray(HALF),
    )
    matmul = out + inward + job.weight_gradients * weight
    loss = moved_time(machine, practice.loss_moves * tokens * outputs)
    return np.asarray((matmul + loss) * (1.0 + np.asarray(shape.mtp_layers)))


def _host(machine: Machine, practice: Practice, shape: Shape, plans: Plans) -> Array:
    """Seconds per micro-batch that the host takes to launch the kernels of all layers."""
    low = np.asarray(machine.linear_bytes) < HALF
    apart = np.where(low & (np.asarray(practice.grouped_experts) == 0), KERNELS_PER_EXPERT, 0.0)
    local = shape.experts / plans.ep
    launches = shape.layers * DENSE_KERNELS + shape.moe_layers * (EXPERT_KERNELS + apart * local)
    return np.asarray(launches * machine.launch)


def _sends(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> Array:
    """Exposed seconds per micro-batch of receiving and sending activations and gradients between stages."""
    bytes_sent = tokens_per_rank(job, plans) * shape.hidden * HALF / plans.tp
    one = send_time(machine, np.asarray(plans.tp * plans.cp * plans.dp), np.asarray(bytes_sent))
    return np.asarray(np.where(plans.pp > 1, 4.0 * plans.vp * one * practice.pipeline_exposed, 0.0))


def _data(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> tuple[Array, Array]:
    """Seconds of gathering weights and reducing gradients over data-parallel ranks, per micro-batch and per step."""
    dense, experts = _spread_weights(weights_held(shape, plans), plans)
    train, gradient = np.asarray(job.weight_gradients), np.asarray(practice.gradient_bytes)
    across = train * (dense.across(machine, gradient) + experts.across(machine, gradient))
    scatter = (dense.within(machine, gradient) + experts.within(machine, gradient)) * train
    fetch = dense.within(machine, HALF) + experts.within(machine, HALF)
    # ZeRO-3 fetches weights for both passes and reduces after every micro-batch; ZeRO-2 reduces after every
    # micro-batch unless a pipeline keeps whole gradients anyway
    split_gradients = (plans.zero >= 2) & (plans.pp == 1)
    each = np.where(plans.zero >= 3, 2.0 * fetch + scatter, np.where(split_gradients, scatter, 0.0))
    broadcast = _broadcasts(machine, dense.weights + experts.weights, plans, dense.shard)
    fetched = train * np.where(np.asarray(practice.owner_broadcast) > 0, broadcast, fetch)
    once = across + np.where(plans.zero >= 3, 0.0, np.where(split_gradients, fetched, scatter + fetched))
    return each, np.asarray(once)


@dataclass(frozen=True)
class _SpreadWeights:
    """Weights of a chip that ranks `stride` apart hold as well: `shard` of them share one set of states, and there are
    `copies` of the set; (plans,)."""

    weights: Array
    stride: Array
    shard: Array
    copies: Array

    def within(self, machine: Machine, bytes_per_weight: Array | float) -> Array:
        """Seconds of a gather or scatter over the ranks that share one set of states."""
        return gather_time(machine, self.shard, self.stride, bytes_per_weight * self.weights)

    def across(self, machine: Machine, bytes_per_weight: Array) -> Array:
        """Seconds of an all-reduce of each rank's share over the copies of the set."""
        share = bytes_per_weight * self.weights / self.shard
        return reduce_time(machine, self.copies, self.stride * self.shard, share)


def _spread_weights(held: Holding, plans: Plans) -> tuple[_SpreadWeights, _SpreadWeights]:
    """Weights that every token uses, and those of experts, over the data- and context-parallel ranks."""
    ranks, expert_ranks = np.asarray(plans.dp * plans.cp), plans.expert_replicas
    shard = np.clip(plans.shard, 1.0, ranks)
    expert_shard = np.minimum(expert_ranks, shard)
    return (
        _SpreadWeights(held.shared + held.ends, np.asarray(plans.tp), shard, np.maximum(ranks / shard, 1.0)),
        _SpreadWeights(
            held.experts,
            np.maximum(plans.ep, plans.tp),
            expert_shard,
            np.maximum(expert_ranks / expert_shard, 1.0),
        ),
    )


def _broadcasts(machine: Machine, weights: Array, plans: Plans, shard: Array) -> Array:
    """Seconds in which the owners of a sharded optimiser broadcast `weights` in turn, one adapter at a time."""
    whole = HALF * weights
    near = shard * plans.tp <= machine.domain
    rate = np.where(near, machine.link_rate, machine.network_rate)
    latency = np.where(near, machine.link_latency, machine.network_latency * np.log2(np.maximum(shard, 2.0)))
    return np.asarray(np.where(shard > 1, whole / rate + shard * latency, 0.0))


def _update(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> Array:
    """Seconds of the optimiser: all weights, gradients and moments of a shard pass through memory."""
    held = weights_held(shape, plans)
    split = np.where(plans.zero >= 1, np.maximum(plans.shard, 1.0), 1.0)
    weights = (held.shared + held.ends) / split + held.experts / np.minimum(split, plans.expert_replicas)
    return moved_time(machine, np.asarray(OPTIMIZER_BYTES * weights * job.weight_gradients))
