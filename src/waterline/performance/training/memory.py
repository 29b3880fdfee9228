"""Memory of a training plan on its fullest chip.

States follow ZeRO (Rajbhandari et al., arXiv 1910.02054, section 3), activations Korthikanti et al. (arXiv
2205.05198, section 4) with flash attention, interleaved pipelines their section 4.2.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.performance.chip import Machine
from waterline.performance.kernels import HALF, SINGLE
from waterline.performance.model import Shape, count_parameters
from waterline.performance.table import Array
from waterline.performance.training.plan import Job, Plans, micro_batches, tokens_per_rank, uneven_slots
from waterline.performance.training.practice import Practice


@dataclass(frozen=True)
class Memory:
    """Bytes per chip by use, each of shape (plans,); `total` is what the framework allocates at its peak.

    `logits` is what they add where the last stage, which holds them, is fuller than the first.
    """

    weights: Array
    gradients: Array
    optimizer: Array
    activations: Array
    logits: Array

    @property
    def total(self) -> Array:
        """All uses together, without fragmentation."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.logits


@dataclass(frozen=True)
class Holding:
    """Weights that one chip holds before any sharding over data parallel ranks, (plans,)."""

    shared: Array
    experts: Array
    ends: Array


def weights_held(shape: Shape, plans: Plans) -> Holding:
    """Weights of the fullest stage: its layers, its experts, and the embedding or logits at the pipeline's ends.

    One stage alone holds both ends; tied embeddings are one matrix there and one copy at each end of a pipeline.
    """
    count = count_parameters(shape)
    one_end = shape.vocab * shape.hidden / plans.tp
    ends = np.where(plans.pp > 1, one_end, (count.embedding + count.logits) / plans.tp)
    # the fullest stage has experts in every layer, if the model has so many layers with experts
    moe_layers = np.maximum(np.asarray(shape.moe_layers, dtype=float), 1.0)
    stage = np.minimum(np.ceil(shape.layers / plans.pp), moe_layers) / moe_layers
    return Holding(
        shared=np.asarray(count.body / (plans.tp * plans.pp)),
        experts=np.asarray(count.experts * stage / np.maximum(plans.ep, plans.tp)),
        ends=np.asarray(ends),
    )


@dataclass(frozen=True)
class Footprint:
    """Memory of plans before it is known on what share of the layers they recompute; bytes per chip, (plans,).

    `full` and `lean` are activations that one layer keeps for a micro-batch without recomputation and with it,
    `first_layers` and `last_layers` how many layers' activations the first and the last stage have in flight,
    `working` what a layer takes while it is computed again.
    """

    weights: Array
    gradients: Array
    optimizer: Array
    full: Array
    lean: Array
    first_layers: Array
    last_layers: Array
    working: Array
    logits: Array

    def at(self, share: float | Array) -> Memory:
        """Bytes by use when a `share` of the layers is recomputed."""
        kept = share * self.lean + (1.0 - share) * self.full
        working = np.where(np.asarray(share) > 0, self.working, 0.0)
        first = np.asarray(kept * self.first_layers + working)
        return Memory(
            weights=self.weights,
            gradients=self.gradients,
            optimizer=self.optimizer,
            activations=first,
            logits=np.maximum(kept * self.last_layers + working + self.logits - first, 0.0),
        )


