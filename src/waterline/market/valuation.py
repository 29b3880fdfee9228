"""Reverse discounted cash flow: what growth, margin or discount rate a price takes for granted, before and after a day.

    V − net cash = Σ t=1…H C (1 + g)^t ÷ (1 + w)^t + m × C (1 + g)^H (1 + T) ÷ ((w − T) (1 + w)^H)

C is the net income of the last four quarters (options paid to staff are a cost in it), g its growth over H years, w the
discount rate, T the growth after that, m what is left of the margin then. One price settles one of these given the
others: they cannot be told apart. The change over a day is much better known than the level.
"""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, of, quantity
from waterline.facts.roles import episode, first_before, quarter, second_before, third_before, ticker
from waterline.market.discounted_cash_flow import cash_flow_value, implied_growth, solve, terminal_value

reported_before = Role("episode.latest_quarter", kind="quarter", follows=(episode, "latest_quarter"))


@quantity(
    "USD",
    net_income=quarter("USD"),
    first_before_income=first_before("USD", attribute="net_income"),
    second_before_income=second_before("USD", attribute="net_income"),
    third_before_income=third_before("USD", attribute="net_income"),
)
def trailing_net_income(
    net_income: Samples, first_before_income: Samples, second_before_income: Samples, third_before_income: Samples
) -> Samples:
    """Net income of the four quarters up to the one named.

    trailing_net_income = net_income + first_before_income + second_before_income + third_before_income
    """
    return net_income + first_before_income + second_before_income + third_before_income


@quantity("USD", close=ticker("USD"), shares_outstanding=ticker("count"))
def equity_value(close: Samples, shares_outstanding: Samples) -> Samples:
    """Market value of a company at the latest close known.

    equity_value = close × shares_outstanding
    """
    return close * shares_outstanding


# Opaque, like all below: the price is solved for step by step, which numbers with units cannot go through.
@quantity(
    "1/year",
    opaque=True,
    equity_value="USD",
    net_cash=quarter("USD"),
    trailing_net_income="USD",
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_revenue_growth(
    equity_value: Samples,
    net_cash: Samples,
    trailing_net_income: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """Yearly growth of revenue that the price takes for granted, at today's net margin, over the years of growth.

    implied_revenue_growth = g such that trailing_net_income × (Σ ((1 + g) ÷ (1 + discount_rate))^t over growth_years
        + terminal_margin_ratio × terminal value) = equity_value − net_cash
    """
    return implied_growth(
        equity_value - net_cash,
        trailing_net_income,
        discount_rate,
        growth_years,
        terminal_growth,
        terminal_margin_ratio,
    )


@quantity(
    "USD", close_before=episode("USD"), shares_outstanding=episode("count", on=(episode, "event_date")),
    net_cash=reported_before("USD"),
)  # fmt: skip
def enterprise_value_before_fall(close_before: Samples, shares_outstanding: Samples, net_cash: Samples) -> Samples:
    """Value of the business at the last close before the fall.

    enterprise_value_before_fall = close_before × shares_outstanding − net_cash
    """
    return close_before * shares_outstanding - net_cash


@quantity("USD", enterprise_value_before_fall="USD", market_value_lost="USD")
def enterprise_value_after_fall(enterprise_value_before_fall: Samples, market_value_lost: Samples) -> Samples:
    """Value of the business at the close of the day of the fall.

    enterprise_value_after_fall = enterprise_value_before_fall − market_value_lost
    """
    return enterprise_value_before_fall - market_value_lost


@quantity(
    "1/year",
    opaque=True,
    enterprise_value_before_fall="USD",
    income=of("trailing_net_income", "USD", quarter=reported_before),
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_growth_before_fall(
    enterprise_value_before_fall: Samples,
    income: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """Yearly growth that the price took for granted before the fall.

    implied_growth_before_fall = g such that the cash flows are worth enterprise_value_before_fall
    """
    return implied_growth(
        enterprise_value_before_fall, income, discount_rate, growth_years, terminal_growth, terminal_margin_ratio
    )


@quantity(
    "1/year",
    opaque=True,
    enterprise_value_after_fall="USD",
    income=of("trailing_net_income", "USD", quarter=reported_before),
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_growth_after_fall(
    enterprise_value_after_fall: Samples,
    income: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """Yearly growth that the price took for granted after the fall.

    implied_growth_after_fall = g such that the cash flows are worth enterprise_value_after_fall
    """
    return implied_growth(
        enterprise_value_after_fall, income, discount_rate, growth_years, terminal_growth, terminal_margin_ratio
    )


@quantity("1/year", implied_growth_before_fall="1/year", implied_growth_after_fall="1/year")
def implied_growth_change(implied_growth_before_fall: Samples, implied_growth_after_fall: Samples) -> Samples:
    """How much yearly growth the day took out of expectations, if it took nothing else.

    implied_growth_change = implied_growth_after_fall − implied_growth_before_fall
    """
    return implied_growth_after_fall - implied_growth_before_fall


@quantity("fraction", market_value_lost="USD", enterprise_value_before_fall="USD")
def implied_cash_flow_cut(market_value_lost: Samples, enterprise_value_before_fall: Samples) -> Samples:
    """The part of all future cash flows that the day took away, if it took the same part of each.

    implied_cash_flow_cut = market_value_lost ÷ enterprise_value_before_fall
    """
    return market_value_lost / enterprise_value_before_fall


@quantity(
    "fraction",
    opaque=True,
    market_value_lost="USD",
    income=of("trailing_net_income", "USD", quarter=reported_before),
    implied_growth_before_fall="1/year",
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_margin_cut(
    market_value_lost: Samples,
    income: Samples,
    implied_growth_before_fall: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """The part of the margin after the years of growth that the day took away, if it took nothing else.

    implied_margin_cut = market_value_lost ÷ (trailing_net_income × terminal_margin_ratio × terminal value)
    """
    after = terminal_value(implied_growth_before_fall, discount_rate, growth_years, terminal_growth)
    return market_value_lost / (income * terminal_margin_ratio * after)


@quantity(
    "1/year",
    opaque=True,
    enterprise_value_after_fall="USD",
    income=of("trailing_net_income", "USD", quarter=reported_before),
    implied_growth_before_fall="1/year",
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_discount_rise(
    enterprise_value_after_fall: Samples,
    income: Samples,
    implied_growth_before_fall: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """How much more the business was discounted by after the fall, if expectations stayed as they were.

    implied_discount_rise = w such that the cash flows at implied_growth_before_fall are worth
        enterprise_value_after_fall, less discount_rate
    """
    inputs = (
        enterprise_value_after_fall, income, implied_growth_before_fall, discount_rate, growth_years, terminal_growth,
        terminal_margin_ratio,
    )  # fmt: skip
    value, paid, growth, rate, *terms = (np.asarray(part) for part in inputs)

    def shortfall(rise: Samples) -> Samples:
        return np.asarray(np.log(value / (paid * cash_flow_value(growth, rate + rise, *terms))))

    return solve(shortfall, 0.0, 1.0, "rise of the discount rate")
