"""The valid parallel plans for a model on a number of chips."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from waterline.performance.chip import Machine
from waterline.performance.model import Shape
from waterline.performance.table import Array
from waterline.performance.training.grid import LAYOUT, OPTIONS, Grid
from waterline.performance.training.plan import Job, Plans

Choices = Mapping[str, Sequence[float]]
Rules = Literal["regular", "possible", "none"]


def default_choices(machine: Machine, shape: Shape, job: Job, chips: int) -> dict[str, list[float]]:
    """Every degree worth trying: powers of two and divisors, tensor parallelism within the scale-up domain."""
    domain = min(float(machine.domain), chips, 64.0)
    layers = int(shape.layers)
    experts = int(shape.experts)
    return {
        "tp": [degree for degree in _powers(domain) if shape.heads % degree == 0],
        "pp": [float(count) for count in range(1, min(layers, 64) + 1) if chips % count == 0],
        "vp": [float(count) for count in range(1, min(layers, 16) + 1)],
        "cp": [degree for degree in _powers(64) if degree == 1 or job.sequence / degree >= 2048],
        "ep": [degree for degree in _powers(max(experts, 1)) if experts % degree == 0] if experts else [1.0],
        "micro_batch": [1.0, 2.0, 4.0, 8.0, 16.0],
        "recompute": [1.0, 2.0],
        "zero": [1.0, 3.0],
        "bubble": [1.0],
    }


def _powers(limit: float) -> list[float]:
    return [float(2**power) for power in range(int(np.floor(np.log2(max(limit, 1.0)))) + 1)]


def plan_grid(shape: Shape, job: Job, chips: int, choices: Choices, rules: Rules = "regular") -> Grid:
    """All valid plans of `choices` on `chips` chips, possibly none.

    Valid: degrees multiply to the chips; tensor parallelism divides heads, and keys or the other way round; every
    chunk of the pipeline gets a layer (uneven ones cost time, see `step_time`); an interleaved pipeline gets
    micro-batches in multiples of its stages (Megatron-LM); replicas and micro-batches divide the batch; experts
    divide over a group within tensor, context and data parallel ranks. `possible` plans only have to divide heads,
    give every chunk a layer and every replica a sequence; by rules `none` it is enough that the chips are used.
    """
    degrees = np.ix_(*(np.asarray(choices[name], dtype=float) for name in OPTIONS + LAYOUT))
    axes = dict(zip(OPTIONS + LAYOUT, degrees, strict=True))
    axes["dp"] = chips / (axes["tp"] * axes["pp"] * axes["cp"])
    valid = (axes["dp"] >= 1) & (np.mod(axes["dp"], 1.0) == 0)
    if rules != "none":
        valid = valid & _possible(shape, job, axes)
    if rules == "regular":
        valid = valid & _regular(shape, job, axes)
    ranks = axes["dp"] * axes["cp"]
    shard = np.asarray(choices.get("shard", [0.0]), dtype=float)[0]
    axes["shard"] = np.where(axes["zero"] > 0, np.minimum(shard or ranks, ranks), 1.0)
    # how much of a plan is recomputed is settled by memory, later, unless the choices say
    axes["share"] = np.full_like(valid, np.asarray(choices.get("share", [1.0]), dtype=float)[0], dtype=float)
    layouts = np.broadcast_to(valid.reshape(valid.shape[len(OPTIONS) :]), [axes[name].size for name in LAYOUT])
    return Grid(Plans(**axes), np.flatnonzero(layouts))


def enumerate_plans(shape: Shape, job: Job, chips: int, choices: Choices, rules: Rules = "regular") -> Plans:
    """The plans of `plan_grid` as a table, each field of shape (plans,)."""
    grid = plan_grid(shape, job, chips, choices, rules)
    return grid.table(grid.spread(grid.axes), np.arange(math.prod(grid.shape)))


def _possible(shape: Shape, job: Job, table: Mapping[str, Array]) -> NDArray[np.bool_]:
    tp, dp, micro = table["tp"], table["dp"], table["micro_batch"]
    heads = np.mod(shape.heads, tp) == 0
    return np.asarray(heads & (job.global_batch >= dp * micro) & (table["pp"] * table["vp"] <= shape.layers + 2.0))


def _regular(shape: Shape, job: Job, table: Mapping[str, Array]) -> NDArray[np.bool_]:
    tp, pp, vp = table["tp"], table["pp"], table["vp"]
    count = job.global_batch / (table["dp"] * table["micro_batch"])
    keys = (np.mod(shape.kv_heads, tp) == 0) | (np.mod(tp, shape.kv_heads) == 0)
    experts = (table["ep"] == 1) | (np.mod(tp * table["cp"] * table["dp"], table["ep"]) == 0)
    interleaved = (vp == 1) | ((pp > 1) & (np.mod(count, pp) == 0))
    return np.asarray(keys & experts & interleaved & (np.mod(count, 1.0) == 0))


def why_none(shape: Shape, job: Job, chips: int, choices: Choices) -> str:
    """The first rule that no combination of `choices` satisfies, in words."""
    tensor = [degree for degree in choices["tp"] if shape.heads % degree == 0]
    if not tensor:
        return f"tensor parallelism {_listed(choices['tp'])} does not divide {shape.heads:g} heads"
    if min(choices["pp"]) * min(choices["vp"]) > shape.layers + 2:
        return f"{min(choices['pp']) * min(choices['vp']):g} pipeline chunks are more than {shape.layers:g} layers"
    products = [tp * pp * cp for tp in tensor for pp in choices["pp"] for cp in choices["cp"]]
    replicas = [chips / product for product in products if chips % product == 0]
    if not replicas:
        return f"{chips} chips are no multiple of tensor × pipeline × context degrees {_listed(sorted(set(products)))}"
    if min(replicas) * min(choices["micro_batch"]) > job.global_batch:
        return f"a batch of {job.global_batch:g} sequences is smaller than {min(replicas):g} replicas need"
    if not any(job.global_batch % (count * micro) == 0 for count in replicas for micro in choices["micro_batch"]):
        return (
            f"a batch of {job.global_batch:g} sequences is no multiple of replicas × micro-batch; "
            f"replicas can be {_listed(sorted(set(replicas)))}"
        )
    return "degrees of keys, experts or interleaved micro-batches do not divide"


def _listed(values: Sequence[float]) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:8])
    return shown if len(values) <= 8 else f"{shown}, …"
