"""Shares of the accelerators sold: where they stand, and where cost, lock-in and supply take them by a horizon.

A small model. In each group of buyers the odds of challengers against the incumbent grow at a steady rate: the cost
advantage times a response, slowed by what binds the group, and no faster than challengers can be supplied. Challengers
outside China keep their proportions among themselves.
"""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, of, quantity
from waterline.facts.roles import vendor

latest_stock, earlier_stock = (
    Role(f"vendor.{name}", kind="accelerator_stock", follows=(vendor, name))
    for name in ("latest_stock", "earlier_stock")
)
incumbent = Role("incumbent", kind="vendor", default="nvda")
buyer_type = Role("buyer_type", default="hyperscaler")
hyperscalers, laboratory_buyers, enterprises, china = (
    Role(name, kind="buyer_type", default=entity)
    for name, entity in (
        ("hyperscalers", "hyperscaler"),
        ("laboratory_buyers", "laboratory"),
        ("enterprises", "enterprise-and-state"),
        ("china", "china"),
    )
)


@quantity(
    "count",
    latest_count=latest_stock("count", attribute="h100_equivalents"),
    earlier_count=earlier_stock("count", attribute="h100_equivalents"),
)
def added_accelerators(latest_count: Samples, earlier_count: Samples) -> Samples:
    """Accelerators that a vendor added in the latest year counted, in H100 equivalents.

    added_accelerators = max(latest_count − earlier_count, 0)
    """
    return np.maximum(latest_count - earlier_count, 0.0)


@quantity("fraction", added_accelerators="count", accelerators_added="count", within=(0, 1))
def vendor_share_now(added_accelerators: Samples, accelerators_added: Samples) -> Samples:
    """A vendor's share of the accelerators added in the latest year counted, by operations per second.

    vendor_share_now = min(added_accelerators ÷ accelerators_added, 0.999)

    Without Huawei and other makers of China, which nobody counts in the same way.
    """
    return np.minimum(added_accelerators / accelerators_added, 0.999)


@quantity("1/year", cost_response="1/year", rival_cost_ratio="fraction")
def cost_pull(cost_response: Samples, rival_cost_ratio: Samples) -> Samples:
    """How fast the odds of challengers would grow if nothing bound their buyers; below zero, they lose.

    cost_pull = −cost_response × ln(rival_cost_ratio)
    """
    return -cost_response * np.log(rival_cost_ratio)


def incumbent_path(share: Samples, speed: Samples, pull: Samples, supply: Samples, years: Samples) -> Samples:
    """The incumbent's share after ``years``: logistic from ``share``, at the group's speed, no faster than supply."""
    odds = (1 - share) / share * np.exp(np.minimum(speed * pull, supply) * years)
    return 1 / (1 + odds)


@quantity(
    "fraction", opaque=True, within=(0, 1),
    switching_speed=buyer_type("fraction"), incumbent_now=of("vendor_share_now", "fraction", vendor=incumbent),
    cost_pull="1/year", rival_supply_lead="1/year", horizon="year",
)  # fmt: skip
def incumbent_share_of_group(
    switching_speed: Samples, incumbent_now: Samples, cost_pull: Samples, rival_supply_lead: Samples, horizon: Samples
) -> Samples:
    """The incumbent's share in one group of buyers outside China at the horizon.

    incumbent_share_of_group = 1 ÷ (1 + (1 − incumbent_now) ÷ incumbent_now
        × exp(min(switching_speed × cost_pull, rival_supply_lead) × horizon))

    Every group starts at the same share, since shares by group are not published.
    """
    return incumbent_path(incumbent_now, switching_speed, cost_pull, rival_supply_lead, horizon)


@quantity(
    "fraction", opaque=True, within=(0, 1),
    switching_speed=china("fraction"), china_incumbent_share="fraction",
    cost_pull="1/year", rival_supply_lead="1/year", horizon="year",
)  # fmt: skip
def incumbent_share_in_china(
    switching_speed: Samples,
    china_incumbent_share: Samples,
    cost_pull: Samples,
    rival_supply_lead: Samples,
    horizon: Samples,
) -> Samples:
    """The incumbent's share of purchases in China at the horizon.

    incumbent_share_in_china = 1 ÷ (1 + (1 − china_incumbent_share) ÷ china_incumbent_share
        × exp(min(switching_speed × cost_pull, rival_supply_lead) × horizon))
    """
    return incumbent_path(china_incumbent_share, switching_speed, cost_pull, rival_supply_lead, horizon)


