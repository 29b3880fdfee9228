"""``plan serve`` as its users meet it: both modes in one order of cost, and bad input answered in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import run

DAY = ("plan", "serve", "deepseek-r1", "--chip", "h800", "--count", "512", "--input", "4383", "--output", "1211")
KEYS = {"tp", "ep", "dp", "batch", "ttft_ms", "tpot_ms", "output_tokens_per_s_per_chip", "usd_per_mtok_output"}


def test_plans_of_both_modes_are_sorted_by_cost(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    picture = tmp_path / "frontier.svg"
    limits = ("--tpot-ms", "50", "--ttft-ms", "5000", "--top", "40")
    code, out, _ = run(capsys, *DAY, *limits, "--cached-share", "0.563", "--picture", str(picture), "--json")
    report = json.loads(out)
    plans = report["plans"]
    costs = [plan["market"]["usd_per_mtok_output_all_in"] for plan in plans]
    assert code == 0
    assert costs == sorted(costs)
    assert {plan["mode"] for plan in plans} == {"aggregated", "split"}
    assert all(plan.keys() >= KEYS for plan in plans)
    assert all(plan["tpot_ms"] <= 50 and plan["ttft_ms"] <= 5000 for plan in plans)
    best = plans[0]
    assert best["mode"] == "split"
    assert best["chips"] * best["copies"] + best["prefill"]["chips"] * best["prefill"]["units"] <= 512
    assert report["workload"]["cached_share"] == 0.563
    assert "split" in picture.read_text(encoding="utf-8")
    _, table, _ = run(capsys, *DAY, *limits)
    assert best["prefill"]["layout"].startswith("DP")
    assert "prefill chips for each that decodes" in table


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("deepseek-r1", "--chip", "l40s", "--count", "4", "--input", "1000", "--output", "100"), "does not fit"),
        (("deepseek-r1", "--chip", "h800", "--input", "0", "--output", "100"), "--input must be a positive"),
        (("deepseek-r1", "--chip", "h800", "--input", "100", "--output", "0"), "--output must be a positive"),
        (("deepseek-r1", "--chip", "h800", "--input", "200000", "--output", "9"), "exceed the context"),
        (("deepseek-r1", "--chip", "h800", "--input", "9", "--output", "9", "--precision", "fp3"), "known: bf16"),
        (("deepseek-r1", "--chip", "h800", "--input", "9", "--output", "9", "--precision", "nvfp4"), "has no fp4"),
        (("deepseek-r1", "--chip", "h8000", "--input", "9", "--output", "9"), "did you mean h800"),
        (("deepseek-r1", "--chip", "h800", "--input", "99", "--output", "9", "--tpot-ms", "1"), "would be met"),
        (("deepseek-r1", "--chip", "h800", "--input", "99", "--output", "9", "--cached-share", "1"), "between 0 and 1"),
        (("deepseek-r1", "--chip", "h800", "--input", "99", "--output", "9", "--count", "2.5"), "whole number"),
        (("deepseek-r1", "--chip", "h800", "--input", "99", "--output", "9", "--picture", "a.pdf"), "ends in .svg"),
    ],
)
def test_what_cannot_be_served_is_named(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    code, out, err = run(capsys, "plan", "serve", *words)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.strip().splitlines()) == 1
