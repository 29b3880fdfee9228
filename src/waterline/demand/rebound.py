"""The rebound: what a gain in efficiency does to demand for compute, at once, by a horizon and in the long run.

A service that takes x times less compute costs x^−φ of its price; with price elasticity e its use grows to x^(φ × e),
and compute, at a constant price by the hour also spending, to x^(φ × e − 1). All of it with everything else unchanged;
what grows anyway is kept apart. e is not identified: price and quality move together and nothing instruments them.
"""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, of, quantity

_1990, _1995, _2000, _2005 = (
    Role(f"computers_{end}", kind="investment_year", default=f"us-computers-{end}") for end in (1990, 1995, 2000, 2005)
)
price_study = Role("price_study", kind="elasticity_study", default="nber-34608")
token_study = Role("token_study", kind="elasticity_study", default="google-tokens-2025")
later_token_study = Role("later_token_study", kind="elasticity_study", default="google-tokens-2026")


@quantity(
    "fraction",
    opaque=True,
    within=(0, 5),
    early_nineties=of("era_elasticity", "fraction", investment_year=_1995, era_start=_1990),
    late_nineties=of("era_elasticity", "fraction", investment_year=_2000, era_start=_1995),
    after_2000=of("era_elasticity", "fraction", investment_year=_2005, era_start=_2000),
    evidence_choice="fraction",
    elasticity_error="fraction",
    constant_quality_price_fall="fraction",
    demand_shift="1/year",
    price_elasticity=price_study("fraction", optional=True),
    token_ratio=token_study("fraction", attribute="quantity_ratio", optional=True),
    later_token_ratio=later_token_study("fraction", attribute="quantity_ratio", optional=True),
)
def demand_elasticity(
    early_nineties: Samples,
    late_nineties: Samples,
    after_2000: Samples,
    evidence_choice: Samples,
    elasticity_error: Samples,
    constant_quality_price_fall: Samples,
    demand_shift: Samples,
    price_elasticity: Samples | None = None,
    token_ratio: Samples | None = None,
    later_token_ratio: Samples | None = None,
) -> Samples:
    """Price elasticity of demand for compute in the long run, absolute value: one vote for each piece of evidence.

    demand_elasticity = max(one of (early_nineties, late_nineties, after_2000, price_elasticity,
        (ln(token_ratio) − demand_shift) ÷ ln(constant_quality_price_fall), the same for later_token_ratio)
        by evidence_choice + elasticity_error, 0)

    Evidence that was not known on the day has no vote. Token counts are ratios over one year.
    """
    votes = [early_nineties, late_nineties, after_2000]
    if price_elasticity is not None:
        votes.append(price_elasticity)
    for ratio in (token_ratio, later_token_ratio):
        if ratio is not None:
            votes.append((np.log(ratio) - demand_shift) / np.log(constant_quality_price_fall))
    shape = np.broadcast_shapes(evidence_choice.shape, *(vote.shape for vote in votes))
    table = np.stack([np.broadcast_to(vote, shape) for vote in votes])
    place = np.minimum((np.broadcast_to(evidence_choice, shape) * len(votes)).astype(int), len(votes) - 1)
    chosen: Samples = np.take_along_axis(table, place[np.newaxis], axis=0)[0]
    return np.maximum(chosen + elasticity_error, 0.0)


@quantity("fraction", price_pass_through="fraction")
def break_even_elasticity(price_pass_through: Samples) -> Samples:
    """Elasticity at which a more efficient model leaves spending on compute unchanged.

    break_even_elasticity = 1 ÷ price_pass_through
    """
    return 1 / price_pass_through


@quantity(
    "fraction", opaque=True, within=(0, None),
    efficiency_gain="fraction", price_pass_through="fraction", demand_elasticity="fraction",
)  # fmt: skip
def demand_change(efficiency_gain: Samples, price_pass_through: Samples, demand_elasticity: Samples) -> Samples:
    """Demand for compute in the long run over that before the gain in efficiency, all else unchanged.

    demand_change = efficiency_gain^(price_pass_through × demand_elasticity − 1)
    """
    return efficiency_gain ** (price_pass_through * demand_elasticity - 1)


