"""Tokens and switching: published figures, parts that add up, and roles named as Python keywords."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import waterline as wl
from waterline.core.errors import InputError

AS_OF = date(2026, 11, 24)


def test_a_published_day_of_serving_to_the_digit() -> None:
    margin = wl.ask("published_serving_margin", as_of=AS_OF, lab="deepseek").summary.median
    assert 1 / (1 - margin) - 1 == pytest.approx(5.45, abs=0.01)  # "a profit margin of 545%", over cost


def test_margin_at_the_published_rate_is_the_published_margin() -> None:
    # A day: 266 billion input tokens read, 342 billion found in the cache, 168 billion output; 2 USD an hour.
    found = wl.ask(
        "serving_margin", as_of=date(2025, 3, 1), model="deepseek-r1", vendor="deepseek",
        set={
            "serving_input_length": "266", "serving_output_length": "168",
            "cost_per_request": "87072e-9 USD", "deepseek.cached_share": "0.5625",
        },
    )  # fmt: skip
    assert found.summary.median == pytest.approx(0.845, abs=0.001)


def test_costs_of_input_and_output_add_up_to_the_accelerators() -> None:
    bound = {
        "chip": "h200", "model": "llama-3.1-70b", "serving_input_length": 2000, "serving_output_length": 500,
        "as_of": AS_OF,
    }  # fmt: skip
    request = wl.ask("cost_per_request", **bound).samples
    served = wl.ask("usd_per_mtok_served", **bound).samples * 500 / 1e6
    np.testing.assert_allclose(request, served, rtol=1e-6)


def test_five_chips_are_compared_per_token() -> None:
    found = wl.compare(
        "usd_per_mtok_output", "chip", ["h100-sxm", "h200", "b200", "mi300x", "trainium2"], as_of=AS_OF,
        model="llama-3.1-70b",
    )  # fmt: skip
    assert all(0.01 < answer.summary.p05 < answer.summary.p95 < 10 for answer in found.answers)


def test_roles_from_and_to() -> None:
    asked = {"from_": "h100-sxm", "to": "trainium2"}
    months = wl.ask("switching_break_even", as_of=AS_OF, **asked, moving_fleet=64)
    assert months.bindings["from"] == "h100-sxm"
    small = wl.ask("switching_pays", as_of=AS_OF, **asked, moving_fleet=8, code="library-vendor").summary.mean
    large = wl.ask("switching_pays", as_of=AS_OF, **asked, moving_fleet=100_000, code="library-vendor").summary.mean
    assert small <= large


def test_an_assumed_price_is_refused_when_asked_strictly(capsys: pytest.CaptureFixture[str]) -> None:
    from waterline.cli.main import main

    assert main(["ask", "cluster_capital_cost", "chip=trainium2", "--strict"]) == 2
    assert "no fact gives trainium2.price (assumed: 3,000 to 8,000 USD)" in capsys.readouterr().err
    assert main(["ask", "cluster_capital_cost", "chip=h100-sxm", "--strict"]) == 0


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ({"count": 0}, "does not lie between"),
        ({"count": -8}, "does not lie between"),
        ({"count": 1.5}, "not a whole number"),
        ({"utilisation": 1.2}, "does not lie between"),
    ],
)
def test_numbers_out_of_bounds_are_refused(number: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        wl.ask("ownership_cost_per_gpu_hour", as_of=AS_OF, chip="h100-sxm", **number)
