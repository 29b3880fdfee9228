"""Time of one training step for a table of plans, taken apart into what it is spent on."""

from __future__ import annotations

from dataclasses import dataclass, fields

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
class StepTime:
    """Seconds of one optimiser step by what they are spent on, each of shape (plans,).

    `matmul`, `attention`, `memory_bound`, `cast` and `logits` are useful kernels; `recompute` repeats of the
    forward pass; `…_communication` what communication leaves exposed; `bubble` waiting in the pipeline; `launch`
    waiting for the host; `optimizer` the weight update; `jitter` stragglers and fixed costs.
    """

    matmul: Array
    attention: Array
    memory_bound: Array
    cast: Array
    logits: Array
    recompute: Array
    tensor_communication: Array
    expert_communication: Array
    context_communication: Array
    pipeline_communication: Array
    data_communication: Array
    bubble: Array
    launch: Array
    optimizer: Array
    jitter: Array

    @property
    def total(self) -> Array:
        """Seconds of the step."""
        parts = [getattr(self, field.name) for field in fields(self)]
        return np.asarray(sum(parts[1:], parts[0]))


def step_time(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> StepTime:
    """Seconds of one optimiser step of each plan, by use.

    The step is the slowest pipeline stage's time for all micro-batches, plus filling and draining the pipeline,
    plus what gradients, weights and the optimiser leave exposed. Narayanan et al., SC21 (arXiv 2104.04473),
    section 2.2, for the pipeline.
    """
    forward, backward = layer_passes(machine, practice, shape, job, plans)
    again = _recomputed(practice, forward, plans)
    head = _head(machine, practice, shape, job, plans)
    kernels = forward.device + backward.device + again.device
    launch = _launches(machine, practice, shape, plans, kernels, head)
    layers = forward.total + backward.total + again.total + launch
    stage, even = _slowest_stage(shape, plans, layers, head)
    send = _sends(machine, practice, shape, job, plans)
    count = micro_batches(job, plans)
    bubble = (plans.pp - 1.0) / plans.vp * plans.bubble * (stage + send)
    stretch = stage / even
    share = count * stretch / plans.pp
    data = _data(machine, practice, shape, job, plans, stage=even, count=count)
    update = _update(machine, practice, shape, job, plans)
    parts = {
        "matmul": share * (forward.matmul + backward.matmul),
        "attention": share * (forward.attention + backward.attention),
        "memory_bound": share * (forward.moved + backward.moved),
        "cast": share * (forward.cast + backward.cast),
        "logits": share * head,
        "recompute": share * again.total,
        "tensor_communication": share * (forward.tensor + backward.tensor),
        "expert_communication": share * (forward.expert + backward.expert),
        "context_communication": share * (forward.context + backward.context),
        "pipeline_communication": count * send,
        "data_communication": data,
        "bubble": bubble,
        "launch": share * launch,
        "optimizer": update,
    }
    busy = sum(parts.values())
    domains = np.maximum(plans.chips / machine.domain, 1.0)
    parts["jitter"] = busy * practice.jitter * np.log2(domains) + practice.step_overhead
    rows = np.shape(parts["jitter"])
    return StepTime(**{name: np.broadcast_to(part, rows) for name, part in parts.items()})


def _recomputed(practice: Practice, forward: Pass, plans: Plans) -> Pass:
    """What the backward pass repeats: everything when full, the attention core or a share when selective."""
    full = np.where(plans.recompute >= 2, plans.share, 0.0)
    selective = np.where(plans.recompute == 1, plans.share, 0.0)
    share = full + selective * practice.selective_share
    core = share + selective * practice.selective_attention
    return Pass(
        matmul=share * forward.matmul,
        attention=np.minimum(core, 1.0) * forward.attention,
        moved=share * forward.moved,
        cast=share * forward.cast,
        tensor=share * forward.tensor,
        expert=full * forward.expert,
        context=share * forward.context,
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


def _slowest_stage(shape: Shape, plans: Plans, layers: Array, head: Array) -> tuple[Array, Array]:
    """Seconds per micro-batch of the slowest stage, and of a stage if all were even.

    Layers that divide by the chunks go evenly, and the last stage computes the logits as well; otherwise the fullest
    stage counts.
    """
    even = (layers + head) / plans.pp
    whole = layers / plans.pp + np.where(plans.pp > 1, head, head / plans.pp)
    slots = uneven_slots(shape.layers, plans)
    uneven = np.maximum(even, slots * layers / shape.layers)
    return np.where(slots == 0, whole, uneven), np.asarray(even)


def _sends(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> Array:
    """Exposed seconds per micro-batch of receiving and sending activations and gradients between stages."""
    bytes_sent = tokens_per_rank(job, plans) * shape.hidden * HALF / plans.tp
    one = send_time(machine, np.asarray(plans.tp * plans.cp * plans.dp), np.asarray(bytes_sent))
    return np.asarray(np.where(plans.pp > 1, 4.0 * plans.vp * one * practice.pipeline_exposed, 0.0))


def _launches(machine: Machine, practice: Practice, shape: Shape, plans: Plans, kernels: Array, head: Array) -> Array:
    """Seconds per micro-batch in which the chip waits for the host to launch the kernels of all layers.

    That is what the host takes longer than the `kernels` and the `head` themselves; where routing stops the host, at
    least a part of its whole time.
    """
    low = np.asarray(machine.linear_bytes) < HALF
    apart = np.where(low & (np.asarray(practice.grouped_experts) == 0), KERNELS_PER_EXPERT, 0.0)
    local = shape.experts / plans.ep
    launches = shape.layers * DENSE_KERNELS + shape.moe_layers * (EXPERT_KERNELS + apart * local)
    host = np.asarray(launches * machine.launch)
    waiting = np.where(np.asarray(shape.moe_layers) > 0, practice.synchronised, 0.0)
    return np.maximum(np.maximum(0.0, host - kernels - head), waiting * host)


def _data(
    machine: Machine,
    practice: Practice,
    shape: Shape,
    job: Job,
    plans: Plans,
    *,
    stage: Array,
    count: Array,
) -> Array:
    """Exposed seconds per step of gathering weights and reducing gradients over data-parallel ranks."""
    dense, experts = _spread_weights(weights_held(shape, plans), plans)
    train, gradient = np.asarray(job.weight_gradients), np.asarray(practice.gradient_bytes)
    across = train * (dense.across(machine, gradient) + experts.across(machine, gradient))
    scatter = (dense.within(machine, gradient) + experts.within(machine, gradient)) * train
    fetch = dense.within(machine, HALF) + experts.within(machine, HALF)
    # ZeRO-3 fetches weights for both passes and reduces after every micro-batch; ZeRO-2 reduces after every
    # micro-batch unless a pipeline keeps whole gradients anyway
    split_gradients = (plans.zero >= 2) & (plans.pp == 1)
    per_micro = np.where(plans.zero >= 3, 2.0 * fetch + scatter, np.where(split_gradients, scatter, 0.0))
    hidden = np.asarray(practice.data_hides)
    residue = np.asarray(practice.data_exposed)
    steady = count * np.maximum(per_micro * residue, per_micro - hidden * stage)
    broadcast = _broadcasts(machine, dense.weights + experts.weights, plans, dense.shard)
    fetched = train * np.where(np.asarray(practice.owner_broadcast) > 0, broadcast, fetch)
    once = across + np.where(plans.zero >= 3, 0.0, np.where(split_gradients, fetched, scatter + fetched))
    return np.asarray(steady + np.maximum(once * residue, once - hidden * stage))


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
