"""The quarter's arithmetic and the day's, against the published figures."""

from __future__ import annotations

from datetime import date

import pytest

import waterline as wl

AS_OF = date(2026, 11, 24)
FOURTH = {"quarter": "nvda-q4-fy2025"}


@pytest.mark.parametrize(
    ("quantity", "bindings", "expected"),
    [
        ("one_day_return", {"episode": "deepseek-shock"}, -0.16968),
        ("market_value_lost", {"episode": "deepseek-shock"}, 592.66e9),
        ("loss_recovered_within_month", {"episode": "deepseek-shock"}, 0.8963),
        ("data_center_growth", {"quarter": "nvda-q3-fy2025"}, 1.1201),
        ("guided_growth", FOURTH, 0.69660),
        ("guided_year_revenue", FOURTH, 128.666e9),
        ("guided_year_growth", FOURTH, 1.11198),
        ("guidance_surprise", FOURTH, 0.04883),
        ("fiscal_year_data_center_growth", {"fiscal_year": "nvda-fy2026"}, 0.68195),
        (
            "three_buyer_trailing_capex",
            {"quarter": "amzn-2024q4", "second_quarter": "googl-2024q4", "third_quarter": "msft-2024q4"},
            185.745e9,
        ),
    ],
)
def test_published_arithmetic(quantity: str, bindings: dict[str, str], expected: float) -> None:
    assert wl.ask(quantity, as_of=AS_OF, **bindings).summary.median == pytest.approx(expected, rel=2e-4)
