"""Published serving runs: rows of a CSV file read into records, with an error per bad row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from waterline.performance.model import Model
from waterline.performance.published_rows import MODEL_COLUMNS, Refusal, Row, chip_count, figure, read_rows

REQUIRED = ("id", "accelerator", "n_accel", "model_name")
GROUP_COLUMNS = ("use", "metric_kind", "accelerator", "model_name", "source_key", "weight_precision", "trust", "split")
METRICS = {"ttft_ms": "ttft", "itl_ms": "tpot"}


@dataclass(frozen=True)
class Worker:
    """One side of a disaggregated deployment: `count` workers, and the degrees of parallelism of each."""

    count: float
    tensor: float
    pipeline: float
    data: float
    expert: float


@dataclass(frozen=True)
class ServedRun:
    """One published run. None where the source is silent.

    `concurrency` requests in flight (or the static batch), `kind` the metric's kind, `prefill` and `decode` the
    workers of a disaggregated run; `ttft` and `tpot` in seconds, `throughput` output tokens/s of all chips,
    `derived` whether that was computed from the other two.
    """

    identifier: str
    row: int
    accelerator: str
    chips: int
    model: Model
    engine: str
    published: str
    precision: str
    cache_precision: str
    tensor: float | None
    pipeline: float | None
    expert: float | None
    data: float | None
    input: float | None
    output: float | None
    concurrency: float | None
    kind: str
    remarks: str
    prefill: Worker | None
    decode: Worker | None
    ttft: float | None
    tpot: float | None
    throughput: float | None
    derived: bool
    groups: dict[str, str]

    @property
    def excluded(self) -> bool:
        """Whether the row is only reported: no error counts."""
        return self.groups.get("use") == "exclude"


def read_served_runs(path: Path | str) -> Iterator[ServedRun | Refusal]:
    """The rows of a CSV file in order, as runs or refusals. Row 1 is the header; unknown columns are ignored.

    Raises InputError when the file cannot be read, is not a table, or lacks a required column.
    """
    return read_rows(Path(path), REQUIRED, ("accelerator", "model_name"), _run)


def _run(number: int, record: Row) -> ServedRun:
    chips = chip_count(number, record)
    remarks = record.get("notes", "")
    measured = figure(number, record, "measured_output_tok_s_total")
    total = figure(number, record, "measured_total_tok_s")
    given = {column: figure(number, record, column) for column in ("input_len", "output_len")}
    if measured is None and total is not None and all(given.values()):
        measured = total * given["output_len"] / (given["input_len"] + given["output_len"])  # type: ignore[operator]
    derived = figure(number, record, "derived_output_tok_s_total")
    ttft, tpot = (figure(number, record, column) for column in METRICS)
    return ServedRun(
        identifier=record["id"],
        row=number,
        accelerator=record["accelerator"],
        chips=chips,
        model=_model(number, record),
        engine=record.get("engine", ""),
        published=record.get("published", ""),
        precision=record.get("weight_precision", ""),
        cache_precision=record.get("kv_precision", ""),
        tensor=figure(number, record, "TP"),
        pipeline=figure(number, record, "PP"),
        expert=figure(number, record, "EP"),
        data=figure(number, record, "DP"),
        input=given["input_len"],
        output=given["output_len"],
        concurrency=figure(number, record, "concurrency_or_batch"),
        kind=record.get("metric_kind", ""),
        remarks=remarks,
        prefill=_worker("prefill", remarks),
        decode=_worker("decode", remarks),
        ttft=ttft and ttft / 1e3,
        tpot=tpot and tpot / 1e3,
        throughput=measured or derived,
        derived=measured is None and derived is not None,
        groups={name: record.get(name, "") for name in GROUP_COLUMNS},
    )


def _model(number: int, record: Row) -> Model:
    """The model of the row's columns; of a model with experts `ffn_hidden` is the width of one expert.

    Shared experts and dense layers stand in the description of attention.
    """
    values = {name: figure(number, record, column) for column, name in MODEL_COLUMNS.items()}
    text = record.get("attention_kind", "")
    if values["experts"]:
        shared = re.search(r"(\d+) shared expert", text)
        dense = re.search(r"(\d+) dense layers?(?: ffn (\d+))?", text)
        values["moe_ffn_hidden"] = values["ffn_hidden"]
        values["shared_experts"] = float(shared.group(1)) if shared else 0.0
        values["dense_layers"] = float(dense.group(1)) if dense else 0.0
        values["ffn_hidden"] = float(dense.group(2)) if dense and dense.group(2) else None
    window = re.search(r"(?:sliding|swa|window|chunk(?:ed)?)[ -]?(\d+)", text)
    values["sliding_window"] = float(window.group(1)) if window else None
    return Model(name=record["model_name"], attention=text or None, **values)  # type: ignore[arg-type]


def _worker(side: str, remarks: str) -> Worker | None:
    found = re.search(rf"{side} (\d+)x\(tp(\d+) pp(\d+) dp(\d+) moe_tp(\d+) ep(\d+)\)", remarks)
    if not found:
        return None
    count, tensor, pipeline, data, _, expert = (float(text) for text in found.groups())
    return Worker(count, tensor, pipeline, data, expert)
