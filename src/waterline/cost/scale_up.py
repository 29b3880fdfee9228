"""The network inside a scale-up domain: switches built into servers and racks, or a torus of cables."""

from __future__ import annotations

from typing import Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.cost.topology import Torus, torus
from waterline.facts.roles import chip

_WIRING: dict[str, Any] = {
    "count": "count",
    "scale_up_domain": chip("count"),
    "torus_dimensions": chip("count", optional=True),
    "torus_cube_edge": "count",
    "optical_switch_ports": "count",
}


@quantity("count", count="count", chips_per_server=chip("count"), opaque=True)
def server_count(count: Samples, chips_per_server: Samples) -> Samples:
    """Servers (compute trays in a rack-scale system) of the cluster.

    server_count = count ÷ chips_per_server, rounded up
    """
    return np.ceil(count / chips_per_server)


@quantity("count", count="count", scale_up_switches_per_chip=chip("count"), opaque=True)
def scale_up_switches(count: Samples, scale_up_switches_per_chip: Samples) -> Samples:
    """Switch chips inside servers or racks that join a scale-up domain; their price is in the server's.

    scale_up_switches = count × scale_up_switches_per_chip, rounded up
    """
    return np.ceil(count * scale_up_switches_per_chip)


@quantity("count", opaque=True, **_WIRING)
def torus_electrical_links(
    count: Samples,
    scale_up_domain: Samples,
    torus_cube_edge: Samples,
    optical_switch_ports: Samples,
    torus_dimensions: Samples | None = None,
) -> Samples:
    """Copper links of a torus, inside the racks.

    torus_electrical_links = cubes × (dimensions × edge^dimensions − dimensions × edge^(dimensions − 1))

    None where the chips meet in switches. A pod of one cube closes its rings in copper.
    Source: Jouppi et al., TPU v4 (ISCA 2023), section 2.
    """
    return _torus(count, scale_up_domain, torus_cube_edge, optical_switch_ports, torus_dimensions).electrical_links


@quantity("count", opaque=True, **_WIRING)
def torus_optical_links(
    count: Samples,
    scale_up_domain: Samples,
    torus_cube_edge: Samples,
    optical_switch_ports: Samples,
    torus_dimensions: Samples | None = None,
) -> Samples:
    """Optical links of a torus, between the racks.

    torus_optical_links = cubes × dimensions × edge^(dimensions − 1)

    None where the chips meet in switches, or where a pod is one cube.
    Source: Jouppi et al., TPU v4 (ISCA 2023), section 2.
    """
    return _torus(count, scale_up_domain, torus_cube_edge, optical_switch_ports, torus_dimensions).optical_links


@quantity("count", opaque=True, **_WIRING)
def optical_circuit_switches(
    count: Samples,
    scale_up_domain: Samples,
    torus_cube_edge: Samples,
    optical_switch_ports: Samples,
    torus_dimensions: Samples | None = None,
) -> Samples:
    """Optical circuit switches that join the cubes of a torus to pods.

    optical_circuit_switches = pods × dimensions × edge^(dimensions − 1) × (2 × cubes per pod ÷ optical_switch_ports,
    rounded up)

    Source: Jouppi et al., TPU v4 (ISCA 2023), section 2: 48 for 4,096 chips.
    """
    return _torus(count, scale_up_domain, torus_cube_edge, optical_switch_ports, torus_dimensions).optical_switches


def _torus(count: Samples, domain: Samples, edge: Samples, switch_ports: Samples, dimensions: Samples | None) -> Torus:
    if dimensions is None:
        nothing = np.zeros(1)
        return Torus(nothing, nothing, nothing)
    return torus(count, domain, edge, dimensions, switch_ports)
