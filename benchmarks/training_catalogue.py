"""Chips and models for development, read from the gathered facts: `accelerators.csv` and `models.csv`."""

from __future__ import annotations

import csv
from pathlib import Path

from waterline.performance.chip import Chip
from waterline.performance.model import Model

SHARED = Path(__file__).resolve().parents[2] / "shared"
ALIASES = {
    "A100-40GB": "A100-40GB SXM",
    "A100-80GB": "A100-80GB SXM",
    "A100": "A100-80GB SXM",
    "H100": "H100 SXM",
    "H200": "H200 SXM",
    "H800": "H800 SXM",
    "B200": "B200 SXM",
    "B300": "B300 SXM",
    "GB200": "GB200 (per GPU in NVL72)",
    "GB300": "GB300 (per GPU in NVL72)",
    "TPU7x": "TPU v7 Ironwood",
    "TPU-v6e": "TPU v6e Trillium",
    "TPU-v5e": "TPU v5e",
    "TPU-v5p": "TPU v5p",
    "TPU-v4": "TPU v4",
    "TPU-v3": "TPU v3",
}


def _float(text: str, scale: float = 1.0) -> float | None:
    return float(text) * scale if text else None


def chips() -> dict[str, Chip]:
    """Chips by name and by the aliases that the validation rows use."""
    table: dict[str, Chip] = {}
    with (SHARED / "facts" / "accelerators.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            capacity, bandwidth = _float(row["mem_gb"], 1e9), _float(row["mem_bw_gb_s"], 1e9)
            if capacity is None or bandwidth is None:
                continue
            table[row["chip"]] = Chip(
                name=row["chip"],
                vendor=row["vendor"].lower(),
                released=min(row["announced"] or "9999", row["available"] or "9999"),
                bf16_flops=_float(row["bf16"], 1e12),
                fp16_flops=_float(row["fp16"], 1e12),
                tf32_flops=_float(row["tf32"], 1e12),
                fp8_flops=_float(row["fp8"], 1e12),
                fp4_flops=_float(row["fp4"], 1e12),
                int8_ops=_float(row["int8"], 1e12),
                mem_capacity=capacity,
                mem_bw=bandwidth,
                scale_up_bw_bidir=_float(row["scale_up_bw_gb_s_per_chip_bidir"], 1e9),
                scale_up_domain=_float(row["scale_up_domain_size"]),
                scale_out_bw=_float(row["scale_out_gbps_per_chip_typical"], 1e9 / 8.0),
                tdp=_float(row["tdp_w"]),
            )
    return {**table, **{alias: table[name] for alias, name in ALIASES.items()}}


def models() -> dict[str, Model]:
    """Models by name, attributes as in the fact table."""
    columns = {
        "parameters": "params_total",
        "active_parameters": "params_active",
        "layers": "layers",
        "dense_layers": "dense_layers",
        "hidden": "hidden",
        "ffn_hidden": "ffn_hidden",
        "heads": "heads",
        "kv_heads": "kv_heads",
        "head_dim": "head_dim",
        "vocab": "vocab",
        "experts": "n_experts",
        "experts_per_token": "top_k",
        "shared_experts": "n_shared",
        "moe_ffn_hidden": "moe_ffn_hidden",
        "mla_q_lora_rank": "mla_q_lora_rank",
        "mla_kv_lora_rank": "mla_kv_lora_rank",
        "mla_qk_rope_dim": "mla_qk_rope_dim",
        "mla_qk_nope_dim": "mla_qk_nope_dim",
        "mla_v_head_dim": "mla_v_head_dim",
        "sliding_window": "sliding_window",
        "mtp_layers": "mtp_layers",
    }
    table: dict[str, Model] = {}
    with (SHARED / "facts" / "models.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            numbers = {field: _float(row[column]) for field, column in columns.items()}
            table[row["model"]] = Model(
                name=row["model"],
                attention=row["attention"] or None,
                **numbers,
                tied_embeddings=row["tied_embeddings"] == "True",
            )
    return table
