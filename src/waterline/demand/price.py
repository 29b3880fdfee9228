"""From demand to price: what a gain in efficiency does to the value of the vendor whose price the market had set.

The price before a fall fixes a path of cash flows (`market.valuation`). The gain scales the year t of that path by

    s[t] = 1 − reach + reach × x^(φ × e × (1 − (1 − λ)^t) − 1)

so that demand is lower at first and recovers as far as the elasticity lets it. The change of value follows, and so does
the elasticity that would make it equal to what the market took off.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.market.discounted_cash_flow import growth_value, solve, terminal_value

_LONGEST = 15  # years; the bound of growth_years
HIGHEST_ELASTICITY = 10.0


def value_ratio(
    gain: Samples,
    pass_through: Samples,
    adjustment: Samples,
    reach: Samples,
    growth: Samples,
    discount: Samples,
    years: Samples,
    after: Samples,
    margin: Samples,
) -> Callable[[Samples], Samples]:
    """Value of the scaled path of cash flows over that of the path itself, as a function of the elasticity.

    A year weighs what its cash flow is worth; the last weight is that of all that comes after the path. Each is scaled
    by s[t], whose power of the gain is e^(elasticity × exponent) ÷ gain: one exponential for all years.
    """
    explicit = growth_value(growth, discount, years)
    terminal = margin * terminal_value(growth, discount, years, after)
    year = np.arange(1.0, _LONGEST + 1)[:, None]
    flows = np.clip(years - (year - 1), 0.0, 1.0) * _each_year((1 + growth) / (1 + discount))
    unanswered = _rows(*_each_year(1 - adjustment), (1 - adjustment) ** years)
    exponents = pass_through * np.log(gain) * (1 - unanswered)
    weights = _rows(*flows * (explicit / flows.sum(axis=0)), terminal) / (explicit + terminal)
    reached = weights * (reach / gain)

    def of_elasticity(elasticity: Samples) -> Samples:
        value: Samples = 1 - reach + np.einsum("ys,ys->s", reached, np.exp(elasticity * exponents))
        return value

    return of_elasticity


def _each_year(factor: Samples) -> Samples:
    """Powers of a yearly factor, shape (years, samples)."""
    powers: Samples = np.cumprod(np.broadcast_to(factor, (_LONGEST, factor.size)), axis=0, dtype=float)
    return powers


def _rows(*rows: Samples) -> Samples:
    """One row a year and one for all years after them, shape (years + 1, samples)."""
    return np.vstack(np.broadcast_arrays(*rows))


@quantity(
    "fraction",
    opaque=True,
    demand_elasticity="fraction",
    efficiency_gain="fraction",
    price_pass_through="fraction",
    adjustment_rate="1/year",
    gain_reach="fraction",
    implied_growth_before_fall="1/year",
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_value_change(
    demand_elasticity: Samples,
    efficiency_gain: Samples,
    price_pass_through: Samples,
    adjustment_rate: Samples,
    gain_reach: Samples,
    implied_growth_before_fall: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """Change of the value of the business that a gain in efficiency justifies, given how demand responds.

    implied_value_change = value of the cash flows implied by the price before the fall, each scaled by demand,
        ÷ their value unscaled − 1
    """
    ratio = value_ratio(
        efficiency_gain, price_pass_through, adjustment_rate, gain_reach, implied_growth_before_fall, discount_rate,
        growth_years, terminal_growth, terminal_margin_ratio,
    )  # fmt: skip
    return ratio(demand_elasticity) - 1


@quantity("USD", enterprise_value_before_fall="USD", implied_value_change="fraction")
def implied_market_value_change(enterprise_value_before_fall: Samples, implied_value_change: Samples) -> Samples:
    """Market value that a gain in efficiency adds or takes away, given how demand responds.

    implied_market_value_change = enterprise_value_before_fall × implied_value_change
    """
    return enterprise_value_before_fall * implied_value_change


@quantity("probability", implied_value_change="fraction", implied_cash_flow_cut="fraction")
def fall_justified_probability(implied_value_change: Samples, implied_cash_flow_cut: Samples) -> Samples:
    """Chance that the gain in efficiency takes away at least what the market took away on the day.

    fall_justified_probability = share of samples with implied_value_change ≤ −implied_cash_flow_cut
    """
    return np.where(implied_value_change <= -implied_cash_flow_cut, 1.0, 0.0)


@quantity(
    "fraction",
    opaque=True,
    implied_cash_flow_cut="fraction",
    efficiency_gain="fraction",
    price_pass_through="fraction",
    adjustment_rate="1/year",
    gain_reach="fraction",
    growth=of("implied_growth_before_fall", "1/year"),
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def elasticity_of_the_fall(
    implied_cash_flow_cut: Samples,
    efficiency_gain: Samples,
    price_pass_through: Samples,
    adjustment_rate: Samples,
    gain_reach: Samples,
    growth: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """Elasticity of demand at which the gain in efficiency takes away just what the market took away on the day.

    elasticity_of_the_fall = e such that implied_value_change = −implied_cash_flow_cut; 0 where even no response at all
        takes away less
    """
    ratio = value_ratio(
        efficiency_gain, price_pass_through, adjustment_rate, gain_reach, growth, discount_rate, growth_years,
        terminal_growth, terminal_margin_ratio,
    )  # fmt: skip
    wanted = np.maximum(1 - implied_cash_flow_cut, ratio(np.zeros(1)))

    def excess(elasticity: Samples) -> Samples:  # in logarithms: demand grows as a power, which is nearly straight
        return np.asarray(np.log(ratio(elasticity) / wanted))

    return solve(excess, 0.0, HIGHEST_ELASTICITY, "elasticity")
