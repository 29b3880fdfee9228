"""Every quantity that Waterline can be asked for."""

from __future__ import annotations

import functools
import importlib

from waterline.core.catalogue import Catalogue

# By layer, from the ground up; within a layer in reading order.
MODULES = (
    "performance.training.quantities",
    "performance.training.design_choices",
    "performance.serving.quantities",
    "moat.touchpoint_effort",
    "moat.effort",
    "moat.portability",
    "moat.published_port",
    "cost.run",
    "cost.rental",
    "cost.market",
    "cost.scale_up",
    "cost.scale_out",
    "cost.power",
    "cost.cluster",
    "cost.ownership",
    "cost.rent_or_buy",
    "cost.tokens",
    "cost.published_day",
    "cost.chip_value",
    "cost.subscription",
    "cost.switching",
    "cost.programme",
    "cost.definitions",
    "cost.system",
    "market.episode",
    "market.growth",
    "market.capital_spending",
    "market.moves",
    "market.abnormal_return",
    "market.recovery",
    "market.fundamentals",
    "market.outlook",
    "market.reach",
    "market.valuation",
    "demand.accelerators",
    "demand.layers",
    "demand.training_share",
    "demand.evidence",
    "demand.spending",
    "demand.replacement",
    "demand.rebound",
    "demand.supply",
    "demand.challenge",
    "demand.shares",
    "demand.winner",
    "demand.price",
)


@functools.cache
def shipped_catalogue() -> Catalogue:
    """The quantities of all layers."""
    return Catalogue.of_modules(importlib.import_module(f"waterline.{name}") for name in MODULES)
