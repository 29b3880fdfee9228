"""Counting what wires a cluster: switches and links of a fat tree, links and optical switches of a torus.

Counts are arrays of shape ``(n,)``, one per sample. A fat tree of switches with ``ports`` ports gives half of each
switch's ports to the tier below and half to the tier above; rails that meet at the spine change which endpoint goes
to which leaf, not how many switches there are. Rails kept apart are planes: trees of their own.
Source: Al-Fares, Loukissas & Vahdat, A Scalable, Commodity Data Center Network Architecture (SIGCOMM 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from waterline.core.distribution import Samples
from waterline.core.errors import InputError


@dataclass(frozen=True)
class FatTree:
    """Fat trees that are alike, ``trees`` of them, each of so many endpoints; all ``(n,)`` or ``(1,)``.

    ``oversubscription`` thins the top tier of two or more. Each count is of all trees together.
    """

    trees: Samples
    endpoints: Samples
    ports: Samples
    oversubscription: Samples

    @property
    def leaves(self) -> Samples:
        """Switches next to the endpoints."""
        return self.trees * np.where(self._one_tier, 1.0, self._lower)

    @property
    def spines(self) -> Samples:
        """Switches of the second tier."""
        return self.trees * np.where(self._one_tier, 0.0, np.where(self._two_tiers, self._top, self._lower))

    @property
    def cores(self) -> Samples:
        """Switches of the third tier."""
        return self.trees * np.where(self._one_tier | self._two_tiers, 0.0, self._top)

    @property
    def links(self) -> Samples:
        """Links between endpoints and leaves and between tiers."""
        uplinks = self._lower * self.ports / 2
        thinned = uplinks / self.oversubscription
        above = np.where(self._one_tier, 0.0, np.where(self._two_tiers, thinned, uplinks + thinned))
        return self.trees * np.ceil(self.endpoints + above)

    @cached_property
    def _one_tier(self) -> NDArray[np.bool_]:
        return self.endpoints <= self.ports

    @cached_property
    def _two_tiers(self) -> NDArray[np.bool_]:
        return ~self._one_tier & (self.endpoints <= self.ports * self.ports / 2)

    @cached_property
    def _lower(self) -> Samples:
        """Switches of each tier below the top."""
        return np.ceil(self.endpoints / (self.ports / 2))

    @cached_property
    def _top(self) -> Samples:
        return np.ceil(self._lower / (2 * self.oversubscription))


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
    return FatTree(trees, endpoints / trees, ports, oversubscription)


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
