"""The training engine beside a peer on published runs: error and speed, side by side, on the rows both can represent.

    python -m venv VENV && VENV/bin/pip install llm-analysis
    python benchmarks/training_peers.py --python VENV/bin/python [--rows FILE]

llm-analysis (https://github.com/cli99/llm-analysis) runs in a process of its own, with its documented efficiency of
0.5 for Megatron-like frameworks. It represents dense 16- and 8-bit transformers whose tensor, pipeline and data
degrees and micro-batch are published. Calculon (SC23) is not on the package index and is not run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import shipped_facts as shipped

from waterline.core.errors import InputError
from waterline.performance.chip import peak_rate, precision_class
from waterline.performance.constants import default_constants
from waterline.performance.training.cases import Case, case_of
from waterline.performance.training.prediction import batch_of, predict
from waterline.performance.training.runs import Run, read_runs

ROWS = Path(__file__).resolve().parents[2] / "shared" / "validation" / "training_runs.csv"
NEEDED = ("tp", "pp", "dp", "micro_batch")
PEER = """
import contextlib, io, json, logging, sys, time
logging.disable(logging.CRITICAL)
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from llm_analysis.analysis import ActivationRecomputation, LLMAnalysis
    from llm_analysis.config import GPUConfig, ModelConfig, ParallelismConfig
LEVELS = {"none": ActivationRecomputation.NONE, "selective": ActivationRecomputation.SELECTIVE,
          "full": ActivationRecomputation.FULL}
rates, seconds = [], 0.0
for run in json.load(sys.stdin):
    started = time.perf_counter()
    try:
        analysis = LLMAnalysis(
            ModelConfig(max_seq_len=int(run["seq_len"]), **run["model"]), GPUConfig(**run["gpu"]),
            parallelism_config=ParallelismConfig(**run["parallel"]), flops_efficiency=0.5, hbm_memory_efficiency=0.8)
        with contextlib.redirect_stdout(io.StringIO()):
            found = analysis.training(
                batch_size_per_gpu=run["micro_batch"], global_batch_size=run["batch"], seq_len=int(run["seq_len"]),
                activation_recomputation=LEVELS[run["recompute"]], mlp_gated_linear_units=run["gated"])
        rates.append(run["batch"] * run["seq_len"] / found["latency_per_iter"] / run["chips"])
    except Exception:
        rates.append(None)
    seconds += time.perf_counter() - started
json.dump({"rates": rates, "seconds": seconds}, sys.stdout)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="a Python that has llm-analysis installed")
    parser.add_argument("--rows", type=Path, default=ROWS)
    options = parser.parse_args()
    if options.python is None or not options.python.exists():
        print("skipped: name a Python that has llm-analysis with --python")
        return
    if not options.rows.exists():
        print(f"skipped: {options.rows} is not here")
        return
    cases = read_cases(options.rows)
    ours, seconds = own_rates(cases)
    measured = np.array([case.run.measured or np.nan for case in cases])
    print(f"ours, all {len(cases)} rows with a rate: {errors(ours, measured)}; {len(cases) / seconds:,.0f} rows/s")
    asked = [index for index, case in enumerate(cases) if representable(case)]
    peer = json.loads(
        subprocess.run(
            [str(options.python), "-c", PEER],
            input=json.dumps([question(cases[index]) for index in asked]),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    both = [(index, rate) for index, rate in zip(asked, peer["rates"], strict=True) if rate]
    rows = np.array([index for index, _ in both])
    theirs = np.array([rate for _, rate in both])
    print(
        f"llm-analysis, {len(both)} rows: {errors(theirs, measured[rows])}; {len(asked) / peer['seconds']:,.0f} rows/s"
    )
    print(f"ours, the same {len(both)} rows: {errors(ours[rows], measured[rows])}")


def read_cases(path: Path) -> list[Case]:
    """Published runs with a rate to compare with."""
    constants, chips, models = default_constants(), shipped.chips(), shipped.models()
    cases = []
    for run in read_runs(path):
        if isinstance(run, Run) and run.measured:
            try:
                cases.append(case_of(run, chips, models, constants))
            except InputError:
                continue
    return cases


def own_rates(cases: list[Case]) -> tuple[Any, float]:
    """Tokens/s per chip of each case, and the seconds that predicting them took."""
    constants = default_constants()
    started = time.perf_counter()
    rates = predict(batch_of(cases, constants), constants)[0]
    return rates, time.perf_counter() - started


def representable(case: Case) -> bool:
    """Whether the peer has the concepts: a dense transformer with a published plan, no context parallelism."""
    plain = (
        not case.shape.experts and case.shape.attention_layers == case.shape.layers and case.run.plan.get("cp", 1) == 1
    )
    return plain and set(NEEDED) <= set(case.run.plan) and case.run.finetune in ("", "pretrain")


def question(case: Case) -> dict[str, Any]:
    """The run in the peer's terms; 8 bits are given as a faster 16-bit chip, as the peer has no such training."""
    shape, chip, plan = case.shape, case.chip, case.run.plan
    return {
        "model": {
            "name": "model",
            "num_layers": int(shape.layers),
            "n_head": int(shape.heads),
            "hidden_dim": int(shape.hidden),
            "vocab_size": int(shape.vocab),
            "num_key_value_heads": int(shape.kv_heads),
            "ffn_embed_dim": int(shape.ffn),
        },
        "gpu": {
            "name": chip.name,
            "mem_per_GPU_in_GB": 1000.0,  # what does not fit by its count ran all the same
            "hbm_bandwidth_in_GB_per_sec": chip.mem_bw / 1e9,
            "intra_node_bandwidth_in_GB_per_sec": (chip.scale_up_bw_bidir or 64e9) / 2e9,
            "intra_node_min_message_latency": 8e-6,
            "inter_node_bandwidth_in_GB_per_sec": 8.0 * (chip.scale_out_bw or 25e9) / 1e9,
            "peak_fp16_TFLOPS": peak_rate(chip, precision_class(case.precision)) / 1e12,
        },
        "parallel": {f"{name}_size": int(plan[name]) for name in ("tp", "pp", "dp")},
        "micro_batch": int(plan["micro_batch"]),
        "batch": int(case.job.global_batch),
        "seq_len": case.job.sequence,
        "chips": case.run.chips,
        "recompute": case.run.recompute.lower() or "none",
        "gated": shape.gates > 1,
    }


def errors(rates: Any, measured: Any) -> str:
    """Median and 90% quantile of the absolute error in percent."""
    size = 100.0 * np.abs(rates / measured - 1.0)
    return f"median {np.median(size):.1f}%, p90 {np.quantile(size, 0.9):.1f}%"


if __name__ == "__main__":
    main()
