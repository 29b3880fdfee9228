"""Power and floor of a cluster, and how large it may grow before power or switches run out."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, operator, server, switch


@quantity(
    "kW", tdp=chip("kW"), server_power_ratio=chip("fraction"), server_load="fraction",
    power=server("kW", optional=True), chips=server("count", optional=True),
)  # fmt: skip
def power_per_chip(
    tdp: Samples,
    server_power_ratio: Samples,
    server_load: Samples,
    power: Samples | None = None,
    chips: Samples | None = None,
) -> Samples:
    """Power drawn at the wall of the server under load, for one accelerator.

    power_per_chip = server_load × power ÷ chips

    The rated power of the server that the chip comes in; where none is known, tdp × server_power_ratio.
    """
    if power is None or chips is None:
        return tdp * server_power_ratio
    return power / chips * server_load


@quantity("kW", count="count", power_per_chip="kW")
def server_power(count: Samples, power_per_chip: Samples) -> Samples:
    """Power of all servers, accelerators included.

    server_power = count × power_per_chip
    """
    return count * power_per_chip


@quantity("kW", scale_out_switches="count", unit_power=switch("kW"))
def switch_power(scale_out_switches: Samples, unit_power: Samples) -> Samples:
    """Power of the switches between servers, without their optics.

    switch_power = scale_out_switches × unit_power
    """
    return scale_out_switches * unit_power


@quantity("kW", transceivers="count", port_rate=switch("Gbit/s"), transceiver_power_per_rate="kW*s/Gbit")
def transceiver_power(transceivers: Samples, port_rate: Samples, transceiver_power_per_rate: Samples) -> Samples:
    """Power of the optical transceivers.

    transceiver_power = transceivers × port_rate × transceiver_power_per_rate
    """
    return transceivers * port_rate * transceiver_power_per_rate


@quantity("kW", server_power="kW", storage_power_ratio="fraction")
def storage_power(server_power: Samples, storage_power_ratio: Samples) -> Samples:
    """Power of storage, management servers and the front-end network.

    storage_power = server_power × storage_power_ratio
    """
    return server_power * storage_power_ratio


@quantity("kW", server_power="kW", switch_power="kW", transceiver_power="kW", storage_power="kW")
def cluster_it_power(
    server_power: Samples, switch_power: Samples, transceiver_power: Samples, storage_power: Samples
) -> Samples:
    """Power of everything that computes, stores or switches.

    cluster_it_power = server_power + switch_power + transceiver_power + storage_power
    """
    return server_power + switch_power + transceiver_power + storage_power


@quantity("MW", cluster_it_power="MW", pue=operator("fraction"))
def cluster_site_power(cluster_it_power: Samples, pue: Samples) -> Samples:
    """Power that the site draws from its supply, cooling and losses included.

    cluster_site_power = cluster_it_power × pue
    """
    return cluster_it_power * pue


@quantity("count", count="count", chips_per_rack=chip("count"), opaque=True)
def rack_count(count: Samples, chips_per_rack: Samples) -> Samples:
    """Racks that hold accelerators.

    rack_count = count ÷ chips_per_rack, rounded up
    """
    return np.ceil(count / chips_per_rack)


@quantity("m**2", rack_count="count", floor_per_rack="m**2")
def cluster_floor_area(rack_count: Samples, floor_per_rack: Samples) -> Samples:
    """Floor of the computer rooms: racks, aisles, and the cooling and distribution inside the room.

    cluster_floor_area = rack_count × floor_per_rack
    """
    return rack_count * floor_per_rack


@quantity("count", site_power_limit="MW", cluster_site_power="MW", count="count")
def largest_cluster_by_power(site_power_limit: Samples, cluster_site_power: Samples, count: Samples) -> Samples:
    """Accelerators that one site's supply can feed.

    largest_cluster_by_power = site_power_limit ÷ (cluster_site_power ÷ count)
    """
    return site_power_limit / (cluster_site_power / count)


@quantity("count", largest_cluster_by_power="count", largest_cluster_by_radix="count")
def largest_cluster(largest_cluster_by_power: Samples, largest_cluster_by_radix: Samples) -> Samples:
    """Accelerators that one site can hold as one cluster: what runs out first, power or ports.

    largest_cluster = the smaller of largest_cluster_by_power and largest_cluster_by_radix
    """
    return np.minimum(largest_cluster_by_power, largest_cluster_by_radix)
