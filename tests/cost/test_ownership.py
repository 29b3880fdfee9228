"""Ownership, renting and lives: worked by hand, and what must hold whatever the numbers are."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import waterline as wl
from waterline.core.errors import InputError
from waterline.cost.definitions import near
from waterline.cost.ownership import capital_recovery_factor
from waterline.cost.power import power_per_chip
from waterline.cost.rent_or_buy import payback_months
from waterline.cost.scale_out import scale_out_rate
from waterline.cost.switching import smallest_fleet_worth_moving, switching_break_even, switching_pays

AS_OF = date(2026, 11, 24)
ONE = np.ones(1)


def test_annuity_by_hand() -> None:
    # 11% over 4 years: 0.11 ÷ (1 − 1.11^−4) = 0.32233; no interest: a quarter.
    assert capital_recovery_factor(0.11 * ONE, 4 * ONE)[0] == pytest.approx(0.3223264, rel=1e-6)
    assert capital_recovery_factor(0 * ONE, 4 * ONE)[0] == pytest.approx(0.25, rel=1e-6)


def test_published_cost_of_an_h100_hour_is_reproduced() -> None:
    # K 49,248 USD, 4 years at 11%, 1.275 kW at PUE 1.25 and 0.08 USD/kWh, operations 5%, full use: 2.26 USD with energy
    # 0.13, before any rent of space.
    found = wl.ask(
        "ownership_cost_per_gpu_hour", as_of=AS_OF, chip="h100-sxm",
        set={
            "capital_per_chip": "49248", "server_life": "4", "cost_of_capital": "0.11", "residual_share": "0",
            "it_power_per_chip": "1.275", "pue": "1.25", "electricity_price": "0.08", "operations_rate": "0.05",
            "site_cost_per_year": "0", "licence_share": "0", "utilisation": "1", "availability": "1",
        },
    )  # fmt: skip
    by_hand = (49248 * (0.3223264 + 0.05) + 1.275 * 1.25 * 0.08 * 8766) / 8766
    assert found.summary.median == pytest.approx(by_hand, rel=1e-6)


def test_payback_by_hand() -> None:
    # 2 USD an hour for 8,766 hours less 5,532 a year is 1,000 a month: 30,000 dollars take 30 months.
    rents = {f"rent_{number}": 2 * ONE for number in range(8)}
    found = payback_months(30_000 * ONE, ONE, 8766 * ONE, 5532 * ONE, **rents)
    assert found[0] == pytest.approx(30)


@pytest.mark.parametrize(
    ("capital", "last", "months"),
    [
        (33_500, 2, 33.5),  # within a half-year
        (60_000, 2, 60.0),  # after four years the last rent goes on
        (49_000, 1.5, 42 + 14),  # 42 months of 1,000, then 500
        (42_000, 0.5, 42.0),
        (42_001, 0.5, 1200.0),  # in the last half-year the rent is below what running costs
    ],
)
def test_payback_within_and_after_the_half_years_that_have_offers(capital: float, last: float, months: float) -> None:
    rents = {f"rent_{number}": (2 if number < 7 else last) * ONE for number in range(8)}
    found = payback_months(capital * ONE, 0.5 * ONE, 24_000 * ONE, 12_000 * ONE, **rents)
    assert found[0] == pytest.approx(months)


def test_a_chip_of_no_known_server_or_network_has_the_assumed_one() -> None:
    assert power_per_chip(0.9 * ONE, 1.5 * ONE, 0.7 * ONE)[0] == pytest.approx(0.9 * 1.5)
    assert power_per_chip(0.9 * ONE, 1.5 * ONE, 0.7 * ONE, 10 * ONE, 8 * ONE)[0] == pytest.approx(0.7 * 10 / 8)
    assert scale_out_rate(400 * ONE)[0] == 400
    assert scale_out_rate(400 * ONE, 200 * ONE)[0] == 200


def test_a_move_pays_where_it_breaks_even_within_the_horizon() -> None:
    found = switching_pays(np.array([11.0, 12.0, 13.0]), 12 * np.ones(3))
    assert found.tolist() == [1.0, 0.0, 0.0]
    assert switching_break_even(24_000 * ONE, 1_000 * ONE)[0] == 24
    assert switching_break_even(24_000 * ONE, 0 * ONE)[0] == 1200
    assert switching_break_even(24_000 * ONE, 1 * ONE)[0] == 1200


def test_a_rent_that_falls_after_the_purchase_counts_when_it_falls() -> None:
    rents = {f"rent_{number}": (2 if number < 2 else 1) * ONE for number in range(8)}
    found = payback_months(30_000 * ONE, ONE, 12_000 * ONE, 0 * ONE, **rents)
    assert found[0] == pytest.approx(12 + 6)  # 2,000 a month for a year, then 1,000


def test_what_never_pays_is_never() -> None:
    rents = {f"rent_{number}": 0.5 * ONE for number in range(8)}
    assert payback_months(30_000 * ONE, ONE, 8766 * ONE, 5532 * ONE, **rents)[0] == 1200
    assert switching_break_even(1e6 * ONE, -5 * ONE)[0] == 1200


@given(st.floats(1e3, 1e8), st.floats(0, 1e6), st.floats(100, 2e4), st.floats(1e3, 1e5), st.floats(0, 0.2))
def test_break_even_of_the_smallest_fleet_is_the_horizon(
    porting: float, retraining: float, saving: float, cost: float, overlap: float
) -> None:
    rate, years, failed = 0.25, 2.0, 0.15
    fleet = smallest_fleet_worth_moving(
        *(np.array([value]) for value in (porting, retraining, rate, years, saving, failed, cost, overlap))
    )[0]
    if fleet >= 1e9:
        return
    once = porting + retraining + fleet * cost * overlap
    yearly = fleet * saving * (1 - failed) - porting * rate
    assert switching_break_even(once * ONE, yearly / 12 * ONE)[0] == pytest.approx(12 * years, rel=1e-6)


def test_a_study_longer_than_the_servers_live_is_refused() -> None:
    answer = wl.ask("total_cost_of_ownership", as_of=AS_OF, chip="h100-sxm", provider="nebius", study_duration=6)
    with pytest.raises(InputError, match="longer than the servers' life of 4"):
        _ = answer.summary


def test_break_even_utilisation_makes_owning_cost_what_renting_does() -> None:
    used = wl.ask("rent_or_buy_utilisation", as_of=AS_OF, chip="h100-sxm", set={"rental_price": "4"})
    rent = 4 * np.ones_like(used.samples)
    hourly = wl.ask("ownership_cost_per_year", as_of=AS_OF, chip="h100-sxm").samples
    hours = 8766 * wl.ask("availability", as_of=AS_OF, chip="h100-sxm").samples
    np.testing.assert_allclose(hourly / (hours * used.samples), rent)


def test_a_ratio_of_chips_carries_what_the_engine_is_off_by_for_each() -> None:
    # Alike in all but the chip: 1.645 standard deviations are the width × √(2 × a chip's share), in the logarithm.
    fixed = {"serving_input_length": "2000", "serving_output_length": "500", "split_engine_error": "0"}
    share = wl.ask("serving_chip_share", as_of=AS_OF).summary.median
    bound = {"chip": "h200", "model": "llama-3.1-70b"}
    whole = _log_width(wl.ask("serving_throughput", as_of=AS_OF, set=fixed, **bound).samples)
    ratio = _log_width(wl.ask("inference_speedup", as_of=AS_OF, set=fixed, **bound, rival_chip="h100-sxm").samples)
    assert ratio == pytest.approx(whole * np.sqrt(2 * share), rel=0.05)


def test_chips_of_two_makers_are_further_apart_than_those_of_one() -> None:
    bound = {"rival_chip": "h100-sxm", "model": "llama-3.1-70b"}
    one, two = (
        _log_width(wl.ask("inference_speedup", as_of=AS_OF, chip=name, **bound).samples) for name in ("h200", "mi300x")
    )
    assert two > 2 * one


@pytest.mark.parametrize(("day", "years"), [("2023-12-31", 5), ("2024-12-31", 6), ("2025-12-31", 5)])
def test_servers_live_as_long_as_their_owner_said_at_the_time(day: str, years: float) -> None:
    assert wl.ask("aws.server_life", as_of=date.fromisoformat(day)).summary.median == years


def test_a_cost_explains_a_quote_that_is_within_the_tolerance_either_way() -> None:
    costs = np.array([1.19, 1.21, 1 / 1.19, 1 / 1.21])
    np.testing.assert_array_equal(near(6 * costs, 6 * ONE, 0.2 * ONE), [1, 0, 1, 0])


def test_offers_by_term() -> None:
    # One provider's list of 2025-03-02: 3.00 USD for a year's commitment, 1.81 for three years.
    then = date(2025, 6, 1)
    assert wl.ask("a100-80gb-sxm.one_year_rental_price", as_of=then).summary.median == 3
    assert wl.ask("a100-80gb-sxm.three_year_rental_price", as_of=then).summary.median == 1.81
    with pytest.raises(InputError, match="nothing is known"):
        wl.ask("a100-80gb-sxm.spot_rental_price", as_of=then)


def _log_width(samples: np.ndarray) -> float:
    low, high = np.percentile(np.log(samples), (5, 95))
    return float(high - low)
