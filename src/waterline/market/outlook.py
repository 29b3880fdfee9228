"""A forecast of data-centre revenue from guidance, and the naive forecasts that it has to beat.

The next quarter is the guided one: guidance, plus what the vendor usually adds, times the data centre's part. From
there growth fades towards the long run:  g[h] = μ + ρ^(h−1) × (g[1] − μ).
"""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.facts.roles import first_before, guided_quarter, quarter, second_before, third_before, year_ago


@quantity(
    "USD",
    guided_revenue=guided_quarter("USD"),
    expected_guidance_beat="fraction",
    data_center_part="fraction",
)
def guided_data_center_revenue(
    guided_revenue: Samples, expected_guidance_beat: Samples, data_center_part: Samples
) -> Samples:
    """Data-centre revenue expected for the guided quarter.

    guided_data_center_revenue = guided_revenue × (1 + expected_guidance_beat) × data_center_part
    """
    return guided_revenue * (1 + expected_guidance_beat) * data_center_part


def quarters_ahead(first: Samples, last: Samples, persistence: Samples, long_run: Samples, count: int) -> list[Samples]:
    """Revenue of ``count`` quarters from the guided one on, growth fading from that of ``first`` over ``last``."""
    excess = np.log(first / last) - long_run
    ahead, found = 0 * excess, []
    for step in range(count):
        if step:
            ahead = ahead + long_run + persistence**step * excess
        found.append(first * np.exp(ahead))
    return found


@quantity(
    "USD", opaque=True,
    guided_data_center_revenue="USD", data_center_revenue=quarter("USD"), growth_persistence="fraction",
    long_run_quarterly_growth="fraction", yearly_revenue_error="fraction",
)  # fmt: skip
def next_year_data_center_revenue(
    guided_data_center_revenue: Samples,
    data_center_revenue: Samples,
    growth_persistence: Samples,
    long_run_quarterly_growth: Samples,
    yearly_revenue_error: Samples,
) -> Samples:
    """Data-centre revenue of the next four quarters, the guided one first.

    next_year_data_center_revenue = guided_data_center_revenue × Σ h=1…4 exp(Σ growth to h) ×
    exp(yearly_revenue_error)

    Growth of quarter h is long_run_quarterly_growth + growth_persistence^(h − 1) × what the guided quarter grows more.
    """
    quarters = quarters_ahead(
        guided_data_center_revenue, data_center_revenue, growth_persistence, long_run_quarterly_growth, 4
    )
    total: Samples = sum(quarters[1:], start=quarters[0]) * np.exp(yearly_revenue_error)
    return total


@quantity(
    "USD", opaque=True,
    guided_data_center_revenue="USD", data_center_revenue=quarter("USD"), growth_persistence="fraction",
    long_run_quarterly_growth="fraction", yearly_revenue_error="fraction",
)  # fmt: skip
def following_year_data_center_revenue(
    guided_data_center_revenue: Samples,
    data_center_revenue: Samples,
    growth_persistence: Samples,
    long_run_quarterly_growth: Samples,
    yearly_revenue_error: Samples,
) -> Samples:
    """Data-centre revenue of the four quarters after the guided one: the next fiscal year, when a fourth is guided.

    following_year_data_center_revenue = guided_data_center_revenue × Σ h=2…5 exp(Σ growth to h)
        × exp(yearly_revenue_error)
    """
    quarters = quarters_ahead(
        guided_data_center_revenue, data_center_revenue, growth_persistence, long_run_quarterly_growth, 5
    )
    total: Samples = sum(quarters[2:], start=quarters[1]) * np.exp(yearly_revenue_error)
    return total


@quantity(
    "fraction",
    following_year_data_center_revenue="USD",
    guided_data_center_revenue="USD",
    data_center_revenue=quarter("USD"),
    first_before_revenue=first_before("USD", attribute="data_center_revenue"),
    second_before_revenue=second_before("USD", attribute="data_center_revenue"),
)
def following_year_data_center_growth(
    following_year_data_center_revenue: Samples,
    guided_data_center_revenue: Samples,
    data_center_revenue: Samples,
    first_before_revenue: Samples,
    second_before_revenue: Samples,
) -> Samples:
    """Growth of the four quarters after the guided one over the four up to it.

    following_year_data_center_growth = following_year_data_center_revenue ÷ (guided_data_center_revenue
        + data_center_revenue + first_before_revenue + second_before_revenue) − 1
    """
    base = guided_data_center_revenue + data_center_revenue + first_before_revenue + second_before_revenue
    return following_year_data_center_revenue / base - 1


@quantity(
    "USD",
    data_center_revenue=quarter("USD"),
    first_before_revenue=first_before("USD", attribute="data_center_revenue"),
    second_before_revenue=second_before("USD", attribute="data_center_revenue"),
    third_before_revenue=third_before("USD", attribute="data_center_revenue"),
)
def trailing_data_center_revenue(
    data_center_revenue: Samples,
    first_before_revenue: Samples,
    second_before_revenue: Samples,
    third_before_revenue: Samples,
) -> Samples:
    """Data-centre revenue of the last four quarters: the forecast of no change.

    trailing_data_center_revenue = data_center_revenue + first_before_revenue + second_before_revenue
        + third_before_revenue
    """
    return data_center_revenue + first_before_revenue + second_before_revenue + third_before_revenue


@quantity(
    "USD",
    trailing_data_center_revenue="USD",
    trailing_year_ago=of("trailing_data_center_revenue", "USD", quarter=year_ago),
)
def last_growth_data_center_revenue(trailing_data_center_revenue: Samples, trailing_year_ago: Samples) -> Samples:
    """Data-centre revenue of the next four quarters if it grows as it did in the last four: a naive forecast.

    last_growth_data_center_revenue = trailing_data_center_revenue × trailing_data_center_revenue ÷ trailing_year_ago
    """
    return trailing_data_center_revenue * trailing_data_center_revenue / trailing_year_ago


@quantity("USD", data_center_revenue=quarter("USD"))
def run_rate_data_center_revenue(data_center_revenue: Samples) -> Samples:
    """Data-centre revenue of the next four quarters if each is as the last: a naive forecast.

    run_rate_data_center_revenue = 4 × data_center_revenue
    """
    return 4 * data_center_revenue


@quantity("USD", guided_revenue=guided_quarter("USD"), data_center_part="fraction")
def guidance_run_rate_data_center_revenue(guided_revenue: Samples, data_center_part: Samples) -> Samples:
    """Data-centre revenue of the next four quarters if each is as guided for the next: a naive forecast.

    guidance_run_rate_data_center_revenue = 4 × guided_revenue × data_center_part
    """
    return 4 * guided_revenue * data_center_part


@quantity("fraction", guided_nongaap_gross_margin=guided_quarter("fraction"), gross_margin_change="fraction")
def gross_margin_in_a_year(guided_nongaap_gross_margin: Samples, gross_margin_change: Samples) -> Samples:
    """Gross margin four quarters after the guided one.

    gross_margin_in_a_year = guided_nongaap_gross_margin + gross_margin_change
    """
    return guided_nongaap_gross_margin + gross_margin_change


@quantity("USD", guided_revenue=guided_quarter("USD"), expected_guidance_beat="fraction")
def guided_quarter_revenue(guided_revenue: Samples, expected_guidance_beat: Samples) -> Samples:
    """Total revenue expected for the guided quarter.

    guided_quarter_revenue = guided_revenue × (1 + expected_guidance_beat)
    """
    return guided_revenue * (1 + expected_guidance_beat)
