"""An answer to a planner in plain numbers: the best plans, what their steps are spent on, and what did not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from waterline.performance.training.estimate import Answer
from waterline.performance.training.memory import Memory
from waterline.performance.training.plan import RECOMPUTE, Plans
from waterline.performance.training.step import StepTime

DEGREES = ("tp", "pp", "vp", "cp", "ep", "dp", "micro_batch")
LOSSES = 3  # parts listed in which a plan loses against the best
GIGABYTE = 1e9
# What the seconds of a step are gathered under, for a reader.
PARTS: Mapping[str, tuple[str, ...]] = {
    "matmul": ("matmul", "logits"),
    "attention": ("attention",),
    "memory_bound": ("memory_bound", "cast"),
    "recompute": ("recompute",),
    "communication": (
        "tensor_communication",
        "expert_communication",
        "context_communication",
        "pipeline_communication",
        "data_communication",
    ),
    "bubble": ("bubble",),
    "overhead": ("launch", "optimizer", "jitter"),
}


def plan_report(answer: Answer) -> dict[str, Any]:
    """Plans in plain numbers: `plans`, each with degrees, times, MFU, memory and breakdown; `evaluated`, `seconds`.

    `loses_by` are the parts, with seconds, in which a plan is slower than the best one, the largest first.
    `rejected` counts the plans that need more memory than there is, with the one that misses it by least.
    """
    ranking = answer.ranking
    census = ranking.space.census
    rows = range(int(np.size(ranking.time.total)))
    return {
        "plans": [_row(answer, index) for index in rows],
        "evaluated": census.evaluated,
        "fitting": census.fitting,
        "rejected": {"count": census.evaluated - census.fitting, "nearest": _nearest(answer)},
        "seconds": answer.seconds,
        "tokens_per_s_per_chip": {"median": answer.tokens_per_second, "p05": answer.low, "p95": answer.high},
        "mfu": answer.mfu,
    }


def gathered(breakdown: Mapping[str, float]) -> dict[str, float]:
    """Seconds of a step under the few heads of `PARTS`."""
    return {head: sum(breakdown[name] for name in names) for head, names in PARTS.items()}


def _row(answer: Answer, index: int) -> dict[str, Any]:
    ranking = answer.ranking
    breakdown, first = _breakdown(ranking.time, index), _breakdown(ranking.time, 0)
    best = _at(ranking.time.total, index)
    rate = answer.tokens_per_second * _at(ranking.time.total, 0) / best
    losses = {name: value - first[name] for name, value in breakdown.items() if value > first[name]}
    return {
        **_layout(ranking.plans, index),
        "step_s": best,
        "tokens_per_s_per_chip": rate,
        "mfu": rate * answer.flops_per_token / answer.peak,
        **_memory(ranking.memory, index),
        "breakdown": breakdown,
        "loses_by": dict(sorted(losses.items(), key=lambda loss: -loss[1])[:LOSSES]),
    }


def _nearest(answer: Answer) -> dict[str, Any] | None:
    """The plan that misses the memory by least: its layout, memory, what is lacking, and what takes most."""
    census = answer.ranking.space.census
    plans, memory = census.nearest, census.nearest_memory
    if plans is None or memory is None:
        return None
    held = _memory(memory, 0)
    uses: dict[str, float] = held["memory_breakdown_gb"]
    return {
        **_layout(plans, 0),
        **held,
        "lacks_gb": held["memory_gb"] - answer.usable_bytes / GIGABYTE,
        "most_for": max(uses, key=lambda use: uses[use]),
    }


def _layout(plans: Plans, index: int) -> dict[str, Any]:
    share = _at(plans.share, index)
    return {
        **{name: int(_at(getattr(plans, name), index)) for name in DEGREES},
        "recompute": RECOMPUTE[int(_at(plans.recompute, index))] if share > 0 else "none",
        "recompute_share": max(share, 0.0),
        "zero": int(_at(plans.zero, index)),
    }


def _memory(memory: Memory, index: int) -> dict[str, Any]:
    return {
        "memory_gb": _at(memory.total, index) / GIGABYTE,
        "memory_breakdown_gb": {
            field.name: _at(getattr(memory, field.name), index) / GIGABYTE for field in fields(memory)
        },
    }


def _breakdown(time: StepTime, index: int) -> dict[str, float]:
    return {field.name: _at(getattr(time, field.name), index) for field in fields(time)}


def _at(values: Any, index: int) -> float:
    array = np.asarray(values, dtype=float)
    return float(array[index]) if array.ndim else float(array)
