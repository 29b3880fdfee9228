"""All valid plans for a model on some chips: what they take in memory, and the least that they take in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from waterline.performance.chip import Machine
from waterline.performance.model import Shape
from waterline.performance.table import Array
from waterline.performance.training.grid import Grid
from waterline.performance.training.memory import Footprint, Memory, footprint, occupied, recompute_needed
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.practice import Practice
from waterline.performance.training.step import scheduled
from waterline.performance.training.work import Work

BLOCK = 16384  # plans weighed at a time, so that intermediate arrays stay in cache


@dataclass(frozen=True)
class Space:
    """All valid plans for a model on some chips."""

    machine: Machine
    practice: Practice
    shape: Shape
    job: Job
    grid: Grid

    @cached_property
    def census(self) -> Census:
        """How many plans there are, how many fit, and which misses the memory by least."""
        held = footprint(self.machine, self.practice, self.shape, self.job, self.grid.axes)
        return _summed([self._counted(block, held) for block in self.grid.blocks(BLOCK)])

    def _counted(self, block: Grid, held: Footprint) -> Census:
        filled = self.filled(block, held)
        nearest = least_of(block.column(filled.occupancy), block.column(filled.misses), 1)
        return Census(
            int(np.count_nonzero(filled.fits) + np.count_nonzero(filled.misses)),
            int(np.count_nonzero(filled.fits)),
            block.table(filled.plans, nearest) if nearest.size else None,
            block.table(filled.memory, nearest) if nearest.size else None,
        )

    def filled(self, block: Grid, held: Footprint) -> Filled:
        """The plans of a block with as much recomputation as memory asks of each."""
        plans, held = block.spread(block.axes), block.spread(held)
        plans = replace(plans, share=recompute_needed(self.machine, self.practice, self.shape, plans, held))
        memory = held.at(plans.share)
        occupancy = np.broadcast_to(occupied(self.machine, self.practice, memory), block.shape)
        # of plans that differ in a level of recomputation that they do not use, one is enough
        used = (plans.share > 0.0) | (plans.recompute <= np.min(plans.recompute))
        return Filled(plans, memory, occupancy, used & (occupancy <= 1.0), used & (occupancy > 1.0))

    def least_times(self, work: Work) -> Array:
        """Seconds that no plan of a layout can be faster than, shape (layouts,).

        Those of a step that repeats nothing and hides all communication that can be hidden: work repeated only adds to
        it, and of what ranks say to one another in a stage's time, longer stages hide no more than they are longer.
        """
        hiding = replace(self.practice, data_hides=np.inf)
        found = []
        for block in self.grid.blocks(BLOCK):
            plans = replace(block.spread(block.axes), share=np.zeros((1, 1, 1, 1)))
            time = scheduled(self.machine, hiding, self.shape, plans, block.spread(work))
            found.append(np.min(time.total, axis=(0, 1, 2)))
        return np.concatenate(found)


@dataclass(frozen=True)
class Filled:
    """Plans of a block in memory, in arrays over options and layouts as in `Grid.shape`.

    `occupancy` is the share of the memory that they take; `fits` and `misses` say which are within it and which not.
    """

    plans: Plans
    memory: Memory
    occupancy: Array
    fits: NDArray[np.bool_]
    misses: NDArray[np.bool_]


@dataclass(frozen=True)
class Census:
    """Valid plans: how many were `evaluated`, how many of them are `fitting` within the memory.

    `nearest` is the plan that misses the memory by least, one row, and `nearest_memory` what it would need; both None
    when every plan fits.
    """

    evaluated: int
    fitting: int
    nearest: Plans | None
    nearest_memory: Memory | None


def _summed(parts: Sequence[Census]) -> Census:
    misses = [(part.nearest, part.nearest_memory) for part in parts if part.nearest and part.nearest_memory]
    nearest, memory = min(misses, key=lambda miss: float(miss[1].total[0]), default=(None, None))
    return Census(sum(part.evaluated for part in parts), sum(part.fitting for part in parts), nearest, memory)


def least_of(values: Array, among: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """The places of the `count` least of `values` where `among`; of equals the first."""
    places = np.flatnonzero(among)
    kept = values[places]
    if kept.size > count:
        near = np.flatnonzero(kept <= np.partition(kept, count - 1)[count - 1])
        places, kept = places[near], kept[near]
    return places[np.argsort(kept, kind="stable")[:count]]
