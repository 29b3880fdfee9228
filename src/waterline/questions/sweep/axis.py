"""What a sweep varies: the entities of a role, or the values of an input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.core.distribution import Point, Samples
from waterline.core.errors import InputError
from waterline.core.scenario import Override, parse_magnitude

LARGEST_POINTS = 10**9
Places = NDArray[np.int64]


@dataclass(frozen=True)
class RoleAxis:
    """Entities that fill a role one after another."""

    name: str
    entities: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.entities)


@dataclass(frozen=True)
class NumberAxis:
    """Values of an assumption, an attribute or a quantity: listed, or ``count`` of them evenly from first to last.

    Without ``unit`` they are in the unit of what they replace.
    """

    name: str
    unit: str | None
    listed: tuple[float, ...]
    count: int

    def at(self, places: Places) -> Samples:
        """The values at places from 0 to count − 1."""
        if self.count == len(self.listed):
            return np.asarray(self.listed)[places]
        first, last = self.listed
        part = places / (self.count - 1)
        return np.asarray(first * (1 - part) + last * part)

    def override(self, value: float) -> Override:
        """One value, as ``--set`` takes it."""
        return Override(Point(value), self.unit)

    @property
    def ends(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return min(self.listed), max(self.listed)


Axis = RoleAxis | NumberAxis


def read_axes(texts: Sequence[str], roles: frozenset[str]) -> tuple[Axis, ...]:
    """Read ``NAME=a,b,c`` and ``NAME=LOW:HIGH:COUNT`` texts; names in ``roles`` take entities, others numbers.

    Raises InputError for what cannot be read, a name given twice, or a grid of more than `LARGEST_POINTS` points.
    """
    axes: dict[str, Axis] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not name or not values:
            raise InputError(f"--over takes NAME=a,b,c or NAME=LOW:HIGH:COUNT, not {text[:60]!r}")
        if name in axes:
            raise InputError(f"--over {name} is given twice")
        axes[name] = _role_axis(name, values) if name in roles else _number_axis(name, values)
    if not axes:
        raise InputError("a sweep needs at least one --over NAME=a,b,c or NAME=LOW:HIGH:COUNT")
    points = 1
    for axis in axes.values():
        points *= axis.count
    if points > LARGEST_POINTS:
        raise InputError(f"{points:,} points are too many for one sweep (at most {LARGEST_POINTS:,})")
    return tuple(axes.values())


def _role_axis(name: str, text: str) -> RoleAxis:
    entities = tuple(entity.strip() for entity in text.split(","))
    if not all(entities):
        raise InputError(f"--over {name}: write entities with a comma between them, not {text[:60]!r}")
    return RoleAxis(name, entities)


def _number_axis(name: str, text: str) -> NumberAxis:
    """Numbers with a comma or colon between them, then the unit."""
    mark = ":" if ":" in text else ","
    *before, last = text.split(mark)
    try:
        numbers = [_plain_number(part) for part in before]
        number, rest = parse_magnitude(last)
    except InputError as problem:
        raise InputError(f"cannot read --over {name}={text[:60]!r}: {problem}") from problem
    numbers.append(number)
    if not all(math.isfinite(number) for number in numbers):
        raise InputError(f"--over {name}: a value is too large in {text[:60]!r}")
    unit = rest.strip() or None
    if mark == ",":
        if len(set(numbers)) < len(numbers):
            raise InputError(f"--over {name}: a value stands twice in {text[:60]!r}")
        return NumberAxis(name, unit, tuple(numbers), len(numbers))
    if len(numbers) != 3 or numbers[2] != int(numbers[2]) or numbers[2] < 2 or numbers[0] == numbers[1]:
        raise InputError(f"--over {name}: write LOW:HIGH:COUNT with a COUNT of 2 or more, not {text[:60]!r}")
    return NumberAxis(name, unit, (numbers[0], numbers[1]), int(numbers[2]))


def _plain_number(text: str) -> float:
    number, rest = parse_magnitude(text)
    if rest:
        raise InputError(f"{text.strip()[:40]!r} is more than a number; the unit stands after the last one")
    return number
