"""Assumptions as the files write them, and the distributions that they describe."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise
from typing import Any

from waterline.core.distribution import Discrete, Distribution, Pert, Point, Triangular, Uniform, interval
from waterline.core.errors import InputError
from waterline.facts.document import Mapping
from waterline.facts.record import Assumption

SHAPES = {"value": 1, "uniform": 2, "triangular": 3, "pert": 3}
ASSUMPTION_KEYS = ("unit", "reason", "low", "mid", "high", "discrete", "bounds", "whole", "known", "earlier", *SHAPES)

_MADE = {"value": Point, "uniform": Uniform, "triangular": Triangular, "pert": Pert}
_BOUNDS = 2


def read_assumption(name: str, entry: Mapping, place: str) -> Assumption:
    """One entry of an assumptions file. Raises InputError when its numbers do not make a distribution."""
    for key in ("unit", "reason"):
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise InputError(f"{key} must be text, not {entry[key]!r}")
    shape, numbers = _shape(entry)
    bounds = entry.get("bounds")
    if bounds is None:
        bounds = [None, None]
    if not isinstance(bounds, list) or len(bounds) != _BOUNDS:
        raise InputError("bounds are two numbers, either of them null where it is open")
    lower, upper = (None if end is None else number("bounds", end) for end in bounds)
    whole = entry.get("whole", False)
    if not isinstance(whole, bool):
        raise InputError(f"whole is true or false, not {whole!r}")
    found = Assumption(
        name, entry["unit"], entry["reason"], shape, numbers, lower, upper, place, whole,
        known=_day(entry), earlier=_earlier(name, entry, place),
    )  # fmt: skip
    assumed_distribution(found)
    return found


def _day(entry: Mapping) -> date | None:
    known = entry.get("known")
    if known is not None and not isinstance(known, date):
        raise InputError(f"known must be a date YYYY-MM-DD, not {known!r}")
    return known


def _earlier(name: str, entry: Mapping, place: str) -> tuple[Assumption, ...]:
    """What was assumed before, newest first: each with its own numbers, reason and day, in the unit of the entry."""
    given = entry.get("earlier") or []
    if not isinstance(given, list) or not all(isinstance(version, Mapping) for version in given):
        raise InputError("earlier takes a list of versions, each with its own numbers, reason and known")
    shared = {key: entry[key] for key in ("unit", "bounds") if key in entry}
    found = tuple(read_assumption(name, Mapping({**shared, **version}), place) for version in given)
    days = [_day(entry), *(version.known for version in found)]
    if any(above is None or (below is not None and below >= above) for above, below in pairwise(days)):
        raise InputError("each of the earlier versions needs a day before that of the one above it")
    return found


def assumed_distribution(assumption: Assumption) -> Distribution:
    """The distribution that an assumption describes. Raises InputError when its numbers do not make one."""
    numbers = assumption.numbers
    if assumption.shape == "interval":
        lower = -math.inf if assumption.lower is None else assumption.lower
        upper = math.inf if assumption.upper is None else assumption.upper
        return interval(numbers[0], numbers[1], numbers[2], lower, upper)
    if assumption.shape == "discrete":
        half = len(numbers) // 2
        return Discrete(numbers[:half], numbers[half:])
    made: Distribution = _MADE[assumption.shape](*numbers)
    return made


def number(what: str, given: Any) -> float:
    """A finite number from a file. Raises InputError for anything else."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise InputError(f"{what} must be a number, not {str(given)[:40]!r} (write 2.5e+6, not 2.5e6)")
    try:
        found = float(given)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise InputError(f"{what} must be a finite number")
    return found


def _shape(entry: Mapping) -> tuple[str, tuple[float, ...]]:
    shapes = [shape for shape in ("discrete", *SHAPES) if shape in entry]
    ends = [key for key in ("low", "mid", "high") if key in entry]
    if len(shapes) + bool(ends) != 1:
        raise InputError("give one of value, low/mid/high, uniform, triangular, pert, discrete")
    if not shapes:
        return "interval", _interval(entry)
    shape = shapes[0]
    if shape == "discrete":
        return shape, _choices(entry[shape])
    given = entry[shape] if isinstance(entry[shape], list) else [entry[shape]]
    if len(given) != SHAPES[shape]:
        raise InputError(f"{shape} takes {SHAPES[shape]} numbers")
    return shape, tuple(number(shape, item) for item in given)


def _interval(entry: Mapping) -> tuple[float, ...]:
    if "low" not in entry or "high" not in entry:
        raise InputError("a range needs low and high")
    low, high = number("low", entry["low"]), number("high", entry["high"])
    if entry.get("mid") is not None:
        return low, number("mid", entry["mid"]), high
    return low, math.sqrt(low) * math.sqrt(high) if low > 0 and high > 0 else (low + high) / 2, high


def _choices(given: Any) -> tuple[float, ...]:
    if not isinstance(given, list) or not all(
        isinstance(item, Mapping) and {*item} == {"value", "weight"} for item in given
    ):
        raise InputError("discrete takes a list of {value: …, weight: …}")
    return tuple(number(key, item[key]) for key in ("value", "weight") for item in given)
