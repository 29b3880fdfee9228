"""A vendor's own figures: growth, guidance against outcome, the data centre's part, margins through a product ramp."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.facts.roles import first_before, quarter, second_before, third_before, year_ago


@quantity("fraction", growth=of("data_center_growth", "fraction"))
def data_center_revenue_growth(growth: Samples) -> Samples:
    """Growth of a vendor's data-centre revenue over the year before, in its latest quarter.

    data_center_revenue_growth = growth
    """
    return growth


@quantity(
    "fraction",
    guidance_surprise="fraction",
    first_before_surprise=of("guidance_surprise", "fraction", quarter=first_before),
    second_before_surprise=of("guidance_surprise", "fraction", quarter=second_before),
    third_before_surprise=of("guidance_surprise", "fraction", quarter=third_before),
)
def usual_guidance_beat(
    guidance_surprise: Samples,
    first_before_surprise: Samples,
    second_before_surprise: Samples,
    third_before_surprise: Samples,
) -> Samples:
    """By how much revenue beat the middle of its guidance, mean of the last four quarters.

    usual_guidance_beat = (guidance_surprise + first_before_surprise + second_before_surprise
        + third_before_surprise) ÷ 4
    """
    return (guidance_surprise + first_before_surprise + second_before_surprise + third_before_surprise) / 4


@quantity("fraction", usual_guidance_beat="fraction", guidance_beat_error="fraction")
def expected_guidance_beat(usual_guidance_beat: Samples, guidance_beat_error: Samples) -> Samples:
    """By how much the next revenue will beat the middle of its guidance.

    expected_guidance_beat = usual_guidance_beat + guidance_beat_error
    """
    return usual_guidance_beat + guidance_beat_error


@quantity("probability", expected_guidance_beat="fraction")
def guidance_beat_probability(expected_guidance_beat: Samples) -> Samples:
    """Chance that the next revenue is above the middle of its guidance.

    guidance_beat_probability = share of samples with expected_guidance_beat > 0
    """
    return np.where(expected_guidance_beat > 0, 1.0, 0.0)


@quantity("fraction", data_center_revenue=quarter("USD"), revenue=quarter("USD"), within=(0, 1))
def data_center_part(data_center_revenue: Samples, revenue: Samples) -> Samples:
    """The data centre's part of a quarter's revenue.

    data_center_part = data_center_revenue ÷ revenue
    """
    return data_center_revenue / revenue


@quantity(
    "fraction",
    nongaap_gross_margin=quarter("fraction"),
    margin_year_ago=year_ago("fraction", attribute="nongaap_gross_margin"),
)
def gross_margin_change_in_year(nongaap_gross_margin: Samples, margin_year_ago: Samples) -> Samples:
    """Change of the gross margin over four quarters, as through the ramp of a product.

    gross_margin_change_in_year = nongaap_gross_margin − margin_year_ago
    """
    return nongaap_gross_margin - margin_year_ago