@quantity("probability", demand_change="fraction")
def spending_rise_probability(demand_change: Samples) -> Samples:
    """Chance that spending on compute is higher in the long run for the gain in efficiency, all else unchanged.

    spending_rise_probability = share of samples with demand_change > 1
    """
    return np.where(demand_change > 1, 1.0, 0.0)


@quantity("fraction", demand_elasticity="fraction", adjustment_rate="1/year", opaque=True)
def first_year_elasticity(demand_elasticity: Samples, adjustment_rate: Samples) -> Samples:
    """Elasticity within the first year.

    first_year_elasticity = demand_elasticity × adjustment_rate

    Source: partial adjustment (Nerlove 1958).
    """
    return demand_elasticity * adjustment_rate


@quantity("fraction", demand_elasticity="fraction", adjustment_rate="1/year", horizon="year", opaque=True)
def elasticity_by_horizon(demand_elasticity: Samples, adjustment_rate: Samples, horizon: Samples) -> Samples:
    """Elasticity by the horizon.

    elasticity_by_horizon = demand_elasticity × (1 − (1 − adjustment_rate)^horizon)

    Source: partial adjustment (Nerlove 1958).
    """
    return demand_elasticity * (1 - (1 - adjustment_rate) ** horizon)


@quantity("fraction", efficiency_gain="fraction")
def demand_at_once(efficiency_gain: Samples) -> Samples:
    """Demand for compute on the day of the gain in efficiency, before anybody responds.

    demand_at_once = 1 ÷ efficiency_gain
    """
    return 1 / efficiency_gain


@quantity(
    "fraction", opaque=True,
    efficiency_gain="fraction", price_pass_through="fraction", first_year_elasticity="fraction",
)  # fmt: skip
def demand_change_in_first_year(
    efficiency_gain: Samples, price_pass_through: Samples, first_year_elasticity: Samples
) -> Samples:
    """Demand for compute after a year over that before the gain in efficiency, all else unchanged.

    demand_change_in_first_year = efficiency_gain^(price_pass_through × first_year_elasticity − 1)
    """
    return efficiency_gain ** (price_pass_through * first_year_elasticity - 1)


@quantity(
    "fraction", opaque=True,
    efficiency_gain="fraction", price_pass_through="fraction", elasticity_by_horizon="fraction",
)  # fmt: skip
def demand_change_by_horizon(
    efficiency_gain: Samples, price_pass_through: Samples, elasticity_by_horizon: Samples
) -> Samples:
    """Demand for compute at the horizon over that before the gain in efficiency, all else unchanged.

    demand_change_by_horizon = efficiency_gain^(price_pass_through × elasticity_by_horizon − 1)
    """
    return efficiency_gain ** (price_pass_through * elasticity_by_horizon - 1)


@quantity("fraction", demand_change_by_horizon="fraction", demand_shift="1/year", horizon="year")
def demand_change_with_growth(demand_change_by_horizon: Samples, demand_shift: Samples, horizon: Samples) -> Samples:
    """Demand for compute at the horizon, with what grows in any case.

    demand_change_with_growth = demand_change_by_horizon × exp(demand_shift × horizon)
    """
    return demand_change_by_horizon * np.exp(demand_shift * horizon)


@quantity("fraction", demand_change_with_growth="fraction", supply_limit="fraction")
def demand_change_within_supply(demand_change_with_growth: Samples, supply_limit: Samples) -> Samples:
    """Demand for compute at the horizon that can be met.

    demand_change_within_supply = min(demand_change_with_growth, supply_limit)

    Where supply binds, prices by the hour rise instead of quantities.
    """
    return np.minimum(demand_change_with_growth, supply_limit)


@quantity("probability", demand_change_within_supply="fraction")
def growth_despite_efficiency_probability(demand_change_within_supply: Samples) -> Samples:
    """Chance that demand for compute is higher at the horizon, the gain in efficiency and usual growth together.

    growth_despite_efficiency_probability = share of samples with demand_change_within_supply > 1
    """
    return np.where(demand_change_within_supply > 1, 1.0, 0.0)
