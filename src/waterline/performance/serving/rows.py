"""Published serving runs: rows of a CSV file read into records, with an error per bad row."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from waterline.core.errors import InputError
from waterline.performance.model import Model
from waterline.performance.training.runs import Refusal

REQUIRED = ("id", "accelerator", "n_accel", "model_name")
MODEL_COLUMNS = {
    "n_params_total": "parameters",
    "n_params_active": "active_parameters",
    "layers": "layers",
    "hidden": "hidden",
    "ffn_hidden": "ffn_hidden",
    "heads": "heads",
    "kv_heads": "kv_heads",
    "head_dim": "head_dim",
    "vocab": "vocab",
    "n_experts": "experts",
    "top_k": "experts_per_token",
}
GROUP_COLUMNS = ("use", "metric_kind", "accelerator", "model_name", "source_key", "weight_precision", "trust", "split")
METRICS = {"ttft_ms": "ttft", "itl_ms": "tpot"}


@dataclass(frozen=True)
class Worker:
    """One side of a disaggregated deployment: `count` workers of tensor, attention-data and expert degrees."""

    count: float
    tensor: float
    pipeline: float
    data: float
    expert: float

    @property
    def chips(self) -> float:
        """Chips of all workers."""
        return self.count * self.tensor * self.pipeline * self.data


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
    for number, record in _records(Path(path)):
        try:
            yield _run(number, record)
        except InputError as error:
            yield Refusal(record.get("id") or f"row {number}", number, str(error))


def _records(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream, strict=True)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
            if missing:
                raise InputError(f"{path.name}: missing columns {', '.join(missing)}")
            for number, record in enumerate(reader, start=2):
                extra = record.pop(None, None)
                cells = {name: (value or "").strip() for name, value in record.items()}
                if extra is not None:
                    cells["_extra"] = "more cells than columns"
                yield number, cells
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name}: cannot be read as CSV: {error}") from None


def _run(number: int, record: dict[str, str]) -> ServedRun:
    if record.get("_extra"):
        raise InputError(f"row {number}: {record['_extra']}")
    for name in ("accelerator", "model_name"):
        if not record[name]:
            raise InputError(f"row {number}: {name} is empty")
    chips = _number(number, record, "n_accel")
    if chips is None or chips != int(chips):
        raise InputError(f"row {number}: n_accel must be a whole number")
    remarks = record.get("notes", "")
    measured = _number(number, record, "measured_output_tok_s_total")
    total = _number(number, record, "measured_total_tok_s")
    given = {column: _number(number, record, column) for column in ("input_len", "output_len")}
    if measured is None and total is not None and all(given.values()):
        measured = total * given["output_len"] / (given["input_len"] + given["output_len"])  # type: ignore[operator]
    derived = _number(number, record, "derived_output_tok_s_total")
    ttft, tpot = (_number(number, record, column) for column in METRICS)
    return ServedRun(
        identifier=record["id"],
        row=number,
        accelerator=record["accelerator"],
        chips=int(chips),
        model=_model(number, record),
        engine=record.get("engine", ""),
        published=record.get("published", ""),
        precision=record.get("weight_precision", ""),
        cache_precision=record.get("kv_precision", ""),
        tensor=_number(number, record, "TP"),
        pipeline=_number(number, record, "PP"),
        expert=_number(number, record, "EP"),
        data=_number(number, record, "DP"),
        input=given["input_len"],
        output=given["output_len"],
        concurrency=_number(number, record, "concurrency_or_batch"),
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


def _model(number: int, record: dict[str, str]) -> Model:
    """The model of the row's columns; of a model with experts `ffn_hidden` is the width of one expert.

    Shared experts and dense layers stand in the description of attention.
    """
    values = {name: _number(number, record, column) for column, name in MODEL_COLUMNS.items()}
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


def _number(number: int, record: dict[str, str], column: str) -> float | None:
    text = record.get(column, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"row {number}: {column} is not a number: {text[:40]!r}") from None
    if not math.isfinite(value) or value <= 0 or value > 1e15:
        raise InputError(f"row {number}: {column} must be positive and sensible, not {text[:40]}")
    return value


def _worker(side: str, remarks: str) -> Worker | None:
    found = re.search(rf"{side} (\d+)x\(tp(\d+) pp(\d+) dp(\d+) moe_tp(\d+) ep(\d+)\)", remarks)
    if not found:
        return None
    count, tensor, pipeline, data, _, expert = (float(text) for text in found.groups())
    return Worker(count, tensor, pipeline, data, expert)
