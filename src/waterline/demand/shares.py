"""Shares of the accelerators sold: where they stand, and where cost, lock-in and supply take them by a horizon.

A small model. In each group of buyers the odds of every challenger against the incumbent grow at a steady rate
(`challenger_drift`), from where they stand today. China has a challenger of its own, and chips made for it.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, of, quantity
from waterline.demand.challenge import challenger, incumbent
from waterline.facts.roles import vendor

latest_stock, earlier_stock = (
    Role(f"vendor.{name}", kind="accelerator_stock", follows=(vendor, name))
    for name in ("latest_stock", "earlier_stock")
)
google, amazon, amd, huawei = (
    Role(name, kind="vendor", default=entity)
    for name, entity in (("google", "goog"), ("amazon", "amzn"), ("amd", "amd"), ("huawei", "huawei"))
)
chip_for_china = Role("chip_for_china", kind="chip", default="h20")
hyperscalers, laboratory_buyers, enterprises, china = (
    Role(name, kind="buyer_type", default=entity)
    for name, entity in (
        ("hyperscalers", "hyperscaler"),
        ("laboratory_buyers", "laboratory"),
        ("enterprises", "enterprise-and-state"),
        ("china", "china"),
    )
)
cloud_owner, laboratory_owner, product_team = (
    Role(f"mover_{name}".replace("-", "_"), kind="mover", default=name)
    for name in ("cloud-owner", "frontier-laboratory", "product-team")
)
PURCHASES: dict[str, Any] = {
    "hyperscaler_weight": hyperscalers("fraction", attribute="purchase_share"),
    "laboratory_weight": laboratory_buyers("fraction", attribute="purchase_share"),
    "enterprise_weight": enterprises("fraction", attribute="purchase_share"),
}


def by_group(name: str, unit: str) -> dict[str, Any]:
    """A quantity as each group of buyers outside China has it, under whoever decides to move there."""
    return {
        "hyperscaler_part": of(name, unit, buyer_type=hyperscalers, deciding_mover=cloud_owner),
        "laboratory_part": of(name, unit, buyer_type=laboratory_buyers, deciding_mover=laboratory_owner),
        "enterprise_part": of(name, unit, buyer_type=enterprises, deciding_mover=product_team),
    }


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


@quantity(
    "fraction", opaque=True, share_now=of("vendor_share_now", "fraction", vendor=challenger),
    incumbent_now=of("vendor_share_now", "fraction", vendor=incumbent), challenger_drift="1/year", horizon="year",
)  # fmt: skip
def challenger_odds(share_now: Samples, incumbent_now: Samples, challenger_drift: Samples, horizon: Samples) -> Samples:
    """What a challenger sells over what the incumbent sells in a group of buyers, at the horizon.

    challenger_odds = share_now ÷ incumbent_now × exp(challenger_drift × horizon)

    Every group starts at the same odds, since shares by group are not published.
    """
    return share_now / incumbent_now * np.exp(challenger_drift * horizon)


@quantity(
    "fraction",
    within=(0, 1),
    google_odds=of("challenger_odds", "fraction", challenger=google),
    amazon_odds=of("challenger_odds", "fraction", challenger=amazon),
    amd_odds=of("challenger_odds", "fraction", challenger=amd),
)
def incumbent_share_of_group(google_odds: Samples, amazon_odds: Samples, amd_odds: Samples) -> Samples:
    """The incumbent's share in one group of buyers outside China at the horizon.

    incumbent_share_of_group = 1 ÷ (1 + google_odds + amazon_odds + amd_odds)
    """
    return 1 / (1 + google_odds + amazon_odds + amd_odds)


@quantity(
    "fraction",
    incumbency=vendor("fraction"),
    challenger_odds="fraction",
    incumbent_share_of_group="fraction",
)
def vendor_share_of_group(incumbency: Samples, challenger_odds: Samples, incumbent_share_of_group: Samples) -> Samples:
    """A vendor's share in one group of buyers outside China at the horizon.

    vendor_share_of_group = (incumbency + (1 − incumbency) × challenger_odds) × incumbent_share_of_group
    """
    return (incumbency + (1 - incumbency) * challenger_odds) * incumbent_share_of_group


@quantity("fraction", within=(0, 1), **PURCHASES, **by_group("vendor_share_of_group", "fraction"))
def vendor_share_outside_china(
    hyperscaler_weight: Samples,
    laboratory_weight: Samples,
    enterprise_weight: Samples,
    hyperscaler_part: Samples,
    laboratory_part: Samples,
    enterprise_part: Samples,
) -> Samples:
    """A vendor's share of purchases outside China at the horizon.

    vendor_share_outside_china = (hyperscaler_weight × hyperscaler_part + laboratory_weight × laboratory_part
        + enterprise_weight × enterprise_part) ÷ (hyperscaler_weight + laboratory_weight + enterprise_weight)
    """
    return _mean_of_groups(
        (hyperscaler_weight, hyperscaler_part),
        (laboratory_weight, laboratory_part),
        (enterprise_weight, enterprise_part),
    )


@quantity(
    "fraction", opaque=True, within=(0, 1), china_incumbent_share="fraction", horizon="year",
    drift=of(
        "challenger_drift", "1/year", challenger=huawei, incumbent_chip=chip_for_china, buyer_type=china,
        deciding_mover=cloud_owner,
    ),
)  # fmt: skip
def incumbent_share_in_china(china_incumbent_share: Samples, drift: Samples, horizon: Samples) -> Samples:
    """The incumbent's share of purchases in China at the horizon.

    incumbent_share_in_china = 1 ÷ (1 + (1 − china_incumbent_share) ÷ china_incumbent_share × exp(drift × horizon))
    """
    return 1 / (1 + (1 - china_incumbent_share) / china_incumbent_share * np.exp(drift * horizon))


@quantity("fraction", **PURCHASES, china_weight=china("fraction", attribute="purchase_share"))
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
    incumbency=vendor("fraction"),
    vendor_share_outside_china="fraction",
    incumbent_share_in_china="fraction",
    purchases_outside_china="fraction",
)
def vendor_share(
    incumbency: Samples,
    vendor_share_outside_china: Samples,
    incumbent_share_in_china: Samples,
    purchases_outside_china: Samples,
) -> Samples:
    """A vendor's share of all accelerators sold at the horizon, by operations per second.

    vendor_share = purchases_outside_china × vendor_share_outside_china
        + incumbency × (1 − purchases_outside_china) × incumbent_share_in_china
    """
    inside = (1 - purchases_outside_china) * incumbent_share_in_china
    return purchases_outside_china * vendor_share_outside_china + incumbency * inside


@quantity("1/year", **PURCHASES, **by_group("challenger_drift", "1/year"))
def challenger_gain_by_cost(
    hyperscaler_weight: Samples,
    laboratory_weight: Samples,
    enterprise_weight: Samples,
    hyperscaler_part: Samples,
    laboratory_part: Samples,
    enterprise_part: Samples,
) -> Samples:
    """How fast a challenger gains on the incumbent outside China by what its chips cost, mean of the groups.

    challenger_gain_by_cost = (hyperscaler_weight × hyperscaler_part + laboratory_weight × laboratory_part
        + enterprise_weight × enterprise_part) ÷ (hyperscaler_weight + laboratory_weight + enterprise_weight)
    """
    return _mean_of_groups(
        (hyperscaler_weight, hyperscaler_part),
        (laboratory_weight, laboratory_part),
        (enterprise_weight, enterprise_part),
    )


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


def _mean_of_groups(*groups: tuple[Samples, Samples]) -> Samples:
    """Mean of the parts, each with its weight."""
    weighted = functools.reduce(operator.add, (weight * part for weight, part in groups))
    return weighted / functools.reduce(operator.add, (weight for weight, _ in groups))