@quantity(
    "fraction",
    hyperscaler_weight=hyperscalers("fraction", attribute="purchase_share"),
    laboratory_weight=laboratory_buyers("fraction", attribute="purchase_share"),
    enterprise_weight=enterprises("fraction", attribute="purchase_share"),
    china_weight=china("fraction", attribute="purchase_share"),
)
def purchases_outside_china(
    hyperscaler_weight: Samples, laboratory_weight: Samples, enterprise_weight: Samples, china_weight: Samples
) -> Samples:
    """Share of accelerator purchases outside China; the four groups are scaled to sum to one.

    purchases_outside_china = 1 − china_weight ÷ (hyperscaler_weight + laboratory_weight + enterprise_weight +
    china_weight)
    """
    return 1 - china_weight / (hyperscaler_weight + laboratory_weight + enterprise_weight + china_weight)


@quantity(
    "fraction",
    within=(0, 1),
    hyperscaler_weight=hyperscalers("fraction", attribute="purchase_share"),
    laboratory_weight=laboratory_buyers("fraction", attribute="purchase_share"),
    enterprise_weight=enterprises("fraction", attribute="purchase_share"),
    hyperscaler_part=of("incumbent_share_of_group", "fraction", buyer_type=hyperscalers),
    laboratory_part=of("incumbent_share_of_group", "fraction", buyer_type=laboratory_buyers),
    enterprise_part=of("incumbent_share_of_group", "fraction", buyer_type=enterprises),
)
def incumbent_share_outside_china(
    hyperscaler_weight: Samples,
    laboratory_weight: Samples,
    enterprise_weight: Samples,
    hyperscaler_part: Samples,
    laboratory_part: Samples,
    enterprise_part: Samples,
) -> Samples:
    """The incumbent's share of purchases outside China at the horizon.

    incumbent_share_outside_china = (hyperscaler_weight × hyperscaler_part + laboratory_weight × laboratory_part
        + enterprise_weight × enterprise_part) ÷ (hyperscaler_weight + laboratory_weight + enterprise_weight)
    """
    parts = (
        hyperscaler_weight * hyperscaler_part
        + laboratory_weight * laboratory_part
        + enterprise_weight * enterprise_part
    )
    return parts / (hyperscaler_weight + laboratory_weight + enterprise_weight)


@quantity(
    "fraction",
    within=(0, 1),
    incumbency=vendor("fraction"),
    vendor_share_now="fraction",
    incumbent_now=of("vendor_share_now", "fraction", vendor=incumbent),
    incumbent_share_outside_china="fraction",
    incumbent_share_in_china="fraction",
    purchases_outside_china="fraction",
)
def vendor_share(
    incumbency: Samples,
    vendor_share_now: Samples,
    incumbent_now: Samples,
    incumbent_share_outside_china: Samples,
    incumbent_share_in_china: Samples,
    purchases_outside_china: Samples,
) -> Samples:
    """A vendor's share of all accelerators sold at the horizon, by operations per second.

    vendor_share = incumbency × (purchases_outside_china × incumbent_share_outside_china
        + (1 − purchases_outside_china) × incumbent_share_in_china)
        + (1 − incumbency) × purchases_outside_china × (1 − incumbent_share_outside_china)
        × vendor_share_now ÷ (1 − incumbent_now)
    """
    outside, inside = purchases_outside_china, 1 - purchases_outside_china
    leader = outside * incumbent_share_outside_china + inside * incumbent_share_in_china
    challengers = outside * (1 - incumbent_share_outside_china)
    return incumbency * leader + (1 - incumbency) * challengers * vendor_share_now / (1 - incumbent_now)


@quantity("fraction", incumbent_share_in_china="fraction", purchases_outside_china="fraction", within=(0, 1))
def chinese_vendor_share(incumbent_share_in_china: Samples, purchases_outside_china: Samples) -> Samples:
    """Share of Huawei and other makers of China in all accelerators sold at the horizon.

    chinese_vendor_share = (1 − purchases_outside_china) × (1 − incumbent_share_in_china)
    """
    return (1 - purchases_outside_china) * (1 - incumbent_share_in_china)


@quantity(
    "fraction", within=(0, 1), latest_count=latest_stock("count", attribute="h100_equivalents"),
    accelerators_at_end="count",
)  # fmt: skip
def vendor_stock_share(latest_count: Samples, accelerators_at_end: Samples) -> Samples:
    """A vendor's share of all accelerators sold so far, by operations per second.

    vendor_stock_share = latest_count ÷ max(accelerators_at_end, latest_count)
    """
    return latest_count / np.maximum(accelerators_at_end, latest_count)
