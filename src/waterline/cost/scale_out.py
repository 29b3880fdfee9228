"""The network between servers: a fat tree of switches, its optics and its cables, counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.cost.topology import fat_tree, largest_fat_tree
from waterline.facts.roles import chip, switch

_TREE: dict[str, Any] = {
    "scale_out_endpoints": "count",
    "ports": switch("count"),
    "fabric_oversubscription": "fraction",
    "fabric_planes": "count",
}


@quantity("Gbit/s", scale_out_bw=chip("Gbit/s", optional=True), assumed_scale_out_rate="Gbit/s")
def scale_out_rate(assumed_scale_out_rate: Samples, scale_out_bw: Samples | None = None) -> Samples:
    """Rate of the network between servers that one accelerator has for itself, each direction.

    scale_out_rate = scale_out_bw

    An assumed rate stands in for chips whose network is not known.
    """
    return assumed_scale_out_rate * 1.0 if scale_out_bw is None else scale_out_bw * 1.0


@quantity("count", count="count", scale_out_rate="Gbit/s", port_rate=switch("Gbit/s"), opaque=True)
def scale_out_endpoints(count: Samples, scale_out_rate: Samples, port_rate: Samples) -> Samples:
    """Ports that the accelerators' network cards take on the leaf switches.

    scale_out_endpoints = count × scale_out_rate ÷ port_rate, rounded up
    """
    return np.ceil(count * scale_out_rate / port_rate)


@quantity("count", opaque=True, **_TREE)
def leaf_switches(
    scale_out_endpoints: Samples, ports: Samples, fabric_oversubscription: Samples, fabric_planes: Samples
) -> Samples:
    """Switches next to the servers, one rail each or several.

    leaf_switches = scale_out_endpoints ÷ (ports ÷ 2), rounded up; one for each of fabric_planes where its endpoints fit

    Source: Al-Fares et al., A Scalable, Commodity Data Center Network Architecture (SIGCOMM 2008).
    """
    return fat_tree(scale_out_endpoints, ports, fabric_oversubscription, fabric_planes).leaves


@quantity("count", opaque=True, **_TREE)
def spine_switches(
    scale_out_endpoints: Samples, ports: Samples, fabric_oversubscription: Samples, fabric_planes: Samples
) -> Samples:
    """Switches of the second tier.

    spine_switches = leaf_switches where there is a third tier, else leaf_switches ÷ (2 × fabric_oversubscription)

    Source: Al-Fares et al. (SIGCOMM 2008).
    """
    return fat_tree(scale_out_endpoints, ports, fabric_oversubscription, fabric_planes).spines


@quantity("count", opaque=True, **_TREE)
def core_switches(
    scale_out_endpoints: Samples, ports: Samples, fabric_oversubscription: Samples, fabric_planes: Samples
) -> Samples:
    """Switches of the third tier, which more than ports² ÷ 2 endpoints in a plane need.

    core_switches = leaf_switches ÷ (2 × fabric_oversubscription), rounded up, where there is a third tier

    Source: Al-Fares et al. (SIGCOMM 2008).
    """
    return fat_tree(scale_out_endpoints, ports, fabric_oversubscription, fabric_planes).cores


@quantity("count", opaque=True, **_TREE)
def scale_out_links(
    scale_out_endpoints: Samples, ports: Samples, fabric_oversubscription: Samples, fabric_planes: Samples
) -> Samples:
    """Cables of the network between servers, each with a transceiver at either end.

    scale_out_links = scale_out_endpoints + leaf_switches × ports ÷ 2, once for each tier above the leaves

    The links to the top tier are divided by fabric_oversubscription.
    """
    return fat_tree(scale_out_endpoints, ports, fabric_oversubscription, fabric_planes).links


@quantity("count", leaf_switches="count", spine_switches="count", core_switches="count")
def scale_out_switches(leaf_switches: Samples, spine_switches: Samples, core_switches: Samples) -> Samples:
    """Switches of the network between servers, all tiers.

    scale_out_switches = leaf_switches + spine_switches + core_switches
    """
    return leaf_switches + spine_switches + core_switches


@quantity(
    "count", ports=switch("count"), scale_out_rate="Gbit/s", port_rate=switch("Gbit/s"), fabric_planes="count"
)  # fmt: skip
def largest_cluster_by_radix(
    ports: Samples, scale_out_rate: Samples, port_rate: Samples, fabric_planes: Samples
) -> Samples:
    """Accelerators that three tiers of the switch can wire.

    largest_cluster_by_radix = fabric_planes × ports³ ÷ 4 × port_rate ÷ scale_out_rate
    """
    return fabric_planes * largest_fat_tree(ports) * port_rate / scale_out_rate
