"""How the training engine bears rows that say less, or say it otherwise, than those it was fitted to.

    python benchmarks/training_stress.py [--rows FILE]

Every perturbation is applied to all published rows: columns blanked, names respelt, chips and frameworks exchanged.
Reported are coverage and, where the truth stays the truth, the errors.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import shipped_facts as shipped

from waterline.performance.training.runs import MODEL_COLUMNS, PLAN_COLUMNS
from waterline.performance.training.validate import validate_training

ROWS = Path(__file__).resolve().parents[2] / "shared" / "validation" / "training_runs.csv"
Row = dict[str, str]
SHAPES = [name for name in MODEL_COLUMNS if not name.startswith("n_params")]
CHIPS = (
    "A100-40GB", "A100", "H100", "H100 SXM5 80GB", "H200", "H800", "H20", "GH200", "B200", "GB200", "B300", "GB300",
    "GB200 NVL72", "V100", "V100-32GB", "L40S", "MI250X", "MI300X", "MI300A", "MI325X", "MI355X", "TPU-v3", "TPU v4",
    "TPU v5e", "TPU-v5p", "TPU v6e (Trillium)", "TPU7x", "Ironwood", "Trainium1", "Trainium2", "trn2", "Gaudi2",
    "Gaudi 3", "Gaudi3", "Ascend 910B", "Ascend-910C", "A800", "RTX 4090", "A10G", "A6000",
)  # fmt: skip
FRAMEWORKS = (
    "Primus-Megatron 25.9", "Megatron-DeepSpeed", "DeepSpeed", "Colossal-AI", "InternEvo", "torchtitan", "MindSpeed",
    "Levanter", "Optimum Habana", "NeMo 25.02", "verl", "Axolotl", "PyTorch DDP", "GPT-NeoX", "",
)  # fmt: skip
PRECISIONS = (
    "bf16", "BF16", "fp16", "fp8", "FP8-CS", "FP8-DS", "FP8-SC", "fp8-blockwise", "mxfp8", "MXFP8", "nvfp4", "NVFP4",
    "mxfp4", "fp8 (tensorwise)", "bf16-mixed", "bfloat16", "fp32", "tf32", "hybrid fp8", "int8", "8-bit", "mixed",
    "float8_e4m3", "FP8-MX", "bf16+fp8",
)  # fmt: skip


def blanked(*columns: str) -> Callable[[int, Row], Row]:
    """A perturbation that empties columns."""
    return lambda index, row: {**row, **dict.fromkeys(columns, "")}


def cycled(column: str, values: Iterable[str]) -> Callable[[int, Row], Row]:
    """A perturbation that puts one value after another into a column."""
    choices = list(values)
    return lambda index, row: {**row, column: choices[index % len(choices)]}


def scaled(column: str, factor: float) -> Callable[[int, Row], Row]:
    """A perturbation that multiplies a whole number."""
    return lambda index, row: {**row, column: str(max(1, round(float(row[column]) * factor))) if row[column] else ""}


def respelt(index: int, row: Row) -> Row:
    """Model names in lower case with other separators."""
    return {**row, "model_name": row["model_name"].lower().replace("-", "_").replace(" ", "_")}


# Whether the measured rate still belongs to the row.
PERTURBATIONS: dict[str, tuple[Callable[[int, Row], Row], bool]] = {
    "as published": (lambda index, row: row, True),
    "no plan": (blanked(*PLAN_COLUMNS, "zero_stage_or_dist_opt", "activation_recompute"), True),
    "no micro-batch": (blanked("micro_batch"), True),
    "no batch": (blanked("global_batch_seqs", "step_time_s"), True),
    "no sequence": (blanked("seq_len"), True),
    "no architecture": (blanked(*SHAPES, "attention_kind"), True),
    "no architecture, name unknown": (
        lambda index, row: {**row, **dict.fromkeys((*SHAPES, "attention_kind"), ""), "model_name": "Zephyr-X"}, True
    ),
    "no experts' width": (blanked("moe_ffn_hidden", "n_shared_experts", "ffn_hidden"), True),
    "no heads": (blanked("heads", "kv_heads", "head_dim"), True),
    "no parameters": (blanked("n_params_total", "n_params_active"), True),
    "only names": (blanked(*MODEL_COLUMNS, "attention_kind"), True),
    "no framework, no date": (blanked("framework", "published"), True),
    "no remarks": (blanked("notes", "interconnect_note"), True),
    "names respelt": (respelt, True),
    "name unknown": (cycled("model_name", ["Zephyr-X"]), True),
    "other chips": (cycled("accelerator", CHIPS), False),
    "other frameworks": (cycled("framework", FRAMEWORKS), False),
    "other precisions": (cycled("precision", PRECISIONS), False),
    "odd batch": (scaled("global_batch_seqs", 1.37), False),
    "odd chips": (scaled("n_accel", 1.25), False),
    "seven times the chips": (scaled("n_accel", 7.0), False),
    "lora": (cycled("finetune_kind", ["lora", "sft", "peft", "qlora", "dpo"]), False),
    "other attention": (
        cycled("attention_kind", ["MLA", "hybrid Mamba-2", "Gated DeltaNet 3:1 hybrid", "SWA 4096", "lightning 7:1",
                                  "MQA", "iRoPE chunked 8192 3:1", "NSA", "KDA 3:1 + MLA", "encoder (bidirectional)"]),
        False,
    ),
    "recompute in other words": (
        cycled("activation_recompute", ["full (uniform 1)", "selective (moe_act)", "block 4", "yes", "no", "offload"]),
        False,
    ),
    "sharding in other words": (
        cycled("zero_stage_or_dist_opt", ["ZeRO-3", "zero2", "distributed optimizer", "HSDP 8x16", "yes", "none"]),
        False,
    ),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=ROWS)
    rows_path = parser.parse_args().rows
    if not rows_path.exists():
        print(f"skipped: {rows_path} is not here")
        return
    with rows_path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    chips, models = shipped.chips(), shipped.models()
    print(f"{'perturbation':<32}{'covered':>9}{'median':>9}{'p90':>9}{'bias':>9}{'in 90%':>9}")
    for name, (change, comparable) in PERTURBATIONS.items():
        report = _report([change(index, row) for index, row in enumerate(rows)], chips, models)
        cells = f"{report['covered'] / report['rows']:>9.1%}"
        if comparable:
            cells += f"{report['median_abs_pct_error']:>9.1f}{report['p90_abs_pct_error']:>9.1f}"
            cells += f"{report['bias_pct']:>+9.1f}{report['interval90_coverage']:>9.0%}"
        print(f"{name:<32}{cells}")
        reasons = Counter(
            entry["reason"].split(": ", 1)[-1] for entry in report["predictions"] if not entry["predicted"]
        )
        for reason, count in reasons.most_common(6):
            print(f"    {count:>4} × {reason}")


def _report(rows: list[Row], chips: Any, models: Any) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        stream.flush()
        return validate_training(Path(stream.name), chips, models)


if __name__ == "__main__":
    main()
