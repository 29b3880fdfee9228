"""The training engine beside peers on published runs: error and speed, on the rows that each can represent.

    python -m venv V-llm-analysis && V-llm-analysis/bin/pip install llm-analysis
    python benchmarks/training_peers.py --llm-analysis V-llm-analysis/bin/python --calculon CHECKOUT [--json]

llm-analysis (https://github.com/cli99/llm-analysis) is asked with its documented efficiency of 0.5 for Megatron and its
like. It represents dense 16- and 8-bit transformers whose tensor, pipeline and data degrees and micro-batch are
published. Calculon (Isaev et al., SC23) is not on the package index; with the path to a checkout
(https://github.com/calculon-ai/calculon) it is run on A100 and H100, of which it has system files.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import shipped_facts as shipped
from figures import Figures
from peer import asked

from waterline.core.errors import InputError
from waterline.performance.chip import NODE, peak_rate, precision_class
from waterline.performance.constants import default_constants
from waterline.performance.training.cases import Case, case_of
from waterline.performance.training.prediction import batch_of, predict
from waterline.performance.training.runs import Run, read_runs

ROWS = Path(__file__).resolve().parents[2] / "shared" / "validation" / "training_runs.csv"
NEEDED = ("tp", "pp", "dp", "micro_batch")
SYSTEMS = {"A100": "a100_80g.json", "H100": "h100_80g_nvl8.json"}
METHOD = (
    "published training runs whose plan is published; Waterline's constants are fitted to published runs, these among "
    "them, and its errors on sources left out of the fit stand in its own page"
)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--llm-analysis", metavar="PYTHON")
    parser.add_argument("--calculon", type=Path, metavar="CHECKOUT")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = Figures("Training beside other packages", METHOD)
    training(figures, options.llm_analysis, options.calculon)
    figures.show()


def training(figures: Figures, llm_analysis: str | None, calculon: Path | None) -> None:
    """Errors of each peer and of Waterline on the runs that the peer answers, and predictions a second."""
    if not ROWS.exists():
        return
    cases = read_cases(ROWS)
    rates, seconds = own_rates(cases)
    figures.add("predictions of a training run: Waterline, open plans included", len(cases) / seconds, "a second")
    if llm_analysis:
        found = asked("peer_llm_analysis.py", [llm_analysis_question(case) for case in cases], llm_analysis)
        compare(figures, f"llm-analysis {found['version']}", found, cases, rates)
    if calculon:
        question = functools.partial(calculon_question, systems=calculon / "systems")
        found = asked("peer_calculon.py", [question(case) for case in cases], checkout=str(calculon))
        compare(figures, "Calculon", found, cases, rates)


def compare(figures: Figures, name: str, found: dict[str, Any], cases: list[Case], rates: Any) -> None:
    """Median error, and what nine in ten are within, of a peer and of Waterline where the peer has an answer."""
    figures.add(f"predictions of a training run: {name}, published plans", found["a_second"], "a second")
    theirs = np.array(found["answers"]) * np.array([case.job.sequence / case.run.chips for case in cases])
    measured = np.array([case.run.measured for case in cases], dtype=float)
    rows = np.isfinite(theirs)
    _, seconds = own_rates([case for case, row in zip(cases, rows, strict=True) if row])
    figures.add("predictions of a training run: Waterline, the same runs", rows.sum() / seconds, "a second")
    for who, each in ((name, theirs), ("Waterline", rates)):
        figures.errors(f"{rows.sum()} published training runs: {who}", each[rows] / measured[rows])


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
    started = time.process_time()
    rates = predict(batch_of(cases, constants), constants)[0]
    return rates, time.process_time() - started


def representable(case: Case) -> bool:
    """Whether the peers have the concepts: a dense transformer with a published plan, no context parallelism."""
    plain = (
        not case.shape.experts and case.shape.attention_layers == case.shape.layers and case.run.plan.get("cp", 1) == 1
    )
    return plain and set(NEEDED) <= set(case.run.plan) and case.run.finetune in ("", "pretrain")


def llm_analysis_question(case: Case) -> dict[str, Any] | None:
    """The run in its terms; 8 bits are given as a faster 16-bit chip, as it has no such training."""
    shape, chip, plan = case.shape, case.chip, case.run.plan
    if not representable(case):
        return None
    return {
        "model": {
            "name": "model",
            "max_seq_len": int(case.job.sequence),
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
        "recompute": case.run.recompute.lower() or "none",
        "gated": shape.gates > 1,
    }


def calculon_question(case: Case, systems: Path) -> dict[str, Any] | None:
    """The run in Calculon's terms, on the system file that it has of the chip; it has attention of whole heads alone.

    A gated MLP is given as a plain one of as many weights. Gradients are not overlapped: Calculon is nearer so.
    """
    shape, run, plan = case.shape, case.run, case.run.plan
    file = next((name for chip, name in SYSTEMS.items() if run.accelerator.startswith(chip)), None)
    if file is None or not representable(case) or shape.kv_heads != shape.heads:
        return None
    system = json.loads((systems / file).read_text("utf-8"))
    system["mem1"] |= {"GiB": 1e5, "GBps": case.chip.mem_bw / 1e9}  # what does not fit by its count ran all the same
    tensor, pipeline, data = (int(plan[name]) for name in ("tp", "pp", "dp"))
    recompute = {"full": "full", "selective": "attn_only"}.get(run.recompute.lower(), "none")
    split = tensor > 1 and recompute != "full"  # sequences over the tensor ranks, as Megatron does since 2022
    links = 0 if tensor * data <= NODE and pipeline == 1 else 1
    return {
        "application": {
            "hidden": int(shape.hidden),
            "feedforward": int(shape.ffn * (shape.gates + 1) / 2),
            "seq_size": int(case.job.sequence),
            "attn_heads": int(shape.heads),
            "attn_size": int(shape.query_dim),
            "num_blocks": int(shape.layers),
        },
        "system": system,
        "execution": {
            "num_procs": tensor * pipeline * data,
            "tensor_par": tensor,
            "pipeline_par": pipeline,
            "data_par": data,
            "tensor_par_net": 0,
            "pipeline_par_net": 1,
            "data_par_net": links,
            "batch_size": int(case.job.global_batch),
            "microbatch_size": int(plan["micro_batch"]),
            "datatype": "float8" if run.precision.startswith("fp8") else "float16",
            "fused_activation": False,
            "attention_type": "multihead",
            "activation_recompute": recompute,
            "pipeline_interleaving": int(plan.get("vp", 1)) if pipeline > 1 else 1,
            "optimizer_sharding": data > 1 and bool(run.sharding),
            "tensor_par_comm_type": "rs_ag" if split else "ar",
            "tensor_par_overlap": "none",
            "seq_par_ag_redo": split,
            "data_par_overlap": False,
            "weight_offload": False,
            "activations_offload": False,
            "optimizer_offload": False,
            "training": True,
        },
    }


if __name__ == "__main__":
    main()
