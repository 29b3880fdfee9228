"""Collective communication by latency and bandwidth over two levels: scale-up domain and network.

A group of n ranks with stride s (ranks s apart) has min(n, domain/s) members inside one scale-up domain. Ring and
hierarchical algorithms move (n-1)/n of the data (Thakur, Rabenseifner, Gropp 2005); of this the share between
domains crosses the network, where every member of the group in a domain brings its own adapter.
"""

from __future__ import annotations

import numpy as np

from waterline.performance.chip import Machine
from waterline.performance.table import Array


def members_inside(machine: Machine, size: Array, stride: Array) -> Array:
    """Members of a group that share one scale-up domain, at least 1."""
    return np.asarray(np.clip(np.floor(machine.domain / stride), 1.0, size))


def gather_time(machine: Machine, size: Array, stride: Array, total_bytes: Array) -> Array:
    """Seconds of an all-gather or reduce-scatter of `total_bytes` (the whole, not one share); 0 for one rank."""
    inside = members_inside(machine, size, stride)
    outside = size / inside
    local = total_bytes * (inside - 1.0) / inside / machine.link_rate
    remote = total_bytes * (outside - 1.0) / outside / (inside * machine.network_rate)
    latency = machine.link_latency * (inside - 1.0) + machine.network_latency * np.log2(outside)
    return np.asarray(np.where(size > 1.0, np.maximum(local, remote) + latency, 0.0))


def reduce_time(machine: Machine, size: Array, stride: Array, total_bytes: Array) -> Array:
    """Seconds of an all-reduce: a reduce-scatter and an all-gather."""
    return 2.0 * gather_time(machine, size, stride, total_bytes)


def exchange_time(
    machine: Machine,
    size: Array,
    stride: Array,
    sent_bytes: Array,
    *,
    copies: Array,
    deduplicated: float | Array,
    network_gain: float | Array = 1.0,
) -> Array:
    """Seconds of an all-to-all in which each rank sends `sent_bytes`, `copies` messages per token.

    Tokens for several experts in one domain cross the network once when `deduplicated` (DeepSeek-V3 report,
    section 3.2.2, arXiv 2412.19437): a token reaches on average d(1-(1-1/d)^copies) of d domains. `network_gain`
    is the network rate of exchange kernels over that of other collectives.
    """
    inside = members_inside(machine, size, stride)
    domains = np.maximum(size / inside, 1.0)
    away = (domains - 1.0) / domains
    reached = domains * (1.0 - (1.0 - 1.0 / domains) ** copies) / np.maximum(copies, 1.0)
    once = np.where(np.asarray(deduplicated) > 0, np.minimum(reached, 1.0), 1.0)
    local = sent_bytes * (1.0 - 1.0 / size) / machine.link_rate
    remote = sent_bytes * away * once / (machine.network_rate * network_gain)
    latency = machine.link_latency * (inside - 1.0) + machine.network_latency * (domains > 1.0)
    return np.asarray(np.where(size > 1.0, np.maximum(local, remote) + latency, 0.0))


def send_time(machine: Machine, stride: Array, sent_bytes: Array) -> Array:
    """Seconds to send `sent_bytes` to the rank `stride` away: over links within the domain, else the network."""
    near = stride < machine.domain
    rate = np.where(near, machine.link_rate, machine.network_rate)
    latency = np.where(near, machine.link_latency, machine.network_latency)
    return np.asarray(sent_bytes / rate + latency)
