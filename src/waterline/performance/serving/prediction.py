"""Predicted latencies and throughput of many runs at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from waterline.performance.constants import Constants
from waterline.performance.serving.cases import Batch
from waterline.performance.serving.closed_loop import Served, closed_loop
from waterline.performance.serving.memory import room_of
from waterline.performance.serving.offline import offline, static_batch
from waterline.performance.serving.setting import Setting
from waterline.performance.serving.split import split_served
from waterline.performance.table import Array, take

MOST_REQUESTS = 8192.0  # per copy
BISECTIONS = 9  # to a part in fifty


@dataclass(frozen=True)
class Predicted:
    """Seconds to the first token, seconds per token and output tokens/s of each case; shape (cases,)."""

    ttft: Array
    tpot: Array
    throughput: Array
    chosen: NDArray[np.intp]


def predict(batch: Batch, constants: Constants) -> Predicted:
    """Predictions of the cases; of several layouts the one with the highest throughput that fits."""
    ttft, tpot, throughput = layouts_served(batch, constants)
    order = np.lexsort((rank_of_layouts(batch, constants, throughput), batch.owner))
    last = np.searchsorted(batch.owner[order], np.arange(len(batch.cases)), side="right") - 1
    chosen = order[last]
    return Predicted(ttft[chosen], tpot[chosen], throughput[chosen], chosen)


def layouts_served(batch: Batch, constants: Constants) -> tuple[Array, Array, Array]:
    """Seconds to the first token, seconds per token and output tokens/s of each layout of each case."""
    count = batch.owner.size
    ttft, tpot, throughput = np.empty(count), np.empty(count), np.empty(count)
    loads = np.array([case.task.load for case in batch.cases])[batch.owner]
    for load in dict.fromkeys(loads):
        rows = np.flatnonzero(loads == load)
        setting = take(batch.setting, rows)
        served = served_under(str(load), setting, batch, rows, constants)
        ttft[rows], tpot[rows], throughput[rows] = served.ttft, served.tpot, served.throughput
    return ttft, tpot, throughput


def rank_of_layouts(batch: Batch, constants: Constants, throughput: Array) -> Array:
    """What a layout is chosen by: its throughput, and next to nothing where it does not fit."""
    return np.asarray(np.where(room_of(batch.setting, constants).fits, throughput, 1e-9 * throughput))


def served_under(load: str, setting: Setting, batch: Batch, rows: NDArray[np.intp], constants: Constants) -> Served:
    """The engine's answer for rows of one kind of load."""
    if load == "offline":
        return offline(setting, constants)
    if load == "static":
        return static_batch(setting, constants)
    if load == "split":
        return split_served(setting, take(batch.readers, rows), constants)
    if load == "limited":
        tasks = [batch.cases[index].task for index in batch.owner[rows]]
        limits = np.array([task.ttft_limit for task in tasks]), np.array([task.tpot_limit for task in tasks])
        return within_limits(setting, *limits, constants)
    return closed_loop(setting, constants)


def within_limits(setting: Setting, ttft_limit: Array, tpot_limit: Array, constants: Constants) -> Served:
    """The machine at the highest concurrency whose mean latencies stay within a margin of the limits on their tails,
    found by bisection: latencies grow with concurrency.

    The first token of a machine that nobody else uses takes what it takes: up to `first_slack` of it is no excess.
    """
    copies = np.asarray(setting.deployment.replicas)
    low, high = np.zeros(copies.size), np.full(copies.size, np.log(MOST_REQUESTS))
    alone = closed_loop(replace(setting, workload=replace(setting.workload, concurrency=copies)), constants)
    first_limit = np.maximum(constants["first_margin"] * ttft_limit, constants["first_slack"] * alone.ttft)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        workload = replace(setting.workload, concurrency=np.exp(middle) * copies)
        served = closed_loop(replace(setting, workload=workload), constants)
        good = served.tpot <= constants["token_margin"] * tpot_limit
        good &= served.ttft <= first_limit
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return served
