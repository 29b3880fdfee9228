"""Growth of a quarter and of a fiscal year against the year before, reported and guided."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.facts.roles import first_before, fiscal_year, quarter, second_before, third_before, year_ago

year_before = fiscal_year.via("previous")


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


@quantity("fraction", guided_revenue=quarter("USD"), revenue_year_ago=year_ago("USD", attribute="revenue"))
def guided_growth(guided_revenue: Samples, revenue_year_ago: Samples) -> Samples:
    """Growth over the same quarter a year before that management's guidance implies.

    guided_growth = guided_revenue ÷ revenue_year_ago − 1
    """
    return guided_revenue / revenue_year_ago - 1


@quantity(
    "USD",
    revenue=quarter("USD"),
    first_before_revenue=first_before("USD", attribute="revenue"),
    second_before_revenue=second_before("USD", attribute="revenue"),
    third_before_revenue=third_before("USD", attribute="revenue"),
)
def trailing_revenue(
    revenue: Samples, first_before_revenue: Samples, second_before_revenue: Samples, third_before_revenue: Samples
) -> Samples:
    """Revenue of the four quarters up to the one named.

    trailing_revenue = revenue + first_before_revenue + second_before_revenue + third_before_revenue
    """
    return revenue + first_before_revenue + second_before_revenue + third_before_revenue


@quantity(
    "USD",
    guided_revenue=quarter("USD"),
    first_before_revenue=first_before("USD", attribute="revenue"),
    second_before_revenue=second_before("USD", attribute="revenue"),
    third_before_revenue=third_before("USD", attribute="revenue"),
)
def guided_year_revenue(
    guided_revenue: Samples,
    first_before_revenue: Samples,
    second_before_revenue: Samples,
    third_before_revenue: Samples,
) -> Samples:
    """Revenue of the year: three reported quarters and the guided fourth.

    guided_year_revenue = guided_revenue + first_before_revenue + second_before_revenue + third_before_revenue
    """
    return guided_revenue + first_before_revenue + second_before_revenue + third_before_revenue


@quantity("fraction", guided_year_revenue="USD", year_ago_revenue=of("trailing_revenue", "USD", quarter=year_ago))
def guided_year_growth(guided_year_revenue: Samples, year_ago_revenue: Samples) -> Samples:
    """Growth of the year that three reported quarters and the guided fourth imply.

    guided_year_growth = guided_year_revenue ÷ year_ago_revenue − 1
    """
    return guided_year_revenue / year_ago_revenue - 1


@quantity(
    "fraction", data_center_revenue=fiscal_year("USD"),
    data_center_revenue_year_before=year_before("USD", attribute="data_center_revenue"),
)  # fmt: skip
def fiscal_year_data_center_growth(data_center_revenue: Samples, data_center_revenue_year_before: Samples) -> Samples:
    """Growth of a fiscal year's data-centre revenue over the year before.

    fiscal_year_data_center_growth = data_center_revenue ÷ data_center_revenue_year_before − 1
    """
    return data_center_revenue / data_center_revenue_year_before - 1


@quantity("fraction", revenue=quarter("USD"), guided_revenue=quarter("USD"))
def guidance_surprise(revenue: Samples, guided_revenue: Samples) -> Samples:
    """Reported revenue against what management had guided.

    guidance_surprise = revenue ÷ guided_revenue − 1
    """
    return revenue / guided_revenue - 1
