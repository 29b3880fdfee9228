"""Growth of a quarter and of a fiscal year against the year before, reported and guided."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.facts.roles import quarter

year_ago = quarter.via("year_ago")
previous = quarter.via("previous")


@quantity("fraction", revenue=quarter("USD"), revenue_year_ago=year_ago("USD", attribute="revenue"))
def revenue_growth(revenue: Samples, revenue_year_ago: Samples) -> Samples:
    """Growth of a quarter's revenue over the same quarter a year before.

    revenue_growth = revenue ÷ revenue_year_ago − 1
    """
    return revenue / revenue_year_ago - 1


@quantity(
    "fraction", data_center_revenue=quarter("USD"),
    data_center_revenue_year_ago=year_ago("USD", attribute="data_center_revenue"),
)  # fmt: skip
def data_center_growth(data_center_revenue: Samples, data_center_revenue_year_ago: Samples) -> Samples:
    """Growth of a quarter's data-centre revenue over the same quarter a year before.

    data_center_growth = data_center_revenue ÷ data_center_revenue_year_ago − 1
    """
    return data_center_revenue / data_center_revenue_year_ago - 1


@quantity("fraction", guided_revenue_centre="USD", revenue_year_ago=year_ago("USD", attribute="revenue"))
def guided_growth(guided_revenue_centre: Samples, revenue_year_ago: Samples) -> Samples:
    """Growth over a year before that the middle of management's guidance implies.

    guided_growth = guided_revenue_centre ÷ revenue_year_ago − 1
    """
    return guided_revenue_centre / revenue_year_ago - 1


@quantity("USD", guided_revenue_middle=quarter("USD"))
def guided_revenue_centre(guided_revenue_middle: Samples) -> Samples:
    """Middle of management's revenue guidance for the quarter.

    guided_revenue_centre = guided_revenue_middle
    """
    return guided_revenue_middle
