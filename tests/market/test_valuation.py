"""Reverse DCF against worked figures, and the forecast that has to beat naive ones."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import waterline as wl
from waterline.core.errors import NumberError
from waterline.market.discounted_cash_flow import growth_value, implied_growth, terminal_value

THEN = date(2025, 2, 20)
FALL = {"as_of": THEN, "episode": "deepseek-shock", "terminal_growth": 0.03}


@pytest.mark.parametrize(
    ("years", "rate", "before", "after"),
    [(5, 0.09, 0.325, 0.273), (5, 0.10, 0.374, 0.320), (5, 0.12, 0.460, 0.402), (10, 0.10, 0.208, 0.182)],
)
def test_growth_that_the_price_took_for_granted(years: int, rate: float, before: float, after: float) -> None:
    asked = {**FALL, "growth_years": years, "discount_rate": rate}
    assert wl.ask("implied_growth_before_fall", **asked).summary.median == pytest.approx(before, abs=6e-4)
    assert wl.ask("implied_growth_after_fall", **asked).summary.median == pytest.approx(after, abs=6e-4)


def test_the_day_as_one_change_of_each_expectation() -> None:
    asked = {**FALL, "growth_years": 5, "discount_rate": 0.10}
    assert wl.ask("implied_cash_flow_cut", **FALL).summary.median == pytest.approx(0.171, abs=5e-4)
    assert wl.ask("implied_margin_cut", **asked).summary.median == pytest.approx(0.21, abs=2e-3)
    assert wl.ask("implied_discount_rise", **asked).summary.median == pytest.approx(0.0128, abs=3e-4)


def test_value_of_growth_is_the_sum_of_its_years() -> None:
    growth, rate = np.array([0.3, 0.1, 0.05]), np.array([0.1, 0.1, 0.1])
    ratio = (1 + growth) / (1 + rate)
    by_year = sum(ratio**year for year in range(1, 8))
    np.testing.assert_allclose(growth_value(growth, rate, np.full(3, 7.0)), by_year)


@settings(max_examples=40)
@given(st.floats(-0.3, 1.0), st.floats(0.06, 0.2), st.floats(1, 15), st.floats(-0.05, 0.035))
def test_solving_inverts_valuing(growth: float, rate: float, years: float, after: float) -> None:
    g, w, span, t, one = (np.array([x]) for x in (growth, rate, years, after, 1.0))
    value = growth_value(g, w, span) + terminal_value(g, w, span, t)
    assert implied_growth(value, one, w, span, t, one) == pytest.approx(growth, abs=1e-8)


def test_a_price_that_no_growth_gives_is_refused() -> None:
    parts = [np.array([x]) for x in (-5.0, 1.0, 0.1, 5.0, 0.03, 1.0)]
    with pytest.raises(NumberError, match="no growth between"):
        implied_growth(*parts)


def test_the_outlook_rests_on_what_was_known() -> None:
    found = wl.ask("following_year_data_center_growth", as_of=THEN, vendor="nvda")
    assert all(citation.known <= THEN for citation in found.citations)
    assert found.summary.p05 < 0.68195 < found.summary.p95  # what came


def test_the_outlook_beats_naive_forecasts_of_the_year_to_january_2026() -> None:
    as_of, came = date(2025, 3, 31), 193.737e9
    names = (
        "next_year_data_center_revenue", "trailing_data_center_revenue",
        "last_growth_data_center_revenue", "guidance_run_rate_data_center_revenue",
    )  # fmt: skip
    ours, *naive = (abs(np.log(wl.ask(name, as_of=as_of, vendor="nvda").summary.median / came)) for name in names)
    assert ours < min(naive)