def memory_use(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> Memory:
    """Bytes per chip by use for each plan."""
    return footprint(machine, practice, shape, job, plans).at(plans.share)


def footprint(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> Footprint:
    """The memory of each plan, whatever its share of recomputed layers."""
    held = weights_held(shape, plans)
    dense, experts = held.shared + held.ends, held.experts
    fully = plans.zero >= 3
    shard = np.maximum(plans.shard, 1.0)
    expert_shard = np.minimum(shard, plans.expert_replicas)
    train = np.asarray(job.weight_gradients)
    stored = np.where(fully, np.where(train > 0, practice.sharded_parameters, HALF), HALF)
    # 8-bit weights are stored with their transpose, so they take as much as 16-bit ones
    weights = np.where(fully, stored * (dense / shard + experts / expert_shard), HALF * (dense + experts))
    # a fully sharded layer and the one fetched ahead of it are whole while they are used
    whole = np.where(fully, 2.0 * HALF * (dense + experts) / np.maximum(shape.layers, 1.0), 0.0)
    split_gradients = plans.zero >= 2
    gradient_split = np.where(split_gradients, shard, 1.0), np.where(split_gradients, expert_shard, 1.0)
    state_split = np.where(plans.zero >= 1, shard, 1.0), np.where(plans.zero >= 1, expert_shard, 1.0)
    # fully sharded 32-bit parameters are their own master copy
    master = np.where(fully & (practice.sharded_parameters > HALF), practice.state_bytes - SINGLE, practice.state_bytes)
    tokens = tokens_per_rank(job, plans)
    full, lean = _kept_per_layer(machine, practice, shape, job, plans)
    layers, (first, last) = _end_layers(shape, plans), _in_flight(job, plans)
    return Footprint(
        weights=np.asarray(weights + whole),
        gradients=train * practice.gradient_bytes * (dense / gradient_split[0] + experts / gradient_split[1]),
        optimizer=np.asarray(train * master * (dense / state_split[0] + experts / state_split[1])),
        full=tokens * full,
        lean=tokens * lean,
        first_layers=layers * first,
        last_layers=layers * last,
        working=np.where(plans.recompute >= 2, tokens * full, 0.0),
        logits=tokens * shape.vocab / plans.tp * practice.loss_holds,
    )


def _kept_per_layer(machine: Machine, practice: Practice, shape: Shape, job: Job, plans: Plans) -> tuple[Array, Array]:
    """Bytes per token that a layer keeps for the backward pass: without recomputation, and with that of each plan."""
    split = np.where(np.asarray(practice.sequence_parallel) > 0, plans.tp, 1.0)
    full = _kept_per_token(machine, practice, shape, job, plans)
    modules = _kept_per_token(machine, practice, shape, job, plans, selective=True)
    selective = np.where(np.asarray(practice.selective_modules) > 0, modules, practice.selective_keeps * full)
    level = plans.recompute
    return full, np.where(level >= 2, HALF * shape.hidden / split, np.where(level >= 1, selective, full))


def _in_flight(job: Job, plans: Plans) -> tuple[Array, Array]:
    """Micro-batches whose activations the first stage holds, which has the most in flight, and the last."""
    count = micro_batches(job, plans)
    interleaved = plans.pp * (1.0 + (plans.pp - 1.0) / (plans.pp * plans.vp))
    first = np.minimum(count, np.where(plans.vp > 1, interleaved, plans.pp))
    last = np.minimum(count, np.where(plans.vp > 1, 1.0 + (plans.pp - 1.0) / plans.vp, 1.0))
    return first, last


def _end_layers(shape: Shape, plans: Plans) -> Array:
    """Layers of the first and of the last stage, one fewer than slots where embedding or logits take one."""
    slots = uneven_slots(shape.layers, plans)
    ends = np.clip(slots - 1.0, 1.0, np.maximum(shape.layers, 1.0))
    return np.where(slots == 0, shape.layers / plans.pp, ends)


def recompute_needed(machine: Machine, practice: Practice, shape: Shape, plans: Plans, held: Footprint) -> Array:
    """Share of layers that must be recomputed, at each plan's level, for it to fit; 1 when even all are too few.

    Whole layers of a stage are recomputed, so the share is rounded up to them.
    """
    budget = (machine.memory_bytes - practice.reserve) / practice.fragmentation
    # a layer that is computed again takes working memory, however few they are
    few, all_of_them = held.at(1e-9).total, held.at(1.0).total
    share = np.clip((few - budget) / np.maximum(few - all_of_them, 1.0), 0.0, 1.0)
    share = np.where(held.at(0.0).total <= budget, 0.0, share)
    stage_layers = np.maximum(np.floor(shape.layers / plans.pp), 1.0)
    return np.asarray(np.where(plans.recompute > 0, np.ceil(share * stage_layers - 1e-9) / stage_layers, 0.0))


def _kept_per_token(
    machine: Machine,
    practice: Practice,
    shape: Shape,
    job: Job,
    plans: Plans,
    *,
    selective: bool = False,
) -> Array:
    """Bytes per token and layer without recomputation, mean over the kinds of layer.

    When `selective`, without what named modules recompute: outputs of norms and activation functions, heads that
    latents expand to, and score matrices.
    """
    again = 0.0 if selective else 1.0
    split = np.where(np.asarray(practice.sequence_parallel) > 0, plans.tp, 1.0)
    stored = np.maximum(np.minimum(HALF, machine.linear_bytes), 1.0)  # 4-bit products keep 8-bit inputs
    values = shape.heads * shape.value_dim
    expanded = shape.heads * shape.query_dim + shape.kv_heads * (shape.query_dim + shape.value_dim)
    latent = np.asarray(shape.latent)
    # the output is kept once: it is what the projection reads, unless that reads an 8-bit copy
    outputs = (HALF + np.where(stored < HALF, stored, 0.0)) * values
    heads = HALF * expanded * np.where(latent > 0, again, 1.0) + outputs
    ranks = HALF * latent * (shape.query_rank + shape.key_rank + shape.rope_dim)
    norms = 2.0 * HALF * shape.hidden / split
    inputs = again * 2.0 * stored * shape.hidden / split
    unfused = np.where(np.asarray(practice.flash) > 0, 0.0, again * 5.0 * shape.heads * job.sequence / plans.tp)
    mlp = (HALF * shape.gates + again * stored) * shape.ffn / plans.tp
    chosen = shape.active_experts * job.imbalance + shape.shared_experts
    experts = (
        (HALF * shape.gates + again * stored) * shape.expert_ffn * chosen + stored * shape.hidden * shape.active_experts
    ) / plans.tp
    layers = np.maximum(shape.layers, 1.0)
    kind = (shape.dense_layers * mlp + shape.moe_layers * experts) / layers
    mixing = 2.0 * HALF * shape.mixer_parameters / np.maximum(shape.hidden, 1.0) / plans.tp / layers
    share = shape.attention_layers / layers
    return np.asarray(norms + inputs + share * (heads / plans.tp + ranks + unfused) + kind + mixing)


def occupied(machine: Machine, practice: Practice, memory: Memory) -> Array:
    """Share of a chip's memory that a plan takes, fragmentation and reserve included; it fits up to 1."""
    return np.asarray((memory.total * practice.fragmentation + practice.reserve) / machine.memory_bytes)
