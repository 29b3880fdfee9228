"""Rates of training runs by llm-analysis: run by an interpreter that has it, questions in and answers out as JSON."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import logging
import math
import sys
import time
from typing import Any

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


def main() -> None:
    """Answer the questions; how many a second is said of those that have an answer."""
    questions = json.load(sys.stdin)
    answer(questions[0])  # imports are not what is measured
    answers, seconds = [], []
    for question in questions:
        started = time.process_time()
        answers.append(answer(question))
        if math.isfinite(answers[-1]):
            seconds.append(time.process_time() - started)
    a_second = len(seconds) / sum(seconds)
    version = importlib.metadata.version("llm-analysis")
    json.dump({"version": version, "answers": answers, "a_second": a_second}, sys.stdout)


if __name__ == "__main__":
    main()
