"""Replacement and growth: the identity behind the parallel with the 1990s, for computers and for accelerators.

    K[t] = (1 − d) × K[t−1] + I[t]        hence        I[t] ÷ K[t−1] = d + g

K is the stock, I real investment, d depreciation and g the stock's growth. Spending has a floor only where the part
d ÷ (d + g) is large.
"""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, of, quantity

investment_year = Role("investment_year", default="us-computers-2000")
year_before = investment_year.via("previous")
first_year = Role("first_year", kind="investment_year", default="us-computers-1985")
era_start = Role("era_start", kind="investment_year", default="us-computers-1995")


@quantity(
    "fraction",
    nominal_investment=investment_year("USD/year"),
    price_index=investment_year("fraction"),
    first_investment=first_year("USD/year", attribute="nominal_investment"),
    first_price=first_year("fraction", attribute="price_index"),
)
def real_investment(
    nominal_investment: Samples, price_index: Samples, first_investment: Samples, first_price: Samples
) -> Samples:
    """Real investment in computers, against the first year of the record.

    real_investment = (nominal_investment ÷ first_investment) ÷ (price_index ÷ first_price)
    """
    return (nominal_investment / first_investment) / (price_index / first_price)


@quantity(
    "fraction",
    reported=investment_year("fraction", attribute="computer_stock"),
    stock_before=of("computer_stock", "fraction", investment_year=year_before),
    real_investment="fraction",
    computer_depreciation="1/year",
    opaque=True,
)
def computer_stock(stock_before: Samples, real_investment: Samples, computer_depreciation: Samples) -> Samples:
    """Stock of computers at the end of the year, in units of the first year's investment.

    computer_stock = (1 − computer_depreciation) × stock_before + real_investment

    The year before is asked the same, down to the first year, whose stock is assumed.
    """
    return (1 - computer_depreciation) * stock_before + real_investment


@quantity(
    "fraction", computer_stock="fraction", stock_before=of("computer_stock", "fraction", investment_year=year_before)
)
def computer_stock_growth(computer_stock: Samples, stock_before: Samples) -> Samples:
    """Growth of the stock of computers in the year.

    computer_stock_growth = computer_stock ÷ stock_before − 1
    """
    return computer_stock / stock_before - 1


@quantity("fraction", computer_depreciation="1/year", computer_stock_growth="fraction", within=(0, 1), opaque=True)
def computer_replacement_share(computer_depreciation: Samples, computer_stock_growth: Samples) -> Samples:
    """The part of the year's investment in computers that replaced what was worn out or out of date.

    computer_replacement_share = computer_depreciation ÷ (computer_depreciation + computer_stock_growth)
    """
    return computer_depreciation / (computer_depreciation + computer_stock_growth)


@quantity(
    "fraction",
    opaque=True,
    share_of_gdp=investment_year("fraction"),
    share_at_start=era_start("fraction", attribute="share_of_gdp"),
    price_index=investment_year("fraction"),
    price_at_start=era_start("fraction", attribute="price_index"),
    output_price_growth="1/year",
)
def era_elasticity(
    share_of_gdp: Samples,
    share_at_start: Samples,
    price_index: Samples,
    price_at_start: Samples,
    output_price_growth: Samples,
) -> Samples:
    """Price elasticity of demand for computers over five years, from their share of national product.

    era_elasticity = 1 + ln(share_of_gdp ÷ share_at_start) ÷ (ln(price_at_start ÷ price_index)
        + 5 × output_price_growth)

    With constant elasticity e the share grows by (e − 1) times the fall of the relative price. It takes for granted
    that nothing but price moved the share, which no instrument here can show.
    """
    fall = np.log(price_at_start / price_index) + 5 * output_price_growth
    return 1 + np.log(share_of_gdp / share_at_start) / fall


@quantity("fraction", accelerators_at_start="count", accelerators_at_end="count")
def accelerator_stock_growth(accelerators_at_start: Samples, accelerators_at_end: Samples) -> Samples:
    """Growth of the world's stock of accelerators in the year.

    accelerator_stock_growth = accelerators_at_end ÷ accelerators_at_start − 1
    """
    return accelerators_at_end / accelerators_at_start - 1


@quantity(
    "fraction", accelerator_depreciation="1/year", accelerator_stock_growth="fraction", within=(0, 1), opaque=True
)
def accelerator_replacement_share(accelerator_depreciation: Samples, accelerator_stock_growth: Samples) -> Samples:
    """The part of the year's accelerators that replaced older ones: the floor under spending when growth stops.

    accelerator_replacement_share = accelerator_depreciation ÷ (accelerator_depreciation + accelerator_stock_growth)
    """
    return accelerator_depreciation / (accelerator_depreciation + accelerator_stock_growth)


@quantity(
    "fraction", opaque=True,
    accelerator_stock_growth="fraction", accelerator_depreciation="1/year", accelerator_price_change="fraction",
)  # fmt: skip
def growth_that_keeps_spending(
    accelerator_stock_growth: Samples, accelerator_depreciation: Samples, accelerator_price_change: Samples
) -> Samples:
    """Growth of the stock in the next year at which spending on accelerators neither rises nor falls.

    growth_that_keeps_spending = (accelerator_stock_growth + accelerator_depreciation)
        ÷ ((1 + accelerator_stock_growth) × accelerator_price_change) − accelerator_depreciation

    From spending' ÷ spending = (g' + d) × (1 + g) ÷ (g + d) × price change = 1.
    """
    now = (accelerator_stock_growth + accelerator_depreciation) / (1 + accelerator_stock_growth)
    return now / accelerator_price_change - accelerator_depreciation
