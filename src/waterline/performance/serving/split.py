"""Prefill and decoding on chips of their own: two stations, and the cache handed from one to the other."""

from __future__ import annotations

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.closed_loop import Served, prompt_wait
from waterline.performance.serving.hand_over import handed_over
from waterline.performance.serving.overlap import fastest_step
from waterline.performance.serving.setting import Setting
from waterline.performance.serving.steps import decoding_of, packed_time, steps_of

ROUNDS = 3  # towards the number of requests that decode


def split_served(setting: Setting, readers: Setting, constants: Constants) -> Served:
    """Latencies and throughput of decode workers (`setting`) and prefill workers (`readers`), row by row.

    A closed network: prompts queue at the prefill workers, decoding is a delay, and the cache crosses the network
    between them. Where requests outnumber what decode workers hold, they wait before decoding.
    """
    workload, deployment = setting.workload, setting.deployment
    total = np.maximum(np.asarray(workload.concurrency, dtype=float), 1.0)
    reading, steps = steps_of(readers, constants), steps_of(setting, constants)
    service = reading.alone / (reading.together * readers.deployment.replicas)
    packed = packed_time(reading, total / readers.deployment.replicas) / readers.deployment.replicas
    output = np.maximum(np.asarray(workload.output, dtype=float), 1.0)
    held = steps.room.most * deployment.replicas
    running = np.minimum(total, held)
    for _ in range(ROUNDS):
        step = fastest_step(steps, decoding_of(steps, running / deployment.replicas, steps.room.most))
        tpot = step.total / workload.accepted
        waiting = prompt_wait(setting, constants, total, packed, service, tpot * output)
        decoding = total * tpot * output / (tpot * output + waiting + reading.alone)
        running = np.minimum(np.maximum(decoding, 1.0), held)
    first = handed_over(steps) + reading.alone + waiting
    busy = first + np.maximum(output - 1.0, 0.0) * tpot
    queued = np.maximum(total * tpot * output / (held * busy) - 1.0, 0.0) * busy
    throughput = np.minimum(total * output / (busy + queued), output / service)
    return Served(np.asarray(first + queued), tpot, throughput, running, step, np.zeros_like(tpot))
