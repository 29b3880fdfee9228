"""The plans that a published run leaves open: what its source states is kept, what it leaves unsaid is planned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from waterline.performance.chip import NODE, Machine
from waterline.performance.constants import Constants
from waterline.performance.model import Shape
from waterline.performance.software import Software
from waterline.performance.training.memory import footprint, recompute_needed
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.practice import Practice
from waterline.performance.training.runs import Run
from waterline.performance.training.valid_plans import Rules, default_choices, enumerate_plans

STATED_RECOMPUTE = {"none": [0.0], "selective": [1.0], "full": [2.0]}
LONG_SEQUENCE = 16384  # tokens from which context parallelism is worth considering where none is stated
LARGEST_MICRO_BATCH = 64
LEAST_SHARE = 0.5  # of layers, where a source says that recomputation was selective and memory asks for less


@dataclass(frozen=True)
class Setting:
    """A run with the numbers of its machine, software and model."""

    run: Run
    software: Software
    machine: Machine
    practice: Practice
    shape: Shape
    job: Job

    @property
    def pipelined(self) -> bool:
        """Whether users of the framework plan pipelines when they do not say."""
        return self.software.engine in ("megatron", "neuron")


def open_plans(setting: Setting, constants: Constants) -> tuple[Plans, str]:
    """All plans that agree with what a run states; when none does, plans of our own, and what is wrong in words."""
    given = _stated_degrees(setting)
    choices = _choices(setting, given, constants)
    stated = _recompute(setting, choices)
    plans, doubt = _enumerated(setting, given, choices)
    if stated:
        return plans, doubt
    held = footprint(setting.machine, setting.practice, setting.shape, setting.job, plans)
    needed = recompute_needed(setting.machine, setting.practice, setting.shape, plans, held)
    if setting.run.recompute:
        needed = np.where(plans.recompute == 1, 1.0, np.maximum(needed, LEAST_SHARE))
    return replace(plans, share=needed), doubt


def _stated_degrees(setting: Setting) -> dict[str, float]:
    """Degrees as published; those that count the cores of multi-core chips are brought down to chips."""
    given = dict(setting.run.plan)
    product = float(np.prod([given.get(name, 1.0) for name in ("tp", "pp", "cp", "dp")]))
    if product > setting.run.chips and "tp" in given:
        given["tp"] = max(1.0, given["tp"] * setting.run.chips / product)
    return given


def _choices(setting: Setting, given: dict[str, float], constants: Constants) -> dict[str, Sequence[float]]:
    """Degrees to try: the stated one, or all that a user of the framework would consider."""
    job = setting.job
    choices: dict[str, Sequence[float]] = dict(default_choices(setting.machine, setting.shape, job, setting.run.chips))
    zero, shard = sharding(setting.run.sharding, setting.software)
    choices["zero"] = [zero]
    if shard:
        choices["shard"] = [shard]
    if setting.software.split_backward:
        choices["bubble"] = [constants["split_backward_bubble"]]
    if not setting.pipelined:
        choices["pp"] = [1.0]
        choices["micro_batch"] = _divisors(job.global_batch)
    if {"tp", "pp"} <= set(given):
        if job.sequence < LONG_SEQUENCE:
            choices["cp"] = [1.0]
        if setting.software.engine == "xla":
            choices["ep"] = [1.0]
    # a plan listed down to its experts without chunks has one chunk per stage
    if given.get("pp", choices["pp"]) in (1.0, [1.0]) or {"pp", "ep"} <= set(given):
        choices["vp"] = [1.0]
    choices.update({name: [given[name]] for name in choices if name in given})
    return choices


def _recompute(setting: Setting, choices: dict[str, Sequence[float]]) -> bool:
    """Put what is said of recomputation into the choices; True when that settles how much there is.

    "Selective" means named modules in some frameworks, and as many layers as memory asks in others.
    """
    stated = STATED_RECOMPUTE.get(setting.run.recompute.lower())
    if stated is None or (stated == [1.0] and not setting.practice.selective_modules):
        return False
    choices.update(recompute=stated, share=[1.0])
    return True


def _enumerated(setting: Setting, given: dict[str, float], choices: dict[str, Sequence[float]]) -> tuple[Plans, str]:
    """Regular plans of the choices, or else irregular ones, or else ones whose spare ranks share sequences.

    Where layers or heads are our guess, stated degrees need not divide them. When stated degrees contradict the
    chips, the model or the batch, they are set aside.
    """
    shape, job, chips = setting.shape, setting.job, setting.run.chips
    attempts: list[tuple[dict[str, Sequence[float]], Rules]] = [(choices, "regular"), (choices, "possible")]
    if "dp" in given:
        ranks = chips / (given.get("tp", 1.0) * given.get("pp", 1.0) * given["dp"])
        attempts.append(({**choices, "cp": [max(1.0, ranks)]}, "possible"))
    if setting.run.model.layers is None:
        attempts.append((choices, "none"))
    for tried, rules in attempts:
        plans = enumerate_plans(shape, job, chips, tried, rules)
        if plans.tp.size:
            return plans, ""
    degrees = ", ".join(f"{name} {value:g}" for name, value in given.items()) or "none stated"
    doubt = f"no plan on {chips} chips agrees with the stated degrees ({degrees}) and batch; planned without them"
    return _unbound(setting, choices), doubt


def _unbound(setting: Setting, choices: dict[str, Sequence[float]]) -> Plans:
    """Plans of any degrees, and data parallelism alone where even those do not divide."""
    shape, job, chips = setting.shape, setting.job, setting.run.chips
    free = {**default_choices(setting.machine, shape, job, chips), "zero": choices["zero"]}
    alone: dict[str, Sequence[float]] = {**free, **dict.fromkeys(("tp", "pp", "vp", "cp", "ep"), (1.0,))}
    for tried, rules in ((free, "regular"), (free, "possible"), (alone, "none")):
        plans = enumerate_plans(shape, job, chips, tried, rules)  # type: ignore[arg-type]
        if plans.tp.size:
            break
    return plans


def _divisors(count: float) -> list[float]:
    limit = int(min(count, LARGEST_MICRO_BATCH))
    return [float(size) for size in range(1, limit + 1) if int(count) % size == 0]


def sharding(text: str, software: Software) -> tuple[float, float]:
    """ZeRO stage and ranks it shards over (0: all), from words such as "FSDP2 over 64" or "ZeRO-1 over 8".

    A hybrid of sharding and replication ("HSDP") shards over the accelerators of a server.
    """
    words = text.lower()
    over = re.search(r"(?:\b(?:over|within|scope|size)\s|\bfsdp\s|=)\s*(\d+)|\b(\d+)[ -]?(?:gpu|rank)", words)
    shard = float(over.group(1) or over.group(2)) if over else NODE if re.search(r"hsdp|intra-?node", words) else 0.0
    return _stage(words, software), shard


def _stage(words: str, software: Software) -> float:
    number = re.search(r"zero[- ]?(?:stage )?(\d)", words)
    usual = {"megatron": software.distributed_optimizer, "neuron": 1.0}.get(software.engine, 3.0)
    patterns = (
        (not words, usual),
        ("not resharded" in words, 2.0),
        (number, float(number.group(1)) if number else 0.0),
        ("fsdp" in words or "hsdp" in words, 3.0),
        (words == "none", 0.0),
        (words == "ddp", 1.0 if software.engine == "megatron" else 0.0),
    )
    return next((stage for matches, stage in patterns if matches), 1.0)
