"""Who wins: the lead of a vendor in revenue, in profit added and in market value added, by a horizon.

"Largest winner" is a different question by each measure. Only the first two are about the business.
"""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Needs, Role, of, quantity
from waterline.facts.roles import quarter, rival_vendor, ticker, vendor


@quantity("USD", reported=quarter("USD", attribute="ai_revenue"), data_center_revenue=quarter("USD"))
def accelerator_revenue(data_center_revenue: Samples) -> Samples:
    """Revenue of a vendor's latest quarter from accelerators and what goes with them.

    accelerator_revenue = data_center_revenue

    A vendor that reports AI revenue is taken at that. Definitions differ: networking is in some and not in others.
    """
    return data_center_revenue


@quantity("USD", guided_ai_revenue=quarter("USD"), custom_chip_guidance_beat="fraction")
def guided_accelerator_revenue(guided_ai_revenue: Samples, custom_chip_guidance_beat: Samples) -> Samples:
    """Accelerator revenue expected of a maker of custom chips that has guided its AI revenue for the quarter.

    guided_accelerator_revenue = guided_ai_revenue × (1 + custom_chip_guidance_beat)
    """
    return guided_ai_revenue * (1 + custom_chip_guidance_beat)


@quantity(
    "fraction",
    accelerator_revenue="USD",
    rival_revenue=of("accelerator_revenue", "USD", vendor=rival_vendor),
)
def revenue_lead_now(accelerator_revenue: Samples, rival_revenue: Samples) -> Samples:
    """A vendor's accelerator revenue over its main rival's, in the latest quarters reported.

    revenue_lead_now = accelerator_revenue ÷ rival_revenue
    """
    return accelerator_revenue / rival_revenue


@quantity(
    "fraction", opaque=True, revenue_lead_now="fraction", incumbency=vendor("fraction"),
    challenger_gain_by_cost="1/year", challenger_gain="1/year", lead_volatility="fraction", lead_draw="fraction",
    horizon="year",
)  # fmt: skip
def revenue_lead(
    revenue_lead_now: Samples,
    incumbency: Samples,
    challenger_gain_by_cost: Samples,
    challenger_gain: Samples,
    lead_volatility: Samples,
    lead_draw: Samples,
    horizon: Samples,
) -> Samples:
    """A vendor's accelerator revenue over its main rival's at the horizon.

    revenue_lead = revenue_lead_now × exp((2 × incumbency − 1)
        × (lead_volatility × √horizon × lead_draw − (challenger_gain_by_cost + challenger_gain) × horizon))

    The logarithm of the ratio walks at random with a drift towards the challenger: what cost and lock-in give it, and
    what it gains for other reasons.
    """
    side = 2 * incumbency - 1
    drift = challenger_gain_by_cost + challenger_gain
    walk = lead_volatility * np.sqrt(horizon) * lead_draw - drift * horizon
    return revenue_lead_now * np.exp(side * walk)


@quantity("probability", revenue_lead="fraction")
def winner_probability(revenue_lead: Samples) -> Samples:
    """Chance that a vendor is the largest by accelerator revenue at the horizon, against its main rival.

    winner_probability = share of samples with revenue_lead > 1
    """
    return np.where(revenue_lead > 1, 1.0, 0.0)


@quantity(
    "USD", opaque=True,
    accelerator_revenue="USD", revenue_lead_now="fraction", revenue_lead="fraction", incumbency=vendor("fraction"),
    incumbent_revenue_growth="1/year", horizon="year",
)  # fmt: skip
def revenue_at_horizon(
    accelerator_revenue: Samples,
    revenue_lead_now: Samples,
    revenue_lead: Samples,
    incumbency: Samples,
    incumbent_revenue_growth: Samples,
    horizon: Samples,
) -> Samples:
    """A vendor's accelerator revenue by the quarter at the horizon.

    revenue_at_horizon = accelerator_revenue × exp(incumbent_revenue_growth × horizon)
        × (revenue_lead ÷ revenue_lead_now)^(1 − incumbency)

    The incumbent grows at its own rate; a challenger's revenue follows from the lead.
    """
    growth = np.exp(incumbent_revenue_growth * horizon)
    return accelerator_revenue * growth * (revenue_lead / revenue_lead_now) ** (1 - incumbency)


