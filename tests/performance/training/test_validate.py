from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from waterline.core.errors import InputError
from waterline.performance.chip import Chip
from waterline.performance.constants import Constants
from waterline.performance.model import Model
from waterline.performance.names import lookup, same_size, sized_by_name
from waterline.performance.software import decimal_year, software_of
from waterline.performance.training.open_plans import sharding
from waterline.performance.training.runs import Run, read_runs
from waterline.performance.training.spool import Spool
from waterline.performance.training.validate import validate_training

HEADER = [
    "id",
    "accelerator",
    "n_accel",
    "model_name",
    "precision",
    "seq_len",
    "global_batch_seqs",
    "n_params_total",
    "tokens_per_s_per_accel",
    "framework",
    "published",
    "TP",
    "PP",
    "source_key",
]
GOOD = [
    "a",
    "h100-sxm",
    "64",
    "Llama-3-70B",
    "bf16",
    "8192",
    "128",
    "",
    "900",
    "Megatron-Core",
    "2025-06",
    "4",
    "4",
    "x",
]


def written(path: Path, rows: list[list[str]], header: list[str] = HEADER) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def changed(**cells: str) -> list[str]:
    return [cells.get(name, value) for name, value in zip(HEADER, GOOD, strict=True)]


@pytest.fixture
def known(chip: Chip, llama: Model) -> tuple[dict[str, Chip], dict[str, Model]]:
    return {"h100-sxm": chip}, {"Llama-3-70B": llama}


def test_every_row_is_answered_in_order(tmp_path: Path, known: tuple[dict[str, Chip], dict[str, Model]]) -> None:
    rows = [
        GOOD,
        changed(id="b", n_accel="many"),
        changed(id="c", accelerator="abacus"),
        changed(id="d", precision="fp4"),
        changed(id="e", tokens_per_s_per_accel=""),
        changed(id="f", n_accel="-3"),
        changed(id="g", model_name="unheard of"),
        changed(id="h", seq_len="inf"),
        changed(id="i", TP="3"),
        [*GOOD, "surplus"],
        changed(id="=cmd()", model_name="=1+1"),
        changed(id="l", framework="1" * 50_000),
    ]
    report = validate_training(written(tmp_path / "runs.csv", rows), *known)
    assert [entry["id"] for entry in report["predictions"]] == [*"abcdefghi", "a", "=cmd()", "l"]
    assert report["rows"] == 12
    assert report["covered"] == 4
    reasons = {entry["id"]: entry.get("reason", "") for entry in report["predictions"]}
    assert "row 3: n_accel is not a number: 'many'" in reasons["b"]
    assert "row 4: accelerator 'abacus' is not known" in reasons["c"]
    assert "row 5: h100-sxm has no fp4" in reasons["d"]
    assert "taken as fp8" in reasons["d"]
    assert "neither tokens/s nor a step time" in reasons["e"]
    assert "row 8: neither an architecture" in reasons["g"].replace("unheard of: ", "")
    assert "row 10: no plan on 64 chips agrees with the stated degrees (tp 3" in reasons["i"]
    assert report["predictions"][9]["reason"] == "row 11: more cells than columns"
    assert reasons["l"] == "row 13: framework is longer than 2,000 characters"
    good = report["predictions"][0]
    assert good["low"] < good["predicted"] < good["high"]
    assert report["by_group"]["accelerator=h100-sxm"]["covered"] == 4


def test_files_that_are_no_tables_are_refused(
    tmp_path: Path,
    known: tuple[dict[str, Chip], dict[str, Model]],
) -> None:
    with pytest.raises(InputError, match="missing columns accelerator, n_accel"):
        validate_training(written(tmp_path / "a.csv", [["1"]], header=["id"]), *known)
    with pytest.raises(InputError, match="cannot be read"):
        validate_training(tmp_path / "absent.csv", *known)
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00\x00")
    with pytest.raises(InputError, match=r"cannot be read|missing columns"):
        validate_training(tmp_path / "b.csv", *known)


def test_names_are_found_by_their_words() -> None:
    names = {
        name: name for name in ("Llama-3-70B", "Nemotron-3-Nano-30B-A3B", "Nemotron-3-Super-120B-A12B", "GPT-3 175B")
    }
    assert lookup("Llama-3-70B-12layers", names) == "Llama-3-70B"
    assert lookup("Nemotron_3_Nano", names) == "Nemotron-3-Nano-30B-A3B"
    assert lookup("Nemotron V3 Super 120B", names) == "Nemotron-3-Super-120B-A12B"
    assert lookup("GPT3-175B", names) == "GPT-3 175B"
    assert lookup("Qwen3-8B", names) is None


def test_a_name_is_not_enough_where_sizes_differ(llama: Model) -> None:
    large = replace(llama, name="GPT-3", parameters=175e9)
    accept = partial(same_size, Model(name="GPT3-20B"))
    assert lookup("GPT3-20B", {"GPT-3": large}, accept) is None
    assert lookup("GPT3-20B", {"GPT-3": replace(large, parameters=19.5e9)}, accept) is not None


