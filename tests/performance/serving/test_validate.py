"""Published serving runs: rows read, named when broken, none dropped."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from waterline.core.errors import InputError
from waterline.performance.chip import Chip
from waterline.performance.constants import Constants
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.rows import ServedRun, read_served_runs
from waterline.performance.serving.software import serving_software
from waterline.performance.serving.validate import validate_serving

GOOD = {
    "id": "a", "accelerator": "H100", "n_accel": "2", "model_name": "Llama-3.3-70B", "n_params_total": "70.55e9",
    "layers": "80", "hidden": "8192", "ffn_hidden": "28672", "heads": "64", "kv_heads": "8", "head_dim": "128",
    "vocab": "128256", "engine": "vLLM 0.11.0", "published": "2025-10", "weight_precision": "fp8", "TP": "2",
    "input_len": "1024", "output_len": "1024", "concurrency_or_batch": "16", "ttft_ms": "120", "itl_ms": "18",
    "derived_output_tok_s_total": "830", "metric_kind": "at_concurrency", "use": "core", "source_key": "x",
}  # fmt: skip
HEADER = [*GOOD, "measured_output_tok_s_total", "notes"]


@pytest.fixture(scope="module")
def constants() -> Constants:
    return serving_constants()


def written(path: Path, *changes: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, HEADER, restval="")
        writer.writeheader()
        writer.writerows({**GOOD, "id": f"r{number}", **change} for number, change in enumerate(changes))
    return path


def test_a_row_gives_an_entry_for_each_metric(tmp_path: Path, chip: Chip) -> None:
    report = validate_serving(written(tmp_path / "runs.csv", {}), {"H100": chip}, {})
    metrics = [entry["metric"] for entry in report["predictions"]]
    assert metrics == ["tpot", "ttft", "throughput"]
    assert (report["rows"], report["covered"], report["compared"]) == (1, 1, 2)  # derived throughput is no measurement
    assert {
        "use=core",
        "metric=tpot",
        "use=core,metric=ttft",
        "accelerator=H100",
        "engine=vLLM 0.11.0",
        "engine_family=vllm",
    } <= set(report["by_group"])
    for entry in report["predictions"]:
        assert entry["low"] < entry["predicted"] < entry["high"]
        assert entry["error_pct"] == pytest.approx(100 * (entry["predicted"] / entry["measured"] - 1))


def test_excluded_rows_are_predicted_but_not_counted(tmp_path: Path, chip: Chip) -> None:
    report = validate_serving(written(tmp_path / "runs.csv", {}, {"use": "exclude"}), {"H100": chip}, {})
    assert report["compared"] == 2
    assert report["covered"] == 2
    assert "exclude" in report["predictions"][-1]["reason"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"input_len": "many"}, "row 3: input_len is not a number: 'many'"),
        ({"concurrency_or_batch": "0"}, "row 3: concurrency_or_batch must be positive"),
        ({"n_accel": ""}, "row 3: n_accel must be a whole number"),
        ({"model_name": ""}, "row 3: model_name is empty"),
        ({"accelerator": "Abacus 9"}, "row 3: no facts about accelerator 'Abacus 9'"),
        ({"layers": "", "hidden": "", "n_params_total": "", "model_name": "Nameless"}, "row 3: Nameless: neither"),
    ],
)
def test_broken_rows_are_named_and_kept(
    change: dict[str, str], reason: str, tmp_path: Path, chip: Chip, capsys: pytest.CaptureFixture[str]
) -> None:
    report = validate_serving(written(tmp_path / "runs.csv", {}, change), {"H100": chip}, {})
    assert (report["rows"], report["covered"]) == (2, 1)
    assert reason in report["predictions"][-1]["reason"]


def test_a_file_without_required_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("id,model_name\na,b\n", encoding="utf-8")
    with pytest.raises(InputError, match="missing columns accelerator, n_accel"):
        list(read_served_runs(path))


@pytest.mark.parametrize(
    "change",
    [
        {"TP": ""},
        {"weight_precision": ""},
        {"weight_precision": "fp6-odd"},
        {"input_len": "", "output_len": ""},
        {"concurrency_or_batch": ""},
        {"engine": "MAX 25.3"},
        {"engine": "JetStream", "published": ""},
        {"n_accel": "64", "TP": "64"},
        {"metric_kind": "mlperf_server", "TP": ""},
        {"metric_kind": "offline_max_throughput", "concurrency_or_batch": ""},
        {"metric_kind": "static_batch_at_batch", "TP": "24"},
        {"notes": "prefill 2x(tp1 pp1 dp4 moe_tp1 ep4) = 8 GPU; decode 1x(tp8 pp1 dp1 moe_tp1 ep8) = 8 GPU"},
    ],
)
def test_what_a_row_leaves_unsaid_is_worked_out(change: dict[str, str], tmp_path: Path, chip: Chip) -> None:
    report = validate_serving(written(tmp_path / "runs.csv", change), {"H100": chip}, {})
    assert report["covered"] == 1
    for entry in report["predictions"]:
        assert math.isfinite(entry["predicted"])
        assert entry["predicted"] > 0


def test_total_tokens_become_output_tokens(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    rows = {**GOOD, "measured_total_tok_s": "2000", "input_len": "3000", "output_len": "1000"}
    path.write_text(",".join(rows) + "\n" + ",".join(rows.values()) + "\n", encoding="utf-8")
    (run,) = read_served_runs(path)
    assert isinstance(run, ServedRun)
    assert run.throughput == 500


@pytest.mark.parametrize(
    ("name", "published", "engine", "year"),
    [
        ("TensorRT-LLM 1.0.0rc3", "2026-04", "tensorrt", 2025.5),
        ("NIM 1.8.0 (TensorRT-LLM)", "2025-04", "tensorrt", 2025.25),
        ("sglang nightly-dev", "2026-03", "sglang", 2026 + 2 / 12),
        ("Text Generation Inference", "2024-06", "vllm", 2024 + 5 / 12),
        ("Transformers-NeuronX 2.18.1", "2024-05", "neuron", 2024 + 4 / 12),
        ("something new", "", "generic", 2025.5),
    ],
)
def test_engines_by_name_and_version(name: str, published: str, engine: str, year: float, constants: Constants) -> None:
    found = serving_software(name, published, constants)
    assert found.engine == engine
    assert constants["reference_year"] - found.age == pytest.approx(year)
