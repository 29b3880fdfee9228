"""Published training runs: rows of a CSV file read into records, with an error per bad row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from waterline.performance import published_rows
from waterline.performance.chip import NODE
from waterline.performance.model import Model
from waterline.performance.published_rows import Refusal, Row, chip_count, figure, read_rows

REQUIRED = ("id", "accelerator", "n_accel", "model_name", "precision")
MODEL_COLUMNS = {
    **published_rows.MODEL_COLUMNS,
    "n_shared_experts": "shared_experts",
    "moe_ffn_hidden": "moe_ffn_hidden",
}
PLAN_COLUMNS = {"TP": "tp", "PP": "pp", "VP": "vp", "CP": "cp", "EP": "ep", "DP": "dp", "micro_batch": "micro_batch"}
OTHER_NUMBERS = ("seq_len", "global_batch_seqs", "tokens_per_s_per_accel", "step_time_s")
GROUP_COLUMNS = ("source_key", "accelerator", "framework", "precision", "finetune_kind", "trust", "split")


@dataclass(frozen=True)
class Run:
    """One published run. None where the source is silent; `plan` holds the stated degrees alone.

    `network` is bytes/s per chip and direction, `power` watts, `bandwidth` and `capacity` the memory's bytes/s and
    bytes, `domain` chips of one slice, where a remark gives them. `measured` is tokens/s per accelerator.
    """

    identifier: str
    row: int
    accelerator: str
    chips: int
    model: Model
    precision: str
    framework: str
    published: str
    sequence: float | None
    global_batch: float | None
    plan: dict[str, float]
    sharding: str
    recompute: str
    finetune: str
    remarks: str
    measured: float | None
    network: float | None
    power: float | None
    bandwidth: float | None
    capacity: float | None
    domain: float | None
    groups: dict[str, str]


def read_runs(path: Path | str) -> Iterator[Run | Refusal]:
    """The rows of a CSV file in order, as runs or refusals. Row 1 is the header; unknown columns are ignored.

    Raises InputError when the file cannot be read, is not a table, or lacks a required column.
    """
    return read_rows(Path(path), REQUIRED, ("accelerator", "model_name", "precision"), _run)


def _run(number: int, record: Row) -> Run:
    none_shared = _is_zero(record.get("n_shared_experts", ""))
    shape = {
        name: figure(number, record, column)
        for column, name in MODEL_COLUMNS.items()
        if not (none_shared and column == "n_shared_experts")
    }
    sequence, batch, rate, step = (figure(number, record, column) for column in OTHER_NUMBERS)
    chips = chip_count(number, record)
    if rate is None and step and sequence and batch:
        rate = sequence * batch / step / chips
    plan = {name: value for column, name in PLAN_COLUMNS.items() if (value := figure(number, record, column))}
    note = record.get("interconnect_note", "")
    remarks = record.get("notes", "")
    model = replace(Model(name=record["model_name"], attention=record.get("attention_kind") or None), **shape)  # type: ignore[arg-type]
    return Run(
        identifier=record["id"],
        row=number,
        accelerator=record["accelerator"],
        chips=chips,
        model=replace(model, shared_experts=0.0) if none_shared else model,
        precision=record["precision"],
        framework=record.get("framework", ""),
        published=record.get("published", ""),
        sequence=sequence,
        global_batch=batch,
        plan=plan,
        sharding=record.get("zero_stage_or_dist_opt", ""),
        recompute=record.get("activation_recompute", ""),
        finetune=record.get("finetune_kind", ""),
        remarks=remarks,
        measured=rate,
        network=_network(note),
        power=_figure(note, r"at (\d+(?:\.\d+)?)\s*W", 1.0),
        bandwidth=_figure(note, r"(\d+(?:\.\d+)?)\s*TB/s", 1e12),
        capacity=_figure(note, r"(\d+(?:\.\d+)?)\s*GB HBM", 1e9),
        domain=_slice(chips, f"{note}; {remarks}"),
        groups={name: record.get(name, "") for name in GROUP_COLUMNS},
    )


def _is_zero(text: str) -> bool:
    try:
        return float(text) == 0
    except ValueError:
        return False


def _figure(note: str, pattern: str, scale: float) -> float | None:
    found = re.search(pattern, note)
    return float(found.group(1)) * scale if found else None


def _slice(chips: float, text: str) -> float | None:
    """Chips of one slice or pod where a run joins several over a data-centre network."""
    slices = _figure(text, r"\b(\d+)\s+(?:slices?\b|slice\(s\)|pods?\b)", 1.0)
    return chips / slices if slices and chips % slices == 0 else None


INFINIBAND_GBPS = {"EDR": 100.0, "HDR": 200.0, "NDR": 400.0, "XDR": 800.0}
GIGABIT = 1e9 / 8.0  # bytes


def _network(note: str) -> float | None:
    """Bytes/s per accelerator and direction that a remark states, nodes taken to have eight accelerators.

    Read are "1600 Gbps/node", "8x HDR IB per node", "4x200 Gb/s" and "400 Gb/s RDMA per GPU".
    """
    adapters = re.search(r"\b(\d+)\s*[x×]\s*(?:(\d{2,3})\s*G(?:b|\b)|(EDR|HDR|NDR|XDR))", note)
    if adapters:
        number, rate, standard = adapters.groups()
        return float(number) * (float(rate) if rate else INFINIBAND_GBPS[standard]) * GIGABIT / NODE
    per_node = _figure(note, r"(\d+)\s*Gb(?:ps|/s)\s*(?:/|per )node", GIGABIT / NODE)
    return per_node or _figure(
        note, r"(?:^|\D)(\d{2,4})\s*(?:G|Gb/s RDMA|Gb/s|Gbps)(?: RoCE| IB)? per (?:GPU|chip)", GIGABIT
    )
