"""Shares, winners, and the price that follows from demand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import waterline as wl
from waterline.core.errors import InputError

TODAY, THEN = date(2026, 11, 24), date(2025, 2, 20)
VENDORS = ("nvda", "goog", "amzn", "amd")


@pytest.mark.parametrize("horizon", [0.25, 4])
def test_shares_of_all_vendors_sum_to_one(horizon: float) -> None:
    total = sum(wl.ask("vendor_share", as_of=TODAY, vendor=name, horizon=horizon).samples for name in VENDORS)
    total = total + wl.ask("chinese_vendor_share", as_of=TODAY, horizon=horizon).samples
    assert np.median(total) == pytest.approx(1.0, abs=1e-3)


def test_shares_exist_though_an_early_day_knows_little() -> None:
    shares = [wl.ask("vendor_share_now", as_of=THEN, vendor=name).samples for name in VENDORS]
    np.testing.assert_allclose(sum(shares), 1.0, atol=1e-2)


def test_cheaper_rivals_and_looser_ties_cost_the_incumbent() -> None:
    def share(moved: str = "0.4", **values: float) -> float:
        fixed = {"hyperscaler.moved_share": moved, "china.policy_push": "0"}
        return wl.ask("vendor_share", as_of=TODAY, vendor="nvda", set=fixed, **values).summary.median

    assert share(rival_cost_ratio=0.5) < share(rival_cost_ratio=0.9)
    assert share(rival_supply_lead=0.01) > share(rival_supply_lead=1)
    assert share(rival_cost_ratio=1) == pytest.approx(share(rival_cost_ratio=1, horizon=1), abs=1e-6)
    assert share(moved="0.9") < share(moved="0.1")


def test_the_price_of_a_chip_moves_shares_and_the_chance_to_win() -> None:
    def asked(name: str, vendor: str, price: str) -> float:
        return wl.ask(name, as_of=TODAY, vendor=vendor, set={"tpu-v7.price": price}).summary.mean

    dear, cheap = "30000 USD", "8000 USD"
    assert asked("vendor_share", "goog", cheap) > asked("vendor_share", "goog", dear) + 0.005
    assert asked("vendor_share", "nvda", cheap) < asked("vendor_share", "nvda", dear) - 0.005
    assert asked("winner_probability", "nvda", cheap) < asked("winner_probability", "nvda", dear)
    assert asked("vendor_share", "amd", cheap) < asked("vendor_share", "amd", dear)


@pytest.mark.parametrize(
    ("name", "value"), [("tpu-v7.price", "-4 USD"), ("rival_cost_ratio", "0"), ("hyperscaler.moved_share", "1.5")]
)
def test_values_out_of_range_are_refused(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"--set {name}: .* does not lie between"):
        wl.ask("vendor_share", as_of=TODAY, vendor="nvda", set={name: value})


def test_two_rivals_share_the_chance_of_revenue() -> None:
    chances = [wl.ask("winner_probability", as_of=TODAY, vendor=name).summary.mean for name in ("nvda", "avgo")]
    assert sum(chances) == pytest.approx(1.0)


def test_winner_depends_on_the_measure() -> None:
    by_revenue, by_profit, by_value = (
        wl.ask(name, as_of=THEN, vendor="nvda", horizon=5).summary.mean
        for name in ("winner_probability", "winner_probability_by_profit", "winner_probability_by_market_value")
    )
    assert by_revenue > by_profit > by_value


def test_elasticity_moves_the_implied_price() -> None:
    def change(elasticity: float) -> float:
        found = wl.ask("implied_value_change", as_of=THEN, episode="deepseek-shock", demand_elasticity=elasticity)
        return found.summary.median

    assert change(0.5) < change(1.0) < change(1.5)


def test_elasticity_of_the_fall_reproduces_the_fall() -> None:
    values = {
        "discount_rate": 0.1,
        "growth_years": 7,
        "gain_reach": 1,
        "price_pass_through": 0.9,
        "adjustment_rate": 0.5,
    }
    asked = {"as_of": THEN, "episode": "deepseek-shock", **values}
    elasticity = wl.ask("elasticity_of_the_fall", **asked).summary.median
    change = wl.ask("implied_value_change", demand_elasticity=elasticity, **asked).summary.median
    cut = wl.ask("implied_cash_flow_cut", as_of=THEN, episode="deepseek-shock").summary.median
    assert change == pytest.approx(-cut, abs=1e-3)
