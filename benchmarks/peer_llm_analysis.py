"""Rates of training runs by llm-analysis: run by an interpreter that has it, questions in and answers out as JSON."""

from __future__ import annotations

import contextlib
import io
import logging
import math
from typing import Any

from peer import reply

logging.disable(logging.CRITICAL)
EFFICIENCIES = {
    "flops_efficiency": 0.5,
    "hbm_memory_efficiency": 0.8,
}  # of its documentation, for Megatron and its like


def answer(run: dict[str, Any]) -> float:
    """Samples per second, NaN where it refuses."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        from llm_analysis.analysis import ActivationRecomputation, LLMAnalysis  # type: ignore[import-not-found]
        from llm_analysis.config import GPUConfig, ModelConfig, ParallelismConfig  # type: ignore[import-not-found]

        try:
            analysis = LLMAnalysis(
                ModelConfig(**run["model"]),
                GPUConfig(**run["gpu"]),
                parallelism_config=ParallelismConfig(**run["parallel"]),
                **EFFICIENCIES,
            )
            found = analysis.training(
                batch_size_per_gpu=run["micro_batch"],
                global_batch_size=run["batch"],
                seq_len=run["model"]["max_seq_len"],
                activation_recomputation=ActivationRecomputation[run["recompute"].upper()],
                mlp_gated_linear_units=run["gated"],
            )
        except Exception:  # asserts and errors of many kinds
            return math.nan
    return float(run["batch"] / found["latency_per_iter"])


if __name__ == "__main__":
    reply(answer, "llm-analysis")
