"""All that decides a sweep's numbers, in a form that can be sent to another machine."""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from waterline.core.errors import InputError
from waterline.core.evaluate import BLOCK_SAMPLES
from waterline.core.scenario import Override, Scenario
from waterline.core.version import __version__
from waterline.questions.sweep.axis import Axis, NumberAxis, RoleAxis

PART_SAMPLES = 2**28  # samples of a part's points together: some seconds of work
LARGEST_PART = 2**17
SUMMARY = ("median", "p05", "p95", "mean")


@dataclass(frozen=True, eq=False)
class Request:
    """A quantity over a grid. Points are numbered with the last axis fastest and dealt in parts of equal size.

    ``unit`` is that of the answer. ``keys`` holds, for each combination of entities, a digest of the formulas and
    facts behind the answer: other facts or formulas give another request.
    """

    quantity: str
    axes: tuple[Axis, ...]
    bindings: Mapping[str, str]
    overrides: Mapping[str, Override]
    as_of: date
    samples: int
    seed: int
    part_points: int
    unit: str = ""
    keys: tuple[bytes, ...] = ()

    @property
    def role_axes(self) -> tuple[RoleAxis, ...]:
        """Axes of entities; every combination of them has a graph of its own."""
        return tuple(axis for axis in self.axes if isinstance(axis, RoleAxis))

    @property
    def number_axes(self) -> tuple[NumberAxis, ...]:
        """Axes of numbers; their points share a graph."""
        return tuple(axis for axis in self.axes if isinstance(axis, NumberAxis))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values on each axis."""
        return tuple(axis.count for axis in self.axes)

    @property
    def points(self) -> int:
        """Number of points of the grid."""
        return math.prod(self.shape)

    @property
    def parts(self) -> int:
        """Number of parts that the points are dealt in."""
        return math.ceil(self.points / self.part_points)

    def combinations(self) -> list[tuple[str, ...]]:
        """Every combination of entities, the last role fastest."""
        return list(itertools.product(*(axis.entities for axis in self.role_axes)))

    def scenario(self, entities: tuple[str, ...]) -> Scenario:
        """The scenario of a combination of entities, with every number axis at its first value."""
        filled = dict(zip((axis.name for axis in self.role_axes), entities, strict=True))
        first = {axis.name: axis.override(axis.listed[0]) for axis in self.number_axes}
        return Scenario(self.as_of, {**self.bindings, **filled}, {**self.overrides, **first}, self.samples, self.seed)

    @functools.cached_property
    def digest(self) -> str:
        """Equal for requests that give the same bytes. The as-of date counts only through the facts it lets in."""
        parts = (
            __version__, self.quantity, self.unit, self.axes, self.keys, self.samples, self.seed,
            self.part_points,
        )  # fmt: skip
        return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Request) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def request_of(quantity: str, axes: tuple[Axis, ...], scenario: Scenario) -> Request:
    """A request not yet settled. Raises InputError for names that stand twice, or too many samples for a sweep."""
    for axis in axes:
        if axis.name in scenario.bindings or axis.name in scenario.overrides:
            raise InputError(f"{axis.name!r} is both given and swept over; leave one out")
        if axis.name in SUMMARY:
            raise InputError(f"--over {axis.name}: the result has a column of that name already")
    if scenario.samples > BLOCK_SAMPLES:
        raise InputError(f"a sweep takes at most {BLOCK_SAMPLES:,} samples a point, not {scenario.samples:,}")
    part = min(LARGEST_PART, max(1, PART_SAMPLES // scenario.samples))
    return Request(
        quantity, axes, dict(scenario.bindings), dict(scenario.overrides), scenario.as_of, scenario.samples,
        scenario.seed, part,
    )  # fmt: skip
