"""Predicted rates of many runs at once: all open plans of all runs are rows of one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.performance.chip import Machine, machine_of
from waterline.performance.constants import Constants
from waterline.performance.model import Shape
from waterline.performance.table import Array, length, stack, take
from waterline.performance.training.cases import Case
from waterline.performance.training.memory import memory_use, occupied
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.practice import Practice, practice_of
from waterline.performance.training.step import StepTime, step_time

MISJUDGED = 1.3  # memory of plans considered where none fits, over the leanest


@dataclass(frozen=True)
class Batch:
    """Many cases side by side: one row per open plan, `owner` says of which case, `fit` what share of
    the memory it takes; all fields of shape (rows,)."""

    cases: list[Case]
    owner: NDArray[np.intp]
    shape: Shape
    job: Job
    plans: Plans
    fit: Array


def batch_of(cases: list[Case], constants: Constants) -> Batch:
    """Cases laid out for one call of the engine, with the plans that fit in memory marked."""
    sizes = [length(case.plans) for case in cases]
    owner = np.repeat(np.arange(len(cases)), sizes)
    shape, job = take(stack([case.shape for case in cases]), owner), take(stack([case.job for case in cases]), owner)
    columns = {
        name: np.concatenate([np.atleast_1d(getattr(case.plans, name)) for case in cases])
        for name in vars(cases[0].plans)
    }
    plans = Plans(**columns)
    machine, practice = resolved(cases, constants, owner)
    fit = occupied(machine, practice, memory_use(machine, practice, shape, job, plans))
    return Batch(cases, owner, shape, job, plans, fit)


def resolved(cases: list[Case], constants: Constants, owner: NDArray[np.intp]) -> tuple[Machine, Practice]:
    """Machines and practices of the cases under given constants, one row per plan."""
    machines = stack([machine_of(case.chip, case.precision, case.software, constants) for case in cases])
    practices = stack([practice_of(case.software, constants) for case in cases])
    return take(machines, owner), take(practices, owner)


def predict(batch: Batch, constants: Constants) -> tuple[Array, StepTime, NDArray[np.intp]]:
    """Tokens/s per accelerator of each case, its step's breakdown, and the index of the plan chosen.

    Of the open plans that fit the fastest is chosen, as the run's user would have.
    """
    machine, practice = resolved(batch.cases, constants, batch.owner)
    time = step_time(machine, practice, batch.shape, batch.job, batch.plans)
    rate = batch.job.sequence * batch.job.global_batch / time.total / batch.plans.chips
    least = np.full(len(batch.cases), np.inf)
    np.minimum.at(least, batch.owner, batch.fit)
    # where no plan fits by our count although the run took place, memory decides little
    allowed = batch.fit <= np.where(least > 1.0, MISJUDGED * least, 1.0)[batch.owner]
    score = np.where(allowed, rate, 0.0)
    order = np.lexsort((score, batch.owner))
    last = np.searchsorted(batch.owner[order], np.arange(len(batch.cases)), side="right") - 1
    chosen = order[last]
    return rate[chosen], take(time, chosen), chosen
