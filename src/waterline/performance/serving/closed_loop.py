"""A fixed number of requests in flight: each that ends is replaced at once.

Reading prompts is a queue with one server, decoding a delay: a closed network of N customers. Its mean response
follows from the arrival theorem with Schweitzer's approximation (Bard 1979, Schweitzer 1979).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.forward import PassTime
from waterline.performance.serving.setting import Setting
from waterline.performance.serving.steps import Decoding, Steps, decoding_of, packed_time, prompt_time, steps_of
from waterline.performance.table import Array


@dataclass(frozen=True)
class Served:
    """Seconds to the first token and per further token, output tokens/s of all chips, requests running per copy,
    the decoding step, and the seconds by which prompts lengthen it; each of shape (rows,), or (layouts, batches)."""

    ttft: Array
    tpot: Array
    throughput: Array
    running: Array
    step: PassTime
    stall: Array


def closed_loop(setting: Setting, constants: Constants) -> Served:
    """Latencies and throughput at the workload's concurrency."""
    wanted = np.maximum(np.asarray(setting.workload.concurrency) / setting.deployment.replicas, 1.0)
    steps = steps_of(setting, constants)
    return looped(steps, decoding_of(steps, wanted, steps.room.most))


def looped(steps: Steps, decoding: Decoding) -> Served:
    """Latencies and throughput with as many requests for each copy as `decoding` wants."""
    setting, constants = steps.setting, steps.constants
    workload, wanted, running, step = setting.workload, decoding.wanted, decoding.running, decoding.step
    output = np.maximum(np.asarray(workload.output, dtype=float), 1.0)
    others = (running - 1.0) / output
    packed = packed_time(steps, running)
    service = prompt_time(steps, decoding, others * workload.accepted)
    seconds = step.total
    token = seconds / workload.accepted
    together = togetherness(setting, constants, running, service, token * output)
    stall = others * service * (1.0 - together * setting.engine.values(constants, "wave_lock"))
    tpot = token + stall
    # decoding passes through the same steps, so that its delay has the prompts of others in it
    waiting = prompt_wait(setting, constants, running, packed, service, tpot * output)
    first = steps.operators.front_end + constants["residual_step"] * tpot
    first = first + steps.alone + waiting + group_wait(setting, constants, seconds + stall)
    busy = first + np.maximum(output - 1.0, 0.0) * tpot
    queued = (wanted - running) / running * busy
    throughput = running * setting.deployment.replicas * output / busy
    return Served(
        np.asarray(first + queued), np.asarray(tpot), np.asarray(throughput), np.asarray(running), step,
        np.asarray(stall),
    )  # fmt: skip


def prompt_wait(
    setting: Setting, constants: Constants, customers: Array, packed: Array, service: Array, delay: Array
) -> Array:
    """Mean seconds that a prompt waits for others: in the first burst, read in full passes of `packed` each, and then
    as in the steady state, or longer where requests of like length keep arriving together."""
    steady = closed_response(service, delay, customers) - service
    stated = np.asarray(setting.workload.waves)
    burst = (customers - 1.0) / 2.0 * packed / np.where(stated > 0, stated, constants["waves"])
    together = togetherness(setting, constants, customers, service, delay)
    crowd = (customers ** setting.engine.values(constants, "crowding") - 1.0) / 2.0
    return np.asarray(burst + np.maximum(steady, together * crowd * packed))


def group_wait(setting: Setting, constants: Constants, step: Array) -> Array:
    """Seconds that prompts wait until the other attention groups have prompts too."""
    grouped = np.asarray(setting.deployment.attention_data) > 1
    return np.asarray(np.where(grouped, constants["group_wait_steps"] * step, 0.0))


def closed_response(service: Array, delay: Array, customers: Array) -> Array:
    """Mean time at a single server of `customers` that spend `delay` elsewhere between visits of `service`.

    Schweitzer: R = S(1 + (N − 1)/N × Q) with Q = N R/(R + Z), a quadratic in R.
    """
    linear = delay - service * customers
    return np.asarray((-linear + np.sqrt(linear**2 + 4.0 * service * delay)) / 2.0)


def togetherness(setting: Setting, constants: Constants, running: Array, service: Array, decoding: Array) -> Array:
    """How far requests stay in the waves in which they were sent: 1 where all lengths are equal, towards 0 where
    their lengths scatter ends by more than it takes to read a wave of prompts."""
    scatter = np.asarray(setting.workload.spread) * decoding
    return np.asarray(1.0 / (1.0 + constants["scatter_weight"] * scatter / (running * service)))
