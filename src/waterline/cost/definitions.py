"""Which way of costing did a quoted figure use? The chance that each comes within a tolerance of it."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import figure


def near(cost: Samples, quoted: Samples, tolerance: Samples) -> Samples:
    """1 where ``cost`` lies within a factor (1 + tolerance) of ``quoted``, else 0."""
    return np.where(np.abs(np.log(cost / quoted)) <= np.log(1 + tolerance), 1.0, 0.0)


@quantity("probability", rental_cost="USD", amount=figure("USD"), quote_tolerance="fraction")
def rental_cost_explains(rental_cost: Samples, amount: Samples, quote_tolerance: Samples) -> Samples:
    """Chance that the rent of the final run is the quoted figure.

    rental_cost_explains = share of samples with rental_cost within quote_tolerance of amount
    """
    return near(rental_cost, amount, quote_tolerance)


@quantity("probability", ownership_cost="USD", amount=figure("USD"), quote_tolerance="fraction")
def ownership_cost_explains(ownership_cost: Samples, amount: Samples, quote_tolerance: Samples) -> Samples:
    """Chance that the owner's cost of the final run is the quoted figure.

    ownership_cost_explains = share of samples with ownership_cost within quote_tolerance of amount
    """
    return near(ownership_cost, amount, quote_tolerance)


@quantity("probability", market_cost="USD", amount=figure("USD"), quote_tolerance="fraction")
def market_cost_explains(market_cost: Samples, amount: Samples, quote_tolerance: Samples) -> Samples:
    """Chance that the market cost of making the model is the quoted figure.

    market_cost_explains = share of samples with market_cost within quote_tolerance of amount
    """
    return near(market_cost, amount, quote_tolerance)


@quantity("probability", training_cluster_capital="USD", amount=figure("USD"), quote_tolerance="fraction")
def training_cluster_capital_explains(
    training_cluster_capital: Samples, amount: Samples, quote_tolerance: Samples
) -> Samples:
    """Chance that the price of the training cluster is the quoted figure.

    training_cluster_capital_explains = share of samples with training_cluster_capital within quote_tolerance of amount
    """
    return near(training_cluster_capital, amount, quote_tolerance)


@quantity("probability", fleet_capital="USD", amount=figure("USD"), quote_tolerance="fraction")
def fleet_capital_explains(fleet_capital: Samples, amount: Samples, quote_tolerance: Samples) -> Samples:
    """Chance that the price of the laboratory's whole fleet is the quoted figure.

    fleet_capital_explains = share of samples with fleet_capital within quote_tolerance of amount
    """
    return near(fleet_capital, amount, quote_tolerance)


@quantity("probability", programme_cost="USD", amount=figure("USD"), quote_tolerance="fraction")
def programme_cost_explains(programme_cost: Samples, amount: Samples, quote_tolerance: Samples) -> Samples:
    """Chance that the programme over its years is the quoted figure.

    programme_cost_explains = share of samples with programme_cost within quote_tolerance of amount
    """
    return near(programme_cost, amount, quote_tolerance)