@quantity(
    "USD",
    accelerator_revenue="USD",
    revenue_at_horizon="USD",
    accelerator_margin=vendor("fraction"),
    rival_revenue=of("accelerator_revenue", "USD", vendor=rival_vendor),
    revenue_lead="fraction",
    rival_margin=rival_vendor("fraction", attribute="accelerator_margin"),
)
def profit_added_over_rival(
    accelerator_revenue: Samples,
    revenue_at_horizon: Samples,
    accelerator_margin: Samples,
    rival_revenue: Samples,
    revenue_lead: Samples,
    rival_margin: Samples,
) -> Samples:
    """Gross profit by the quarter that a vendor adds by the horizon, less what its main rival adds.

    profit_added_over_rival = (revenue_at_horizon − accelerator_revenue) × accelerator_margin
        − (revenue_at_horizon ÷ revenue_lead − rival_revenue) × rival_margin
    """
    own = (revenue_at_horizon - accelerator_revenue) * accelerator_margin
    return own - (revenue_at_horizon / revenue_lead - rival_revenue) * rival_margin


@quantity("probability", profit_added_over_rival="USD")
def winner_probability_by_profit(profit_added_over_rival: Samples) -> Samples:
    """Chance that a vendor adds more gross profit by the horizon than its main rival.

    winner_probability_by_profit = share of samples with profit_added_over_rival > 0
    """
    return np.where(profit_added_over_rival > 0, 1.0, 0.0)


@quantity(
    "USD", opaque=True,
    market_value=ticker("USD"), return_volatility=ticker("fraction"), return_draw=ticker("fraction"),
    market_draw="fraction", return_correlation="fraction", expected_return="1/year", horizon="year",
)  # fmt: skip
def market_value_added(
    market_value: Samples,
    return_volatility: Samples,
    return_draw: Samples,
    market_draw: Samples,
    return_correlation: Samples,
    expected_return: Samples,
    horizon: Samples,
) -> Samples:
    """Market value that a company adds by the horizon; below zero, it loses.

    market_value_added = market_value × (exp((expected_return − return_volatility² ÷ 2) × horizon
        + return_volatility × √horizon × (√return_correlation × market_draw
        + √(1 − return_correlation) × return_draw)) − 1)

    A geometric random walk with one factor in common. Shares outstanding are taken as constant.
    """
    shock = np.sqrt(return_correlation) * market_draw + np.sqrt(1 - return_correlation) * return_draw
    drift = (expected_return - return_volatility**2 / 2) * horizon
    added: Samples = market_value * (np.exp(drift + return_volatility * np.sqrt(horizon) * shock) - 1)
    return added


def _added_by(name: str) -> Needs:
    return of("market_value_added", "USD", ticker=Role(f"rank_{name}", kind="ticker", default=name))


@quantity(
    "probability",
    market_value_added="USD",
    nvda=_added_by("nvda"),
    avgo=_added_by("avgo"),
    tsm=_added_by("tsm"),
    amd=_added_by("amd"),
    mu=_added_by("mu"),
)
def winner_probability_among_chip_makers(market_value_added: Samples, **makers: Samples) -> Samples:
    """Chance that a company adds more market value by the horizon than any of five chip makers.

    winner_probability_among_chip_makers = share of samples with market_value_added ≥ max(nvda, avgo, tsm, amd, mu)
        and above 0
    """
    return _largest(market_value_added, *makers.values())


@quantity(
    "probability",
    market_value_added="USD",
    nvda=_added_by("nvda"),
    avgo=_added_by("avgo"),
    tsm=_added_by("tsm"),
    amd=_added_by("amd"),
    mu=_added_by("mu"),
    googl=_added_by("googl"),
    msft=_added_by("msft"),
    amzn=_added_by("amzn"),
    meta=_added_by("meta"),
)
def winner_probability_by_market_value(market_value_added: Samples, **companies: Samples) -> Samples:
    """Chance that a company adds more market value by the horizon than five chip makers and four of their buyers.

    winner_probability_by_market_value = share of samples with market_value_added ≥ max(nvda, avgo, tsm, amd, mu,
        googl, msft, amzn, meta) and above 0
    """
    return _largest(market_value_added, *companies.values())


def _largest(own: Samples, *all_added: Samples) -> Samples:
    """1 where ``own`` is the largest and a gain, else 0: in a general fall nobody wins."""
    zero = 0 * own
    best = all_added[0]
    for added in all_added[1:]:
        best = np.maximum(best, added)
    return np.where((own >= best) & (own > zero), 1.0, 0.0)
