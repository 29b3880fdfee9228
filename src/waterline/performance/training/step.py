"""Time of one training step for a table of plans, taken apart into what it is spent on."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from waterline.performance.chip import Machine
from waterline.performance.model import Shape
from waterline.performance.table import Array
from waterline.performance.training.layers import Pass
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.practice import Practice
from waterline.performance.training.work import Work, work_of


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
    """Seconds of one optimiser step of each plan, by use."""
    return scheduled(machine, practice, shape, plans, work_of(machine, practice, shape, job, plans))


def scheduled(machine: Machine, practice: Practice, shape: Shape, plans: Plans, work: Work) -> StepTime:
    """Seconds of one optimiser step of each plan, by use, from the pieces that it is made of.

    The step is the slowest pipeline stage's time for all micro-batches, plus filling and draining the pipeline,
    plus what gradients, weights and the optimiser leave exposed. Narayanan et al., SC21 (arXiv 2104.04473),
    section 2.2, for the pipeline.
    """
    forward, backward, head, count = work.forward, work.backward, work.head, work.count
    again = _recomputed(practice, forward, plans)
    launch = _launches(practice, shape, work, forward.device + backward.device + again.device)
    stage, even = _slowest_stage(shape, plans, work, forward.total + backward.total + again.total + launch)
    share = count * (stage / even) / plans.pp
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
        "pipeline_communication": count * work.send,
        "data_communication": _exposed(practice, work, even),
        "bubble": (plans.pp - 1.0) / plans.vp * plans.bubble * (stage + work.send),
        "launch": share * launch,
        "optimizer": work.update,
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


def _launches(practice: Practice, shape: Shape, work: Work, kernels: Array) -> Array:
    """Seconds per micro-batch in which the chip waits for the host to launch the kernels of all layers.

    That is what the host takes longer than the `kernels` and the head themselves; where routing stops the host, at
    least a part of its whole time.
    """
    waiting = np.where(np.asarray(shape.moe_layers) > 0, practice.synchronised, 0.0)
    return np.maximum(np.maximum(0.0, work.host - kernels - work.head), waiting * work.host)


def _slowest_stage(shape: Shape, plans: Plans, work: Work, layers: Array) -> tuple[Array, Array]:
    """Seconds per micro-batch of the slowest stage, and of a stage if all were even.

    Layers that divide by the chunks go evenly, and the last stage computes the logits as well; otherwise the fullest
    stage counts.
    """
    head = work.head
    even = (layers + head) / plans.pp
    whole = layers / plans.pp + np.where(plans.pp > 1, head, head / plans.pp)
    uneven = np.maximum(even, work.uneven * layers / shape.layers)
    return np.where(work.uneven == 0, whole, uneven), np.asarray(even)


def _exposed(practice: Practice, work: Work, stage: Array) -> Array:
    """Seconds per step of talk between data-parallel ranks that the time of a stage does not hide."""
    hidden, residue = np.asarray(practice.data_hides), np.asarray(practice.data_exposed)
    steady = work.count * np.maximum(work.each * residue, work.each - hidden * stage)
    return np.asarray(steady + np.maximum(work.once * residue, work.once - hidden * stage))
