"""Counting what wires a cluster: switches and links of a fat tree, links and optical switches of a torus.

Counts are arrays of shape ``(n,)``, one per sample. A fat tree of switches with ``ports`` ports gives half of each
switch's ports to the tier below and half to the tier above; rails that meet at the spine change which endpoint goes
to which leaf, not how many switches there are. Rails kept apart are planes: trees of their own.
Source: Al-Fares, Loukissas & Vahdat, A Scalable, Commodity Data Center Network Architecture (SIGCOMM 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import InputError


@dataclass(frozen=True, slots=True)
class FatTree:
    """Switches by tier, and links between endpoints and leaves and between tiers; ``(n,)`` or ``(1,)``."""

    leaves: Samples
    spines: Samples
    cores: Samples
    links: Samples


@dataclass(frozen=True, slots=True)
class Torus:
    """Links in copper inside a cube, optical links between cubes, and optical circuit switches; shapes ``(n,)``."""

    electrical_links: Samples
    optical_links: Samples
    optical_switches: Samples


def largest_fat_tree(ports: Samples) -> Samples:
    """Endpoints of a full fat tree of three tiers: ports³ ÷ 4."""
    return ports**3 / 4


def fat_tree(endpoints: Samples, ports: Samples, oversubscription: Samples, planes: Samples) -> FatTree:
    """The smallest fat trees of one to three tiers, one for each of the ``planes``, that take all endpoints.

    ``oversubscription`` thins the top tier of two or more: 1 keeps full bisection bandwidth. Single samples that
    three tiers do not take (where the rate of a port is a range) are wired as several trees side by side.
    Raises InputError when three tiers do not take the median number of endpoints.
    """
    endpoints, ports, oversubscription, planes = map(np.asarray, (endpoints, ports, oversubscription, planes))
    largest = planes * largest_fat_tree(ports)
    if np.median(endpoints) > np.median(largest):
        raise InputError(
            f"{np.median(endpoints):,.0f} network ports are more than three tiers of switches with "
            f"{np.median(ports):g} ports can wire ({np.median(largest):,.0f}); ask for a smaller count, or for a "
            "switch with more ports"
        )
    trees = planes * np.ceil(endpoints / largest)
    endpoints = endpoints / trees
    half = ports / 2
    one = endpoints <= ports
    two = ~one & (endpoints <= ports * half)
    lower = np.ceil(endpoints / half)
    top = np.ceil(lower / (2 * oversubscription))
    uplinks = lower * half
    thinned = uplinks / oversubscription
    links = np.where(one, endpoints, endpoints + np.where(two, thinned, uplinks + thinned))
    return FatTree(
        leaves=trees * np.where(one, 1.0, lower),
        spines=trees * np.where(one, 0.0, np.where(two, top, lower)),
        cores=trees * np.where(one | two, 0.0, top),
        links=trees * np.ceil(links),
    )


def torus(count: Samples, pod: Samples, edge: Samples, dimensions: Samples, switch_ports: Samples) -> Torus:
    """Links of pods wired as a torus out of cubes of ``edge`` chips a side, whole cubes and pods.

    Links inside a cube are copper. A pod of one cube closes its rings inside; in larger pods every link that leaves
    a cube is optical and goes through an optical circuit switch, one switch for each pair of opposite ports of a cube,
    and as many of them side by side as the pod's cubes need ports.
    Source: Jouppi et al., TPU v4 (ISCA 2023), section 2: 48 switches of 136 ports for 64 cubes of 4 × 4 × 4.
    """
    cube = edge**dimensions
    face = dimensions * edge ** (dimensions - 1)  # pairs of opposite ports on a cube's surface
    pods = np.ceil(count / pod)
    cubes = np.ceil(count / cube)
    cubes_in_pod = np.ceil(np.minimum(count, pod) / cube)
    alone = cubes_in_pod <= 1
    within = cubes * (dimensions * cube - face)
    return Torus(
        electrical_links=np.where(alone, cubes * dimensions * cube, within),
        optical_links=np.where(alone, 0.0, cubes * face),
        optical_switches=np.where(alone, 0.0, pods * face * np.ceil(2 * cubes_in_pod / switch_ports)),
    )
