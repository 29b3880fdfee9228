"""Serving plans in plain numbers: latencies, rates, memory, where a step goes, and what binds."""

from __future__ import annotations

from typing import Any

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.candidates import Candidates
from waterline.performance.serving.estimate import Choice, ServingAnswer, pareto
from waterline.performance.serving.exchange import spare_expert_bytes
from waterline.performance.serving.memory import request_bytes, weight_bytes
from waterline.performance.serving.overlap import spread
from waterline.performance.serving.setting import Setting

RESOURCES = {
    "bandwidth": ("weights", "cache", "elementwise"),
    "compute": ("gemm", "attention", "prompts"),
    "network": ("collectives",),
    "software": ("launches", "host"),
}


def plan_rows(answer: ServingAnswer, constants: Constants, top: int) -> list[dict[str, Any]]:
    """The first `top` plans, the cheapest per token first."""
    return [plan_row(choice, constants) for choice in answer.best[:top]]


def frontier_rows(answer: ServingAnswer) -> list[dict[str, Any]]:
    """Plans that no other beats in both speed for a user and output per chip, the fastest first."""
    return [
        {
            "mode": _mode(choice),
            "layout": layout_name(choice.candidates.setting, choice.index),
            "batch": int(choice.candidates.served.running[choice.index]),
            "tpot_ms": 1e3 * choice.tpot,
            "ttft_ms": 1e3 * choice.ttft,
            "tokens_per_s_per_user": 1.0 / choice.tpot,
            "output_tokens_per_s_per_chip": choice.output_rate,
            "within_limits": bool(choice.candidates.within[choice.index]),
        }
        for choice in pareto(answer.pools)
    ]


def plan_row(choice: Choice, constants: Constants) -> dict[str, Any]:
    """One plan: degrees, batch of a copy, times, rates, memory, the parts of a step in ms, and what binds.

    Degrees and memory are those of the chips that decode; `prefill` has those that read prompts in split plans.
    `chips` are those of one copy, `batch` requests run on it; `prompt_share` is the part of the chips' time that reads
    prompts; a step's parts are those of one decoding step, `prompts` what reading prompts adds to it.
    """
    candidates, index = choice.candidates, choice.index
    question = candidates.question
    parts = step_parts(candidates, index)
    degrees = _degrees(candidates.setting, index)
    return {
        "mode": _mode(choice),
        **degrees,
        "chips": degrees["tp"] * degrees["dp"] * degrees["pp"],
        "copies": int(np.asarray(candidates.setting.deployment.replicas)[index]),
        "batch": int(candidates.served.running[index]),
        "ttft_ms": 1e3 * choice.ttft,
        "tpot_ms": 1e3 * choice.tpot,
        "output_tokens_per_s_per_chip": choice.output_rate,
        "input_tokens_per_s_per_chip": choice.output_rate * question.input / question.output,
        "prompt_share": choice.prompt_share,
        "prefill": _prefill(candidates, index),
        "memory_gb": _memory(candidates, index, constants),
        "step_ms": {name: 1e3 * value for name, value in parts.items()},
        "binding": binding(parts),
        "batch_limited_by": _batch_limit(candidates, index),
    }


def _mode(choice: Choice) -> str:
    return "split" if choice.split else "aggregated"


def _prefill(candidates: Candidates, index: int) -> dict[str, Any] | None:
    """The unit that reads prompts: its degrees, prompt tokens of a chip's pass, and how many such `units` there are (a
    fraction where no count of chips is stated); None where the same chips do both."""
    readers = candidates.readers
    if readers is None:
        return None
    row = int(readers.layout[index])
    degrees, share = _degrees(readers.setting, row), float(candidates.prompt_share[index])
    return {
        "layout": layout_name(readers.setting, row),
        **degrees,
        "chips": degrees["tp"] * degrees["dp"] * degrees["pp"],
        "units": float(readers.units[index]),
        "pass_tokens": float(readers.pass_tokens[index]),
        "chips_per_decode_chip": share / (1.0 - share),
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


def layout_name(setting: Setting, index: int) -> str:
    """A layout in a few letters: TP8, DP8 EP8, TP4 PP2."""
    degrees = _degrees(setting, index)
    shown = [(name, degrees[name]) for name in ("tp", "dp", "ep", "pp")]
    return " ".join(f"{name.upper()}{degree}" for name, degree in shown if degree > 1) or "TP1"


def _degrees(setting: Setting, index: int) -> dict[str, int]:
    deployment = setting.deployment
    fields = {"tp": "tensor", "ep": "expert", "dp": "attention_data", "pp": "pipeline"}
    return {name: int(np.asarray(getattr(deployment, field))[index]) for name, field in fields.items()}


def _memory(candidates: Candidates, index: int, constants: Constants) -> dict[str, float]:
    setting, question = candidates.setting, candidates.question
    shape = candidates.served.tpot.shape
    context = np.asarray(question.input + question.cached + question.output, dtype=float)
    groups = np.asarray(setting.deployment.attention_data)[index]
    cache = np.broadcast_to(request_bytes(setting, constants, context), shape)[index]
    weights = weight_bytes(setting)
    if candidates.readers is not None:
        weights = weights + np.where(spread(setting), spare_expert_bytes(setting, constants), 0.0)
    weights = np.broadcast_to(weights, shape)[index]
    return {
        "weights": float(weights) / 1e9,
        "cache": float(cache * candidates.served.running[index] / groups) / 1e9,
        "working": constants["working_bytes"] / 1e9,
        "capacity": float(setting.silicon.memory_bytes) / 1e9,
    }


def _batch_limit(candidates: Candidates, index: int) -> str:
    """Why the next larger batch of this layout is not taken: memory, tpot, ttft, or because it brings nothing."""
    following = index + 1
    setting = candidates.setting
    if following >= candidates.served.tpot.size or layout_name(setting, index) != layout_name(setting, following):
        return "search"
    if not candidates.holds[following]:
        return "memory"
    question = candidates.question
    if candidates.served.tpot[following] > question.tpot_limit:
        return "tpot"
    return "ttft" if candidates.served.ttft[following] > question.ttft_limit else "throughput"
