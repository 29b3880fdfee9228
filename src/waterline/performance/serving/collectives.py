"""Collectives of small messages: a latency per call, then bytes over links, PCIe or the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array


@dataclass(frozen=True)
class Links:
    """What joins the ranks of a group: seconds per call, and bytes/s per rank and direction."""

    latency: Array
    rate: Array


@dataclass(frozen=True)
class Collective:
    """Seconds of a collective: those of the `call`, and those of each byte of a rank's message."""

    call: Array
    byte: Array


def links_of(setting: Setting, constants: Constants, ranks: Array) -> Links:
    """The links of a group of `ranks` chips: the slowest that the group needs.

    Latency grows with each doubling of the group; groups larger than the scale-up domain cross the network.
    """
    silicon = setting.silicon
    switched = np.asarray(silicon.switched) > 0
    call = np.where(switched, setting.family.values(constants, "call_latency"), constants["bus_latency"])
    share = np.where(switched, constants["message_fraction"], constants["bus_fraction"])
    inside = np.asarray(ranks) <= np.where(switched, silicon.domain, constants["bus_ranks"])
    rate = np.where(inside, silicon.link_rate * share, silicon.network_rate * constants["network_fraction"])
    latency = np.where(inside, call, constants["network_call"])
    growth = 1.0 + constants["latency_growth"] * np.log2(np.maximum(ranks, 2.0) / 2.0)
    return Links(np.asarray(latency * growth), np.asarray(rate))


def all_reduce(links: Links, ranks: Array) -> Collective:
    """Summing a message over `ranks`: 2(n − 1)/n of the data crosses each rank's link."""
    return _among(ranks, links, 2.0 * (ranks - 1.0) / ranks)


def expert_exchange(links: Links, ranks: Array, copies: Array) -> Collective:
    """Handing the tokens of each rank to the ranks of their experts, or back.

    The cheaper of sending each token to its `copies` experts and of gathering all tokens everywhere.
    """
    reached = ranks * (1.0 - (1.0 - 1.0 / ranks) ** copies)
    return _among(ranks, links, np.minimum(reached, ranks - 1.0))


def _among(ranks: Array, links: Links, moved: Array) -> Collective:
    """A collective that moves `moved` times the message over each rank's link; nothing for a single rank."""
    some = ranks > 1.0
    return Collective(np.where(some, links.latency, 0.0), np.where(some, moved / links.rate, 0.0))
