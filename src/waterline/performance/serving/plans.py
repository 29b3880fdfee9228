"""Serving plans in plain numbers: latencies, rates, memory, where a step goes, and what binds."""

from __future__ import annotations

from typing import Any

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.estimate import ServingAnswer, pareto
from waterline.performance.serving.memory import request_bytes, weight_bytes
from waterline.performance.serving.search import Candidates

RESOURCES = {
    "bandwidth": ("weights", "cache", "elementwise"),
    "compute": ("gemm", "attention", "prompts"),
    "network": ("collectives",),
    "software": ("launches", "host"),
}


def plan_rows(answer: ServingAnswer, constants: Constants, top: int) -> list[dict[str, Any]]:
    """The first `top` plans, the cheapest per token first."""
    return [plan_row(answer.candidates, int(index), constants) for index in answer.best[:top]]


def frontier_rows(candidates: Candidates) -> list[dict[str, Any]]:
    """Plans that no other beats in both speed for a user and output per chip, the fastest first."""
    rows = []
    for index in pareto(candidates):
        tpot = float(candidates.served.tpot[index])
        rows.append(
            {
                "layout": layout_name(candidates, int(index)),
                "batch": int(candidates.served.running[index]),
                "tpot_ms": 1e3 * tpot,
                "ttft_ms": 1e3 * float(candidates.served.ttft[index]),
                "tokens_per_s_per_user": 1.0 / tpot,
                "output_tokens_per_s_per_chip": float(candidates.output_rate[index]),
                "within_limits": bool(candidates.within[index]),
            }
        )
    return rows


def plan_row(candidates: Candidates, index: int, constants: Constants) -> dict[str, Any]:
    """One plan: degrees, batch of a copy, times, rates, memory, the parts of a step in ms, and what binds.

    `batch` requests run on one copy; `prompt_share` is the part of the chips' time that reads prompts; a step's
    parts are those of one decoding step, `prompts` what reading prompts adds to it.
    """
    served, question = candidates.served, candidates.question
    rate, share = float(candidates.output_rate[index]), float(candidates.prompt_share[index])
    parts = step_parts(candidates, index)
    degrees = _degrees(candidates, index)
    return {
        "mode": "aggregated",
        **degrees,
        "chips": degrees["tp"] * degrees["dp"] * degrees["pp"],
        "batch": int(served.running[index]),
        "ttft_ms": 1e3 * float(served.ttft[index]),
        "tpot_ms": 1e3 * float(served.tpot[index]),
        "output_tokens_per_s_per_chip": rate,
        "input_tokens_per_s_per_chip": rate * question.input / question.output,
        "prompt_share": share,
        "memory_gb": _memory(candidates, index, constants),
        "step_ms": {name: 1e3 * value for name, value in parts.items()},
        "binding": binding(parts),
        "batch_limited_by": _batch_limit(candidates, index),
    }


def step_parts(candidates: Candidates, index: int) -> dict[str, float]:
    """Seconds of a decoding step by part."""
    step = candidates.served.step
    names = {
        "weights": "weights", "cache": "cache", "gemm": "products", "attention": "attention",
        "elementwise": "elementwise", "collectives": "collectives", "launches": "launches", "host": "host",
    }  # fmt: skip
    parts = {name: float(np.broadcast_to(getattr(step, field), candidates.served.tpot.shape)[index])
             for name, field in names.items()}  # fmt: skip
    return {**parts, "prompts": float(candidates.served.stall[index])}


def binding(parts: dict[str, float]) -> str:
    """The resource that takes most of a step: bandwidth, compute, network or software."""
    return max(RESOURCES, key=lambda resource: sum(parts[name] for name in RESOURCES[resource]))


def layout_name(candidates: Candidates, index: int) -> str:
    """A layout in a few letters: TP8, DP8 EP8, TP4 PP2."""
    degrees = _degrees(candidates, index)
    shown = [(name, degrees[name]) for name in ("tp", "dp", "ep", "pp")]
    return " ".join(f"{name.upper()}{degree}" for name, degree in shown if degree > 1) or "TP1"


def _degrees(candidates: Candidates, index: int) -> dict[str, int]:
    deployment = candidates.setting.deployment
    fields = {"tp": "tensor", "ep": "expert", "dp": "attention_data", "pp": "pipeline", "copies": "replicas"}
    return {name: int(np.asarray(getattr(deployment, field))[index]) for name, field in fields.items()}


def _memory(candidates: Candidates, index: int, constants: Constants) -> dict[str, float]:
    setting, question = candidates.setting, candidates.question
    shape = candidates.served.tpot.shape
    context = np.asarray(question.input + question.output, dtype=float)
    groups = np.asarray(setting.deployment.attention_data)[index]
    cache = np.broadcast_to(request_bytes(setting, constants, context), shape)[index]
    weights = np.broadcast_to(weight_bytes(setting), shape)[index]
    return {
        "weights": float(weights) / 1e9,
        "cache": float(cache * candidates.served.running[index] / groups) / 1e9,
        "working": constants["working_bytes"] / 1e9,
        "capacity": float(setting.silicon.memory_bytes) / 1e9,
    }


def _batch_limit(candidates: Candidates, index: int) -> str:
    """Why the next larger batch of this layout is not taken: memory, tpot, ttft, or because it brings nothing."""
    following = index + 1
    same = following < candidates.served.tpot.size and _degrees(candidates, index) == _degrees(candidates, following)
    if not same:
        return "search"
    if not candidates.holds[following]:
        return "memory"
    question = candidates.question
    if candidates.served.tpot[following] > question.tpot_limit:
        return "tpot"
    return "ttft" if candidates.served.ttft[following] > question.ttft_limit else "throughput"
