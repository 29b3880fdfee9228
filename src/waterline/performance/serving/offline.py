"""All requests at once: static batches, and the most that a copy turns out when requests never run short."""

from __future__ import annotations

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.closed_loop import Served
from waterline.performance.serving.setting import Setting
from waterline.performance.serving.steps import decoding_of, packed_time, prompt_time, steps_of


def offline(setting: Setting, constants: Constants) -> Served:
    """Throughput with a queue that is never empty: as many requests run as memory and the engine allow.

    Time per request = its prompt + its share of the decoding steps. The last requests leave slots empty.
    """
    workload, deployment = setting.workload, setting.deployment
    asked = np.asarray(workload.concurrency) / deployment.replicas
    steps = steps_of(setting, constants)
    decoding = decoding_of(steps, asked, steps.room.most)
    running, step = decoding.running, decoding.step
    output = np.maximum(np.asarray(workload.output, dtype=float), 1.0)
    service = prompt_time(steps, decoding, running / output * workload.accepted)
    token = step.total / workload.accepted
    stall = running / output * service
    tpot = token + stall
    waves = asked / running
    full = waves / (waves + constants["drain_waves"])
    throughput = running * deployment.replicas / tpot * full
    first = steps.alone + (running - 1.0) / 2.0 * service + (waves - 1.0) / 2.0 * output * tpot
    return Served(np.asarray(first), tpot, np.asarray(throughput), running, step, np.asarray(stall))


def static_batch(setting: Setting, constants: Constants) -> Served:
    """Batches that are read together, decoded together, and not refilled: as many in turn as memory demands."""
    workload, deployment = setting.workload, setting.deployment
    asked = np.maximum(np.asarray(workload.concurrency, dtype=float) / deployment.replicas, 1.0)
    steps = steps_of(setting, constants)
    decoding = decoding_of(steps, asked, steps.room.most)
    running, step = decoding.running, decoding.step
    output = np.maximum(np.asarray(workload.output, dtype=float), 1.0)
    token = step.total / workload.accepted
    first = steps.alone + (running - 1.0) * packed_time(steps, running)
    busy = first + np.maximum(output - 1.0, 0.0) * token
    throughput = running * deployment.replicas * output / busy  # what does not fit at once follows in like batches
    return Served(np.asarray(first), token, np.asarray(throughput), running, step, np.zeros_like(token))
