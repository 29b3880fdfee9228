"""The search for the fastest plans that fit in memory, among all valid ones for a model on a number of chips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.core.errors import InputError
from waterline.performance.chip import Machine
from waterline.performance.model import Shape
from waterline.performance.table import joined, mapped, take
from waterline.performance.training.memory import Footprint, Memory, footprint
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.practice import Practice
from waterline.performance.training.space import Space, least_of
from waterline.performance.training.step import StepTime, scheduled
from waterline.performance.training.valid_plans import Choices, default_choices, plan_grid, why_none
from waterline.performance.training.work import Work, work_of

FEW = 8192  # layouts of which all are timed at once: a bound of each takes as long as timing half of them
FIRST = 1024  # layouts timed before any bound is known
GROWTH = 4  # times more of them in each block after it
ROUNDING = 1.0 + 1e-9  # what a bound is raised by: sums of the same numbers differ in their last digits


@dataclass(frozen=True)
class Ranking:
    """The best plans of a search, fastest first: one row per plan kept, out of all those of a `space`."""

    plans: Plans
    time: StepTime
    memory: Memory
    space: Space


def search(
    machine: Machine,
    practice: Practice,
    shape: Shape,
    job: Job,
    chips: int,
    *,
    choices: Choices | None = None,
    top: int = 10,
) -> Ranking:
    """The `top` fastest plans that fit in memory among all valid ones, fastest first.

    Raises InputError when there is no valid plan, or none fits (the message says which, and what would help).
    """
    given = {**default_choices(machine, shape, job, chips), **(choices or {})}
    grid = plan_grid(shape, job, chips, given)
    if not grid.layouts.size:
        raise InputError(f"no valid plan for {chips} chips: {why_none(shape, job, chips, given)}")
    space = Space(machine, practice, shape, job, grid)
    found = _fastest(space, top)
    if not found.places.size:
        needed = space.census.nearest_memory
        assert needed is not None
        raise InputError(
            f"no plan fits: the leanest of {space.census.evaluated} needs {float(needed.total[0]) / 1e9:.0f} GB of "
            f"{machine.memory_bytes / 1e9:.0f} GB per chip; use more chips or a smaller batch",
        )
    return Ranking(found.plans, found.time, found.memory, space)


@dataclass(frozen=True)
class _Found:
    """Plans that fit, one row each, with their `places` among all plans of a space."""

    places: NDArray[np.intp]
    plans: Plans
    time: StepTime
    memory: Memory


def _fastest(space: Space, top: int) -> _Found:
    """The `top` fastest plans that fit, fewer if so few do; of equals the first in the space.

    Branch and bound: many layouts are timed in the order of the least that they take, until that is more than the
    plans found so far take. Of tens of thousands that leaves a few hundred.
    """
    work = work_of(space.machine, space.practice, space.shape, space.job, space.grid.axes)
    held = footprint(space.machine, space.practice, space.shape, space.job, space.grid.axes)
    few = space.grid.layouts.size <= FEW
    least = np.zeros(space.grid.layouts.size) if few else space.least_times(work)
    order = np.argsort(least, kind="stable")
    start, count, bound = 0, FEW if few else FIRST, np.inf
    found: list[_Found] = []
    while start < order.size and least[order[start]] <= bound * ROUNDING:
        block = _timed(space, np.sort(order[start : start + count]), held, work, top)
        both = joined([*found, block])
        found = [take(both, np.lexsort((both.places, both.time.total))[:top])]
        if found[0].places.size == top:
            bound = float(found[0].time.total[-1])
        start, count = start + count, min(count * GROWTH, FEW)
    return found[0]


def _timed(space: Space, layouts: NDArray[np.intp], held: Footprint, work: Work, top: int) -> _Found:
    """The `top` fastest plans that fit of some `layouts` of a space."""
    whole = space.grid.only(layouts)
    filled = space.filled(whole, held)
    some = np.flatnonzero(np.any(filled.fits, axis=(0, 1, 2)))
    part = whole.only(some)
    plans = mapped(filled.plans, lambda values: values[..., some])
    time = scheduled(space.machine, space.practice, space.shape, plans, part.spread(work))
    best = least_of(part.column(time.total), part.column(filled.fits[..., some]), top)
    layout, option = np.divmod(best, part.options)
    return _Found(
        layouts[some[layout]] * part.options + option,
        part.table(plans, best),
        part.table(time, best),
        whole.table(filled.memory, some[layout] * part.options + option),
    )
