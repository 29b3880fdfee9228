"""Prefill and decoding on chips of their own: two stations, and the cache handed from one to the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.attention import cache_elements, cached_tokens
from waterline.performance.serving.cases import ServedCase, setting_of
from waterline.performance.serving.closed_loop import Served, closed_response, first_token_overhead
from waterline.performance.serving.memory import most_requests
from waterline.performance.serving.setting import Deployment, Setting
from waterline.performance.serving.steps import decode_time, prefill_time


def split_served(setting: Setting, cases: Sequence[ServedCase], constants: Constants) -> Served:
    """Latencies and throughput of prefill workers and decode workers; `setting` has the decode workers' layout.

    A closed network: prompts queue at the prefill workers, decoding is a delay, and the cache crosses the network
    between them. Where requests outnumber what decode workers hold, they wait before decoding.
    """
    readers = setting_of([(case, _reader(case), case.task.workload) for case in cases])
    workload, deployment = setting.workload, setting.deployment
    total = np.asarray(workload.concurrency, dtype=float)
    workers = np.asarray(readers.deployment.replicas) * np.asarray(readers.deployment.attention_data)
    prefill = prefill_time(readers, constants)
    service = prefill.alone * constants["batched_prefill_share"]
    output = np.maximum(np.asarray(workload.output, dtype=float), 1.0)
    context = workload.input + output / 2.0
    held = most_requests(setting, constants)
    running = np.minimum(np.maximum(total / deployment.replicas, 1.0), held)
    for _ in range(3):
        step = decode_time(setting, constants, running, context)
        tpot = step.total / workload.accepted
        response = closed_response(service / workers, tpot * output, total)
        share = tpot * output / (tpot * output + response)
        running = np.minimum(np.maximum(total * share / deployment.replicas, 1.0), held)
    moved = cached_tokens(setting, np.asarray(workload.input, dtype=float)) * cache_elements(setting)
    handed = moved * setting.formats.cache_bytes / (setting.silicon.network_rate * constants["network_fraction"])
    first = first_token_overhead(setting, constants) + prefill.alone + response - service / workers
    first = first + handed + constants["hand_over"]
    busy = first + np.maximum(output - 1.0, 0.0) * tpot
    spare = np.maximum(total - running * deployment.replicas * busy / (tpot * output), 0.0)
    waiting = spare / total * busy
    throughput = np.minimum(total * output / (busy + waiting), workers / service * output)
    return Served(first + waiting, tpot, throughput, running, step, np.zeros_like(tpot))


def _reader(case: ServedCase) -> Deployment:
    worker = case.run.prefill
    if worker is None:
        return case.options[0]
    return Deployment(worker.tensor, worker.data, worker.expert, worker.pipeline, worker.count)
