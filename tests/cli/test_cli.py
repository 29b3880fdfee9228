"""The command line as its users meet it: golden paths, and bad input answered in one line with exit code 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import run

ASK = ["ask", "rental_cost", "model=deepseek-v3", "chip=h800", "--as-of", "2026-11-24"]


def test_ask_lists_what_moves_an_answer_of_many_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "ask", "winner_probability", "vendor=nvda", "--samples", "1024")
    assert status == 0
    assert len(out.splitlines()) < 20
    assert "assumption  challenger_gain = 0.15 1/year" in out
    assert "'waterline explain winner_probability vendor=nvda'" in out


def test_ask_gives_the_headline_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, *ASK, "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["median"] == answer["p05"] == answer["p95"] == 5_576_000
    assert answer["unit"] == "USD"
    assert answer["bindings"] == {"model": "deepseek-v3", "chip": "h800"}
    assert {source["fact"] for source in answer["sources"]} == {"deepseek-v3.training_gpu_hours", "h800.rental_price"}
    assert all(source["url"].startswith("http") and source["known"] for source in answer["sources"])


def test_json_is_the_same_bytes_for_the_same_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["ask", "programme_cost", "model=deepseek-v3", "--as-of", "2026-11-24", "--json", "--seed", "7"]
    assert run(capsys, *words)[1] == run(capsys, *words)[1]


def test_set_changes_what_hangs_on_it(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, *ASK, "--set", "rental_price=1.2..3.5 USD/hour", "--json")
    answer = json.loads(out)
    assert answer["p05"] == pytest.approx(1.2 * 2.788e6, rel=2e-3)
    assert answer["p95"] == pytest.approx(3.5 * 2.788e6, rel=2e-3)
    assert answer["assumptions"][0]["name"] == "h800.rental_price"


def test_as_of_leaves_out_what_was_not_known_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["ask", "market_cost", "model=deepseek-v3", "--json", "--as-of"]
    then = json.loads(run(capsys, *words, "2025-02-20")[1])
    now = json.loads(run(capsys, *words, "2026-11-24")[1])
    assert all(source["known"] <= "2025-02-20" for source in then["sources"])
    assert "frontier-labs.final_run_share" in {source["fact"] for source in then["left_out"]}
    assert then["median"] != now["median"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], ""),
        (["x"], "unrecognized arguments: x"),
        (["--colour=red"], "unrecognized arguments: --colour=red"),
    ],
)
def test_bindings_may_stand_behind_an_option(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    before = ["model=deepseek-v3", "--as-of", "2026-11-24", "--json"]
    code, out, err = run(capsys, "ask", "rental_cost", *before, "chip=h800", *words)
    assert (code == 0, message in err) == (not words, True)
    assert not out or json.loads(out)["bindings"] == {"model": "deepseek-v3", "chip": "h800"}


def test_explain_opens_the_tree_down_to_sources(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "explain", "programme_cost", "model=deepseek-v3", "chip=h800", "--json")
    document = json.loads(out)
    assert code == 0

    def leaves(entry: dict[str, object]) -> list[dict[str, object]]:
        below = entry["inputs"]
        assert isinstance(below, list)
        return [leaf for inner in below for leaf in leaves(inner)] if below else [entry]

    assert all("source" in leaf or "assumption" in leaf for leaf in leaves(document["tree"]))
    shares = [row["share"] for row in document["sensitivity"]]
    assert shares == sorted(shares, reverse=True)
    assert 0.8 < sum(shares) < 1.2


def test_compare_puts_entities_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "compare", "training_gpu_hours", "model=deepseek-v3,llama-3.1-405b", "--json")
    document = json.loads(out)
    assert code == 0
    assert [row["entity"] for row in document["rows"]] == ["deepseek-v3", "llama-3.1-405b"]
    assert document["ratios"][0]["median"] == pytest.approx(30.84 / 2.788)
    assert document["ratios"][0]["chance_above"] == 1.0


def test_alias_is_resolved_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "ask", "rental_cost", "model=DeepSeek V3", "chip=H800", "--json")
    assert code == 0
    assert json.loads(out)["median"] == 5_576_000
    assert "model 'DeepSeek V3' is deepseek-v3" in err


def test_study_writes_a_report_per_language(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, "study", "deepseek-shock", "--out", str(tmp_path / "deep" / "reports"), "--json")
    document = json.loads(out)
    assert code == 0
    assert len(document["claims"]) == 62
    assert [Path(path).name for path in document["outputs"]] == [
        f"deepseek-shock.{language}.html" for language in ("en", "zh-Hant", "zh-Hans")
    ]
    assert all(Path(path).read_text(encoding="utf-8").startswith("<!DOCTYPE html>") for path in document["outputs"])
    assert not [path for path in (tmp_path / "deep" / "reports").iterdir() if path.name.startswith(".")]


def process(*words: str, cores: set[int] | None = None) -> subprocess.CompletedProcess[str]:
    """``waterline`` as the shell runs it, on these cores only."""
    kept = (lambda: os.sched_setaffinity(0, cores)) if cores else None
    command = [sys.executable, "-m", "waterline.cli.main", *words]
    return subprocess.run(command, preexec_fn=kept, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="copies of a process are made on Linux only")
def test_a_study_on_one_core_is_the_same_to_the_byte(tmp_path: Path) -> None:
    words = ["study", "r1-294k", "--samples", "256", "--out"]
    several = process(*words, str(tmp_path / "several"))
    one = process(*words, str(tmp_path / "one"), cores={min(os.sched_getaffinity(0))})
    assert (several.returncode, one.returncode) == (0, 0)
    assert several.stdout.replace("several", "one") == one.stdout
    pages = [{path.name: path.read_bytes() for path in (tmp_path / place).iterdir()} for place in ("several", "one")]
    assert pages[0] == pages[1]


def test_a_process_says_how_it_ended() -> None:
    good, bad = process(*ASK, "--json"), process("ask", "rental_costs")
    assert (good.returncode, json.loads(good.stdout)["median"]) == (0, 5_576_000)
    assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (2, "", 1)


BAD = [
    (["serve", "--port", "70000"], "--port is a number from 1 to 65535"),
    (["serve", "--rate", "0"], "--rate must be above zero"),
    (["serve", "--seconds", "0"], "--seconds must be above zero"),
    (["ask", "rental_cots", "model=deepseek-v3"], "unknown quantity 'rental_cots'; did you mean rental_cost"),
    (["ask", "rental_cost", "model=deepsek-v3"], "unknown model 'deepsek-v3'; did you mean deepseek-v3"),
    (["ask", "rental_cost", "model=deepseek-v3", "chip=h8000"], "unknown chip 'h8000'; did you mean h800"),
    (["ask", "rental_cost"], "role 'model' is not filled"),
    (["ask", "h800.mem_bandwith"], "unknown attribute of h800 'mem_bandwith'"),
    (["ask", "rental_cost", "deepseek-v3"], "takes NAME=VALUE"),
    (["ask", "rental_cost", "model=a", "model=b"], "'model' is given twice"),
    ([*ASK, "--set", "rental_price"], "--set takes NAME=VALUE"),
    ([*ASK, "--set", "rental_price=3.5..1.2"], "upside down"),
    ([*ASK, "--set", "rental_price=cheap"], "does not start with a number"),
    ([*ASK, "--set", "rental_price=2 USD"], "is in 'USD/hour', not 'USD'"),
    ([*ASK, "--set", "rental_price=2 dollops"], "'dollops' is not a unit"),
    ([*ASK, "--set", "rental_prise=2"], "unknown name in --set 'rental_prise'; did you mean"),
    ([*ASK, "--set", "rental_price=1e400"], "finite"),
    ([*ASK, "--samples", "0"], "samples must be between"),
    ([*ASK, "--samples", "1e9"], "samples must be between"),
    ([*ASK, "--samples", "many"], "is not a whole number"),
    ([*ASK, "--seed", "-1"], "seed must not be negative"),
    (["ask", "rental_cost", "model=deepseek-v3", "--as-of", "1900-01-01"], "nothing was known as of 1900-01-01"),
    (["ask", "rental_cost", "model=deepseek-v3", "--as-of", "yesterday"], "is not a date"),
    (
        ["ask", "rental_cost", "model=deepseek-v3", "--as-of", "2024-01-01"],
        "deepseek-v3.training_gpu_hours is not known as of 2024-01-01",
    ),
    (["aks", "rental_cost"], "unknown command 'aks'; did you mean ask"),
    (["ask", "rental_cost", "model=deepseek-v3", "modl=gpt-4"], "unknown role 'modl'; did you mean model"),
    (
        ["ask", "ownership_cost_per_gpu_hour", "chip=h800", "utilisation=1.5"],
        "1.5 fraction does not lie between 0.05 and",
    ),
    (["ask", "ownership_cost_per_gpu_hour", "chip=h800", "utilisation=high"], "does not start with a number"),
    (
        ["ask", "ownership_cost_per_gpu_hour", "chip=h800", "utilisation=0.6", "--set", "utilisation=0.5"],
        "'utilisation' is given twice",
    ),
    (["ask", "h800"], "'h800' is not a quantity; see 'waterline facts show h800'"),
    (["study", "deepseek-shock", "--lang", "fr"], "unknown value of --lang 'fr'"),
    (["compare", "rental_cost", "model=deepseek-v3"], "exactly one role with several entities"),
    (["explain", "rental_cost", "model=deepseek-v3", "--depth", "-1"], "--depth must not be negative"),
    (["study", "deepseek-shok"], "unknown study 'deepseek-shok'; did you mean deepseek-shock"),
    (["study", "deepseek-shock", "extra"], "is one too many"),
    (["study", "new"], "takes the file to write"),
    (["ask", "programme_cost", "model=deepseek-v3", "--set", "utilisation=-1..1"], "does not lie between 0.05 and 1"),
    (
        ["ask", "rental_cost_ratio", "model=deepseek-v3", "rival_model=gpt-4", "--set", "gpt-4.training_gpu_hours=0"],
        "does not lie between",
    ),
]


@pytest.mark.parametrize(
    ("words", "message"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_bad_input_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert message in err


@pytest.mark.parametrize("place", ["file", "below a file", "read-only"])
def test_unwritable_output_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, place: str) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("kept")
    target = {"file": occupied, "below a file": occupied / "reports", "read-only": Path("/proc/waterline")}[place]
    code, _, err = run(capsys, "study", "deepseek-shock", "--out", str(target))
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert occupied.read_text() == "kept"


def test_full_disk_leaves_the_old_report(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    old = tmp_path / "deepseek-shock.en.html"
    old.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = run(capsys, "study", "deepseek-shock", "--lang", "en", "--out", str(tmp_path))
    assert code == 2
    assert "No space left" in err
    assert old.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["deepseek-shock.en.html"]


@pytest.mark.parametrize("day", ["2024-01-01", "2025-01-27", "2025-02-20"])
def test_study_runs_as_of_any_day_and_shows_less(capsys: pytest.CaptureFixture[str], tmp_path: Path, day: str) -> None:
    code, out, err = run(capsys, "study", "deepseek-shock", "--as-of", day, "--json", "--out", str(tmp_path))
    assert code == 0, err
    document = json.loads(out)
    assert all(source["known"] <= day for claim in document["claims"] for source in claim["sources"])
    assert all(path.stat().st_size > 10_000 for path in tmp_path.iterdir())


def test_starter_is_written_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert run(capsys, "study", "new", str(path))[0] == 0
    written = path.read_text(encoding="utf-8")
    code, _, err = run(capsys, "study", "new", str(path))
    assert code == 2
    assert "exists already" in err
    assert path.read_text(encoding="utf-8") == written


def test_terminal_output_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, *ASK)
    assert code == 0
    assert "rental_cost = 5.576 million USD" in out
    assert "DeepSeek-V3 Technical Report" in out


def test_a_plan_says_what_does_not_fit_and_is_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("plan", "train", "llama-3.1-405b", "--chip", "h100-sxm", "--count", "1024", "--top", "3")
    picture = tmp_path / "plan.svg"
    code, out, _ = run(capsys, *words, "--picture", str(picture), "--json")
    assert code == 0
    report = json.loads(out)
    assert report["rejected"]["count"] == report["evaluated"] - report["fitting"]
    nearest = report["rejected"]["nearest"]
    assert nearest["lacks_gb"] > 0
    assert nearest["most_for"] in nearest["memory_breakdown_gb"]
    assert "matrix products" in picture.read_text("utf-8")
    code, _, err = run(capsys, *words, "--picture", "plan.png")
    assert (code, "plan.png" in err) == (2, True)
