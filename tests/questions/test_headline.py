"""Headlines: figures are placed among published ones, real ones believed, impossible ones not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from waterline.core.errors import InputError
from waterline.core.scenario import Scenario
from waterline.questions.headline import Published, check
from waterline.questions.session import default_session

SCENARIO = Scenario(as_of=date(2026, 11, 24), samples=256)


def checked(**figures: Any) -> dict[str, Any]:
    return check(default_session(), Published(**figures), SCENARIO)


def test_deepseek_v3_is_believed_and_placed() -> None:
    found = checked(model="deepseek-v3", chip="h800", count=2048, tokens=14.8e12, gpu_hours=2.664e6, cost=5.328e6)
    assert found["consistent"]
    assert found["probability"] > 0.7
    assert found["implied"]["usd_per_gpu_hour"] == pytest.approx(2.0)
    assert set(found["places"]) == {"mfu", "tokens_per_s_per_chip", "usd_per_gpu_hour"}
    for place in found["places"].values():
        assert 5 < place["percentile"] < 95
        assert place["p05"] < place["median"] < place["p95"]
    hours = found["estimate"]["gpu_hours"]
    assert hours["p05"] < 2.664e6 < hours["p95"]


def test_three_weeks_of_512_chips_at_a_market_rent() -> None:
    found = checked(model="minimax-m1", chip="h800", count=512, days=21, cost=534_700)
    assert found["consistent"]
    assert found["implied"]["usd_per_gpu_hour"] == pytest.approx(2.07, abs=0.01)
    assert "rate_untested" in {flag["id"] for flag in found["flags"]}


@pytest.mark.parametrize(
    ("figures", "flag"),
    [
        ({"parameters": 1e12, "chip": "h100-sxm", "count": 1000, "days": 7, "tokens": 1e13}, "above_peak"),
        ({"model": "deepseek-v3", "chip": "h800", "count": 8, "days": 100, "tokens": 1e12}, "does_not_fit"),
        ({"model": "deepseek-v3", "chip": "h800", "count": 2048, "days": 5, "gpu_hours": 2.7e6}, "hours_exceed_days"),
        ({"model": "deepseek-v3", "chip": "h800", "gpu_hours": 2.7e6, "cost": 1e5}, "cost_below_market"),
    ],
)
def test_impossible_headlines_say_why(figures: dict[str, Any], flag: str) -> None:
    found = checked(**figures)
    assert not found["consistent"]
    assert found["probability"] <= 0.01
    assert flag in {entry["id"] for entry in found["flags"] if entry["severity"] == "impossible"}


@pytest.mark.parametrize(
    "figures",
    [
        {"model": "deepseek-v3", "chip": "h800", "count": 0},
        {"model": "deepseek-v3", "chip": "h800", "count": 1e9, "tokens": 1e12, "days": 3},
        {"model": "deepseek-v3", "chip": "h800", "precision": "fp7"},
        {"chip": "h800", "tokens": 1e12},
        {"parameters": 1e9, "active_parameters": 2e9, "chip": "h800"},
    ],
)
def test_figures_that_mean_nothing_are_refused(figures: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        checked(**figures)
