"""What is to be trained, and how it is laid out over the chips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.performance.table import Array

RECOMPUTE = ("none", "selective", "full")


@dataclass(frozen=True)
class Job:
    """One optimiser step of a training run; floats, or arrays of shape (rows,) after `stack`.

    `sequence` tokens per sequence, `global_batch` sequences per step, `packed` tokens per packed document (0 when
    a sequence is one document), `weight_gradients` 1, or 0 for adapters that leave the weights alone,
    `imbalance` tokens of the busiest expert over the mean, at least 1.
    """

    sequence: float
    global_batch: float
    packed: float = 0.0
    weight_gradients: float = 1.0
    imbalance: float = 1.0


@dataclass(frozen=True)
class Plans:
    """A table of plans, each field an array of shape (plans,) or a scalar that all plans share.

    Degrees of tensor (`tp`), pipeline (`pp`), context (`cp`), expert (`ep`, inside tp × cp × dp) and data (`dp`)
    parallelism; `vp` model chunks per stage of an interleaved pipeline; `micro_batch` sequences; `recompute` 0 none,
    1 selective, 2 full, on a `share` of the layers; `zero` stage 0-3 (1 is a distributed optimiser, 3 fully sharded)
    over `shard` ranks; `bubble` multiplies the 1F1B bubble (zero-bubble schedules 1/3, Qi et al. arXiv 2401.10241).
    """

    tp: Array
    pp: Array
    vp: Array
    cp: Array
    ep: Array
    dp: Array
    micro_batch: Array
    recompute: Array
    share: Array
    zero: Array
    shard: Array
    bubble: Array

    @property
    def chips(self) -> Array:
        """Chips a plan occupies."""
        return self.tp * self.pp * self.cp * self.dp

    @property
    def expert_replicas(self) -> Array:
        """Chips that hold the same experts, at least 1."""
        return np.maximum(self.dp * self.cp / np.maximum(self.ep / self.tp, 1.0), 1.0)

    @property
    def chunks(self) -> Array:
        """Parts into which pipelines cut the model's layers."""
        return self.pp * self.vp


def micro_batches(job: Job, plans: Plans) -> Array:
    """Micro-batches that pass through the pipeline per step and replica, at least 1."""
    return np.asarray(np.maximum(job.global_batch / (plans.dp * plans.micro_batch), 1.0))


def uneven_slots(layers: float | Array, plans: Plans) -> Array:
    """Layers' slots of a stage where `layers` do not divide by the chunks; 0 where they do.

    Embedding and logits then take a slot each, as Megatron-LM places 126 or 61 layers.
    """
    slots = np.ceil((layers + 2.0) / plans.chunks) * plans.vp
    return np.where(np.mod(layers, plans.chunks) == 0, 0.0, slots)


def tokens_per_rank(job: Job, plans: Plans) -> Array:
    """Tokens of one micro-batch on one context-parallel rank."""
    return np.asarray(plans.micro_batch * job.sequence / plans.cp)
