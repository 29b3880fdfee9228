"""Capital spending of the buyers: trailing years, growth, and what several of them plan together."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, of, quantity
from waterline.facts.roles import first_before, plan, quarter, second_before, third_before, year_ago

second_quarter, third_quarter, fourth_quarter = (
    Role(name, kind="quarter") for name in ("second_quarter", "third_quarter", "fourth_quarter")
)
second_plan, third_plan, fourth_plan = (
    Role(name, kind="plan") for name in ("second_plan", "third_plan", "fourth_plan")
)


@quantity(
    "USD",
    reported=quarter("USD", attribute="capex_net_trailing_year"),
    capex=quarter("USD"),
    capex_first_before=first_before("USD", attribute="capex"),
    capex_second_before=second_before("USD", attribute="capex"),
    capex_third_before=third_before("USD", attribute="capex"),
)
def trailing_capex(
    capex: Samples, capex_first_before: Samples, capex_second_before: Samples, capex_third_before: Samples
) -> Samples:
    """Capital spending of one buyer over the four quarters up to the one named.

    trailing_capex = capex + capex_first_before + capex_second_before + capex_third_before

    Where the buyer itself reports the trailing year net of sales and incentives, that figure is used.
    """
    return capex + capex_first_before + capex_second_before + capex_third_before


@quantity(
    "USD",
    trailing_capex="USD",
    second_trailing_capex=of("trailing_capex", "USD", quarter=second_quarter),
    third_trailing_capex=of("trailing_capex", "USD", quarter=third_quarter),
)
def three_buyer_trailing_capex(
    trailing_capex: Samples, second_trailing_capex: Samples, third_trailing_capex: Samples
) -> Samples:
    """Capital spending of three buyers together over their last four quarters.

    three_buyer_trailing_capex = trailing_capex + second_trailing_capex + third_trailing_capex
    """
    return trailing_capex + second_trailing_capex + third_trailing_capex


@quantity(
    "fraction",
    quarterly_capex="USD",
    year_ago_capex=of("quarterly_capex", "USD", quarter=year_ago),
)
def capex_growth(quarterly_capex: Samples, year_ago_capex: Samples) -> Samples:
    """Growth of a buyer's capital spending over the same quarter a year before.

    capex_growth = quarterly_capex ÷ year_ago_capex − 1
    """
    return quarterly_capex / year_ago_capex - 1


@quantity("USD", reported=quarter("USD", attribute="capex_with_leases"), capex=quarter("USD"))
def quarterly_capex(capex: Samples) -> Samples:
    """Capital spending of a quarter, with finance leases where the buyer reports them so.

    quarterly_capex = capex
    """
    return capex


@quantity(
    "fraction",
    capex_growth="fraction",
    second_capex_growth=of("capex_growth", "fraction", quarter=second_quarter),
    third_capex_growth=of("capex_growth", "fraction", quarter=third_quarter),
    fourth_capex_growth=of("capex_growth", "fraction", quarter=fourth_quarter),
)
def smallest_capex_growth(
    capex_growth: Samples, second_capex_growth: Samples, third_capex_growth: Samples, fourth_capex_growth: Samples
) -> Samples:
    """Growth of the buyer, of four, whose capital spending grew least; below zero, one has cut.

    smallest_capex_growth = min(capex_growth, second_capex_growth, third_capex_growth, fourth_capex_growth)
    """
    first = np.minimum(capex_growth, second_capex_growth)
    return np.minimum(first, np.minimum(third_capex_growth, fourth_capex_growth))


@quantity(
    "USD",
    amount=plan("USD"),
    second_amount=second_plan("USD", attribute="amount"),
    third_amount=third_plan("USD", attribute="amount"),
    fourth_amount=fourth_plan("USD", attribute="amount"),
)
def four_plans_capex(amount: Samples, second_amount: Samples, third_amount: Samples, fourth_amount: Samples) -> Samples:
    """Capital spending that four buyers plan together.

    four_plans_capex = amount + second_amount + third_amount + fourth_amount
    """
    return amount + second_amount + third_amount + fourth_amount


@quantity("USD", amount=plan("USD"), plan_execution="fraction")
def expected_plan_spending(amount: Samples, plan_execution: Samples) -> Samples:
    """Capital spending to expect of a buyer that has announced a plan for the year.

    expected_plan_spending = amount × plan_execution
    """
    return amount * plan_execution


@quantity("USD", four_plans_capex="USD", mid_year_plan_execution="fraction")
def expected_four_plans_spending(four_plans_capex: Samples, mid_year_plan_execution: Samples) -> Samples:
    """Capital spending to expect of four buyers together, half a year before their plans end.

    expected_four_plans_spending = four_plans_capex × mid_year_plan_execution
    """
    return four_plans_capex * mid_year_plan_execution
