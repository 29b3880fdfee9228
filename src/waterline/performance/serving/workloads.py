"""What a published run asked of its machine: how it was loaded, with which lengths, within which limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from waterline.performance.chip import NODE
from waterline.performance.constants import Constants
from waterline.performance.serving.rows import ServedRun
from waterline.performance.serving.setting import Workload
from waterline.performance.shipped import shipped


@dataclass(frozen=True)
class Task:
    """A workload and how it was sent.

    `load` is `closed` (a fixed number in flight), `offline` (never short of requests), `static` (one batch),
    `limited` (as many as the latency limits allow) or `split` (prefill and decoding on chips of their own);
    `ttft_limit` and `tpot_limit` in seconds.
    """

    load: str
    workload: Workload
    ttft_limit: float = float("inf")
    tpot_limit: float = float("inf")


ENDLESS = 1e6  # requests of a benchmark that runs for minutes
OPEN_WAVES = 1e3  # arrivals at random have no first burst

LOADS = (
    ("disagg", "split"),
    ("mlperf_offline", "offline"),
    ("mlperf", "limited"),
    ("offline|request_rate", "offline"),
    ("static|closed_batch", "static"),
)


def task_of(run: ServedRun, drafts: float, constants: Constants) -> Task:
    """The task of a run; lengths that it leaves out are those of its benchmark, or the usual ones.

    `drafts` tokens are proposed per step by speculative decoding, each kept with `accepted_share` while those before
    it were.
    """
    load = next((load for pattern, load in LOADS if re.search(pattern, run.kind)), "closed")
    wide = run.chips > NODE and (run.tensor or run.chips) > NODE and run.model.experts
    if load == "closed" and ((run.prefill and run.decode) or wide):
        load = "split"  # more tensor ranks than a node has mean prefill and decoding apart
    rule: dict[str, Any] = {}
    if run.kind.startswith("mlperf"):
        rule = next(rule for rule in mlperf_workloads() if re.search(rule["match"], run.model.name.lower()))
    scattered = re.search(r"uniform in \[([\d.]+),([\d.]+)\]", run.remarks)
    low, high = (float(end) for end in scattered.groups()) if scattered else (1.0, 1.0)
    mean = (low + high) / 2.0
    workload = Workload(
        input=mean * (run.input or rule.get("input") or constants["usual_input"]),
        output=mean * (run.output or rule.get("output") or constants["usual_output"]),
        concurrency=run.concurrency or (ENDLESS if rule else constants["offline_requests"]),
        spread=1.0 if rule else (high - low) / mean,
        waves=1.0 if load == "offline" else OPEN_WAVES if load == "limited" else 0.0,
        draft=drafts,
        accepted=accepted_tokens(drafts, constants),
    )
    scenario = "interactive" if "interactive" in run.kind else "server"
    if load == "limited":
        return Task(load, workload, *rule[scenario])
    return Task(load, workload)


def accepted_tokens(drafts: float, constants: Constants) -> float:
    """Mean tokens kept per step: 1 + p + p² … of `drafts` proposals (Leviathan et al. 2023, arXiv 2211.17192)."""
    share = constants["accepted_share"]
    return float((1.0 - share ** (drafts + 1.0)) / (1.0 - share))


@cache
def mlperf_workloads() -> list[dict[str, Any]]:
    """Workloads of MLPerf's models, the first match first."""
    loaded: list[dict[str, Any]] = shipped("serving/mlperf.yaml")["mlperf"]
    return loaded
