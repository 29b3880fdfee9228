"""Rebound, replacement and supply: published figures to the digit, and what must hold whatever the numbers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import waterline as wl
from waterline.core.errors import InputError
from waterline.demand.rebound import demand_change, demand_elasticity, elasticity_by_horizon
from waterline.demand.replacement import growth_that_keeps_spending

TODAY, THEN = date(2026, 11, 24), date(2025, 2, 20)


@pytest.mark.parametrize(("end", "start", "elasticity"), [(1995, 1990, 1.34), (2000, 1995, 1.12), (2005, 2000, 0.41)])
def test_elasticity_of_computers_by_the_share_method(end: int, start: int, elasticity: float) -> None:
    found = wl.ask(
        "era_elasticity", as_of=TODAY, investment_year=f"us-computers-{end}", era_start=f"us-computers-{start}"
    )
    assert found.summary.median == pytest.approx(elasticity, abs=0.006)


def test_stock_obeys_the_identity() -> None:
    of_2000 = {"as_of": TODAY, "investment_year": "us-computers-2000"}
    stock, invested, growth, rate = (
        wl.ask(name, **of_2000).samples
        for name in ("computer_stock", "real_investment", "computer_stock_growth", "computer_depreciation")
    )
    np.testing.assert_allclose(invested / (stock / (1 + growth)), growth + rate)


def test_replacement_is_small_for_accelerators_and_was_half_for_computers() -> None:
    computers = wl.ask("computer_replacement_share", as_of=TODAY, investment_year="us-computers-1999").summary
    accelerators = wl.ask("accelerator_replacement_share", as_of=TODAY, year="compute-2025").summary
    assert 0.35 < computers.median < 0.6
    assert accelerators.p95 < 0.2


def test_growth_that_keeps_spending_does() -> None:
    growth, rate, price = np.array([1.0]), np.array([0.25]), np.array([0.7])
    following = growth_that_keeps_spending(growth, rate, price)
    assert following == pytest.approx(0.643, abs=0.001)
    assert (following + rate) * (1 + growth) / (growth + rate) * price == pytest.approx(1.0)


@settings(max_examples=40)
@given(st.floats(1.1, 100), st.floats(0.1, 1), st.floats(0, 4), st.floats(0, 4))
def test_demand_rises_with_elasticity_and_is_unchanged_at_the_break_even(
    gain: float, passed: float, low: float, high: float
) -> None:
    x, phi = np.array([gain]), np.array([passed])
    first, second = (demand_change(x, phi, np.array([e])) for e in sorted((low, high)))
    assert first <= second
    assert demand_change(x, phi, 1 / phi) == pytest.approx(1.0)


@settings(max_examples=40)
@given(st.floats(0.05, 3), st.floats(0.05, 0.95), st.floats(0.25, 9))
def test_response_grows_towards_the_long_run(elasticity: float, rate: float, years: float) -> None:
    e, adjustment = np.array([elasticity]), np.array([rate])
    soon, later = (elasticity_by_horizon(e, adjustment, np.array([t])) for t in (years, years + 1))
    assert soon <= later <= e


def test_evidence_not_yet_known_has_no_vote() -> None:
    now = {citation.fact for citation in wl.ask("demand_elasticity", as_of=TODAY).citations}
    then = {citation.fact for citation in wl.ask("demand_elasticity", as_of=THEN).citations}
    assert "google-tokens-2025.quantity_ratio" in now - then
    assert "nber-34608.price_elasticity" in now - then


def test_each_piece_of_evidence_has_one_vote() -> None:
    votes = {"early_nineties": 1.0, "late_nineties": 2.0, "after_2000": 3.0, "price_elasticity": 4.0}
    picked = demand_elasticity(
        **{name: np.array([value]) for name, value in votes.items()},
        evidence_choice=np.array([0.1, 0.3, 0.6, 0.9]),
        elasticity_error=np.zeros(4),
        constant_quality_price_fall=np.array([8.0]),
        demand_shift=np.array([0.5]),
    )
    assert list(picked) == [1.0, 2.0, 3.0, 4.0]


def test_supply_limits_what_growth_asks_for() -> None:
    free, met, limit = (
        wl.ask(name, as_of=TODAY).samples
        for name in ("demand_change_with_growth", "demand_change_within_supply", "supply_limit")
    )
    assert np.all(met <= np.minimum(free, limit) + 1e-12)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"demand_elasticity": -1}, "-1 fraction does not lie between 0 and 5"),
        ({"efficiency_gain": 0.1}, "0.1 fraction does not lie between 1.0"),
        ({"price_pass_through": 1.4}, "1.4 fraction does not lie between 0"),
        ({"horizon": 40}, "40 year does not lie between 0.25 and 10"),
    ],
)
def test_responses_out_of_range_are_refused(numbers: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        wl.ask("demand_change_by_horizon", as_of=TODAY, **numbers)
