"""All combinations of the degrees of a plan: most of what a plan takes depends on few of them.

A formula over the open axes of a grid gives an array that is only as large as the degrees that it is about; `spread`
then deals it out to the valid layouts. So the layers of 70,000 plans are worked out for the few hundred ways in which
they can be cut, and what is the same for all options of a layout once for each layout.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from waterline.performance.table import Array, mapped
from waterline.performance.training.plan import Plans

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Number = TypeVar("Number", np.float64, np.bool_)
Record = TypeVar("Record", bound="DataclassInstance")
LAYOUT = ("tp", "pp", "vp", "cp", "ep", "micro_batch")  # degrees that have to agree with one another
OPTIONS = ("recompute", "zero", "bubble")  # what every valid layout can be run with


@dataclass(frozen=True)
class Grid:
    """A grid of degrees and which of its layouts are valid; each of these is a plan with each of the options.

    `axes` has the degrees, each along an axis of its own, those of `OPTIONS` first and those of `LAYOUT` after them;
    `layouts` are the places of the valid ones in the grid of `LAYOUT`, in its order.
    """

    axes: Plans
    layouts: NDArray[np.intp]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of an array with a number for every plan: an axis for each of `OPTIONS`, then layouts.

        Layouts come last since NumPy is slow over short last axes.
        """
        return (*(getattr(self.axes, name).size for name in OPTIONS), self.layouts.size)

    @property
    def options(self) -> int:
        """Plans of one layout."""
        return math.prod(self.shape[:-1])

    def only(self, index: NDArray[np.intp]) -> Grid:
        """The grid with the layouts `index` of its own."""
        return Grid(self.axes, self.layouts[index])

    def blocks(self, count: int) -> Iterator[Grid]:
        """The grid with about `count` of its plans at a time."""
        step = max(1, count // self.options)
        for start in range(0, self.layouts.size, step):
            yield Grid(self.axes, self.layouts[start : start + step])

    def spread(self, record: Record) -> Record:
        """A record over the axes with a row of layouts in place of the axes of `LAYOUT`.

        Axes of options stay open: arrays can be broadcast to `shape`.
        """

        def rows_of(value: Array) -> Array:
            options, layout = value.shape[: len(OPTIONS)], value.shape[len(OPTIONS) :]
            return value.reshape(*options, -1).take(self._index(layout), axis=-1)

        return mapped(record, rows_of)

    def column(self, values: NDArray[Number]) -> NDArray[Number]:
        """A number for each plan, shape (plans,), the options of a layout together."""
        return np.moveaxis(np.broadcast_to(values, self.shape), -1, 0).reshape(-1)

    def table(self, record: Record, plans: NDArray[np.intp]) -> Record:
        """The rows `plans`, counted as in a `column`, of a record that was spread."""
        layouts, options = np.divmod(plans, self.options)
        places = (*np.unravel_index(options, self.shape[:-1]), layouts)
        return mapped(record, lambda values: np.broadcast_to(values, self.shape)[places])

    def _index(self, shape: tuple[int, ...]) -> NDArray[np.intp]:
        """The place of each layout in an array of `shape`, which has an axis of 1 for a degree that plays no part."""
        if shape not in self._indices:
            index = np.zeros(self.layouts.size, dtype=np.intp)
            for axis, count in enumerate(shape):
                if count > 1:
                    index += self._places[axis] * math.prod(shape[axis + 1 :])
            self._indices[shape] = index
        return self._indices[shape]

    @cached_property
    def _indices(self) -> dict[tuple[int, ...], NDArray[np.intp]]:
        return {}

    @cached_property
    def _places(self) -> tuple[NDArray[np.intp], ...]:
        return np.unravel_index(self.layouts, tuple(getattr(self.axes, name).size for name in LAYOUT))
