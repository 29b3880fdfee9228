"""Valid parallel plans for a model on a number of chips, and the search for the fastest that fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from waterline.core.errors import InputError
from waterline.performance.chip import Machine
from waterline.performance.model import Shape
from waterline.performance.table import Array, joined, length, take
from waterline.performance.training.memory import Memory, footprint, occupied, recompute_needed
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.practice import Practice
from waterline.performance.training.step import StepTime, step_time

Choices = Mapping[str, Sequence[float]]
Rules = Literal["regular", "possible", "none"]
BLOCK = 8192  # plans evaluated at a time, so that intermediate arrays stay in cache


@dataclass(frozen=True)
class Ranking:
    """The best plans of a search, fastest first.

    `plans`, `time` and `memory` have one row per plan kept; `evaluated` counts all valid plans, `fitting` those
    within the memory. `nearest` is the plan that misses the memory by least, one row, and `nearest_memory` what it
    would need; both None when every plan fits.
    """

    plans: Plans
    time: StepTime
    memory: Memory
    evaluated: int
    fitting: int
    nearest: Plans | None
    nearest_memory: Memory | None


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


def enumerate_plans(shape: Shape, job: Job, chips: int, choices: Choices, rules: Rules = "regular") -> Plans:
    """All valid plans of `choices` on `chips` chips, a table of shape (plans,), possibly empty.

    Valid: degrees multiply to the chips; tensor parallelism divides heads, and keys or the other way round; every
    chunk of the pipeline gets a layer (uneven ones cost time, see `step_time`); an interleaved pipeline gets
    micro-batches in multiples of its stages (Megatron-LM); replicas and micro-batches divide the batch; experts
    divide over a group within tensor, context and data parallel ranks. `possible` plans only have to divide heads,
    give every chunk a layer and every replica a sequence; by rules `none` it is enough that the chips are used.
    """
    names = ("tp", "pp", "vp", "cp", "ep", "micro_batch", "recompute", "zero", "bubble")
    axes = [np.asarray(choices[name], dtype=float) for name in names]
    grid = dict(zip(names, np.ix_(*axes), strict=True))  # open: a rule is as large as the degrees that it is about
    replicas = chips / (grid["tp"] * grid["pp"] * grid["cp"])
    valid = (replicas >= 1) & (np.mod(replicas, 1.0) == 0)
    grid["dp"] = replicas
    if rules != "none":
        valid = valid & _possible(shape, job, grid)
    if rules == "regular":
        valid = valid & _regular(shape, job, grid)
    places = np.nonzero(np.broadcast_to(valid, [axis.size for axis in axes]))
    table = {name: axis[place] for name, axis, place in zip(names, axes, places, strict=True)}
    table["dp"] = chips / (table["tp"] * table["pp"] * table["cp"])
    shard = np.asarray(choices.get("shard", [0.0]), dtype=float)[0]
    ranks = table["dp"] * table["cp"]
    # how much of a plan is recomputed is settled by memory, later, unless the choices say
    table["share"] = np.full_like(table["tp"], np.asarray(choices.get("share", [1.0]), dtype=float)[0])
    table["shard"] = np.where(table["zero"] > 0, np.minimum(shard or ranks, ranks), 1.0)
    return Plans(**table)


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


def search(
    machine: Machine,
    practice: Practice,
    shape: Shape,
    job: Job,
    chips: int,
    *,
    choices: Choices | None = None,
    top: int = 10,
) -> Ranking:
    """The `top` fastest plans that fit in memory among all valid ones, fastest first.

    Raises InputError when there is no valid plan, or none fits (the message says which, and what would help).
    """
    given = {**default_choices(machine, shape, job, chips), **(choices or {})}
    table = enumerate_plans(shape, job, chips, given)
    if not table.tp.size:
        raise InputError(f"no valid plan for {chips} chips: {why_none(shape, job, chips, given)}")
    table, memory = _in_memory(machine, practice, shape, job, table)
    share = occupied(machine, practice, memory)
    fitting = np.flatnonzero(share <= 1.0)
    if not fitting.size:
        least = float(np.min(memory.total)) / 1e9
        raise InputError(
            f"no plan fits: the leanest of {length(table)} needs {least:.0f} GB of {machine.memory_bytes / 1e9:.0f} GB "
            "per chip; use more chips or a smaller batch",
        )
    order, seconds = _fastest(machine, practice, shape, job, table, fitting, top)
    missed = np.flatnonzero(share > 1.0)
    nearest = missed[[int(np.argmin(share[missed]))]] if missed.size else None
    return Ranking(
        take(table, order),
        seconds,
        take(memory, order),
        length(table),
        int(fitting.size),
        None if nearest is None else take(table, nearest),
        None if nearest is None else take(memory, nearest),
    )


def _in_memory(machine: Machine, practice: Practice, shape: Shape, job: Job, table: Plans) -> tuple[Plans, Memory]:
    """The plans with as much recomputation as memory asks of each, and the memory that they take.

    Of plans that differ in a level of recomputation that they do not use, one is enough.
    """
    held = footprint(machine, practice, shape, job, table)
    table = replace(table, share=recompute_needed(machine, practice, shape, table, held))
    used = np.flatnonzero((table.share > 0.0) | (table.recompute <= np.min(table.recompute)))
    table, held = take(table, used), take(held, used)
    return table, held.at(table.share)


def _fastest(
    machine: Machine, practice: Practice, shape: Shape, job: Job, table: Plans, rows: NDArray[np.intp], top: int
) -> tuple[NDArray[np.intp], StepTime]:
    """The `top` fastest of the plans `rows`, the fastest first, and their times."""
    found = []
    for start in range(0, rows.size, BLOCK):
        block = rows[start : start + BLOCK]
        time = step_time(machine, practice, shape, job, take(table, block))
        best = np.argsort(time.total, kind="stable")[:top]
        found.append((block[best], take(time, best)))
    order, times = np.concatenate([block for block, _ in found]), joined([time for _, time in found])
    best = np.argsort(times.total, kind="stable")[:top]
    return order[best], take(times, best)