def test_sizes_in_names_are_used_when_nothing_else_is_known() -> None:
    assert sized_by_name(Model(name="gemma4-31b")).parameters == 31e9
    sparse = sized_by_name(Model(name="Nova-120B-A12B"))
    assert (sparse.parameters, sparse.active_parameters) == (120e9, 12e9)
    assert sized_by_name(Model(name="Nova")).parameters is None
    assert sized_by_name(Model(name="Nova-350m")).parameters == 350e6


@pytest.mark.parametrize(
    ("missing", "covered"),
    [
        (("TP", "PP", "VP", "CP", "EP", "DP", "micro_batch", "zero_stage_or_dist_opt"), 0.99),
        (("layers", "hidden", "heads", "ffn_hidden", "kv_heads", "n_experts", "top_k", "attention_kind"), 0.99),
        (("seq_len", "global_batch_seqs", "step_time_s", "framework", "published"), 0.99),
    ],
)
def test_rows_that_say_less_are_covered_all_the_same(
    tmp_path: Path,
    shipped: tuple[dict[str, Chip], dict[str, Model]],
    published_rows: Path,
    missing: tuple[str, ...],
    covered: float,
) -> None:
    with published_rows.open(newline="", encoding="utf-8") as stream:
        rows = [{**row, **dict.fromkeys(missing, "")} for row in csv.DictReader(stream)][::6]
    path = written(tmp_path / "runs.csv", [list(row.values()) for row in rows], header=list(rows[0]))
    report = validate_training(path, *shipped)
    assert report["covered"] >= covered * report["rows"]
    assert report["median_abs_pct_error"] < 25.0


def test_sharding_is_read_from_words(constants: Constants) -> None:
    torch, megatron = (software_of(name, "2025-06", constants) for name in ("torchtitan", "Megatron-Core"))
    assert sharding("FSDP full shard (ZeRO-3)", torch) == (3.0, 0.0)
    assert sharding("FSDP2 over 64", torch) == (3.0, 64.0)
    assert sharding("ZeRO-1 over 8", torch) == (1.0, 8.0)
    assert sharding("HSDP", torch) == (3.0, 8.0)
    assert sharding("DDP", megatron) == (1.0, 0.0)
    assert sharding("none", megatron) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("note", "gigabytes"),
    [
        ("1600 Gbps/node RoCE", 25.0),
        ("Selene, 8x HDR IB per node", 25.0),
        ("4x200 Gb/s RoCE", 12.5),
        ("400 Gb/s RDMA per GPU; Grand Teton", 50.0),
        ("RoCE 400G per GPU, 8-GPU NVLink nodes", 50.0),
    ],
)
def test_networks_are_read_from_notes(tmp_path: Path, note: str, gigabytes: float) -> None:
    path = written(tmp_path / "runs.csv", [[*GOOD, note]], header=[*HEADER, "interconnect_note"])
    run = next(read_runs(path))
    assert isinstance(run, Run)
    assert run.network == pytest.approx(gigabytes * 1e9)


def test_dates_of_every_form() -> None:
    assert decimal_year("2024-07-15") == pytest.approx(2024.5)
    assert decimal_year("2025-H2") == pytest.approx(2025.5)
    assert decimal_year("2025-Q1") == pytest.approx(2025.0)


def test_published_rows_are_predicted_within_the_goals(
    shipped: tuple[dict[str, Chip], dict[str, Model]], published_rows: Path
) -> None:
    """The accuracy that the engine is held to, over all published rows and by kind."""
    report = validate_training(published_rows, *shipped)
    assert report["covered"] >= 0.97 * report["rows"]
    assert report["median_abs_pct_error"] <= 6.0
    assert report["p90_abs_pct_error"] <= 20.0
    assert abs(report["bias_pct"]) <= 2.0
    assert 0.85 <= report["interval90_coverage"] <= 0.95
    limits = {"half_precision": 5.0, "low_precision": 7.0, "experts": 12.0, "tpu": 8.0}
    for kind, limit in limits.items():
        assert report["by_group"][f"class={kind}"]["median_abs_pct_error"] <= limit, kind


def test_long_lists_are_kept_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waterline.performance.training.spool.IN_MEMORY", 1000)
    spool = Spool()
    for number in range(200):
        spool.append({"id": f"=row {number}", "predicted": number / 7})
    assert len(spool) == 200
    assert spool[3] == {"id": "=row 3", "predicted": 3 / 7}
    assert [entry["id"] for entry in spool[-2:]] == ["=row 198", "=row 199"]
    assert sum(1 for _ in spool) == 200


def test_rows_that_repeat_are_answered_alike(tmp_path: Path, known: tuple[dict[str, Chip], dict[str, Model]]) -> None:
    rows = [GOOD, *(changed(id=str(number), tokens_per_s_per_accel=str(800 + number)) for number in range(1200))]
    done: list[int] = []
    report = validate_training(written(tmp_path / "runs.csv", rows), *known, progress=done.append)
    assert len({entry["predicted"] for entry in report["predictions"]}) == 1
    assert done == [500, 1000, 1201]
