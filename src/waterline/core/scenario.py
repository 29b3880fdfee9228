"""The terms of a question: who fills the roles, what is overridden, what was known, how many samples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from waterline.core.distribution import Distribution, Point, interval
from waterline.core.errors import InputError
from waterline.core.units import conversion_factor

DEFAULT_SAMPLES = 8192
LARGEST_SAMPLES = 10_000_000
SMALLEST_SAMPLES = 16

_MULTIPLES = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "%": 0.01}
_NUMBER = r"[-+]?(?:\d+(?:_\d{3})*(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_MAGNITUDE = re.compile(rf"\s*({_NUMBER})\s*(%|[KMBT](?![A-Za-z]))?\s*")


@dataclass(frozen=True, slots=True)
class Override:
    """A value given in place of what the facts say. Without ``unit`` it is in the unit of what it replaces.

    ``text`` is how it was given.
    """

    distribution: Distribution
    unit: str | None = None
    text: str = ""

    def within(self, unit: str) -> Distribution:
        """The distribution in ``unit``. Raises UnitError when it cannot be."""
        if self.unit is None:
            return self.distribution
        return self.distribution.scaled(conversion_factor(self.unit, unit))


@dataclass(frozen=True)
class Scenario:
    """Bindings of roles, overrides by name, the as-of date, the number of samples and the seed."""

    as_of: date
    bindings: Mapping[str, str] = field(default_factory=dict)
    overrides: Mapping[str, Override] = field(default_factory=dict)
    samples: int = DEFAULT_SAMPLES
    seed: int = 1

    def __post_init__(self) -> None:
        if not SMALLEST_SAMPLES <= self.samples <= LARGEST_SAMPLES:
            raise InputError(
                f"samples must be between {SMALLEST_SAMPLES} and {LARGEST_SAMPLES:,}, not {self.samples:,}"
            )
        if self.seed < 0:
            raise InputError(f"seed must not be negative, not {self.seed}")


def differing(first: Mapping[str, Override], second: Mapping[str, Override]) -> frozenset[str]:
    """Names that only one of two scenarios sets, or that they set to different values."""
    return frozenset(name for name in {**first, **second} if first.get(name) != second.get(name))


def parse_magnitude(text: str) -> tuple[float, str]:
    """Read a number with an optional multiple (``14.8T``, ``5%``); returns it and the rest of the text.

    Raises InputError when the text does not start with a number.
    """
    match = _MAGNITUDE.match(text)
    if not match:
        raise InputError(f"{text.strip()[:40]!r} does not start with a number")
    return float(match[1]) * _MULTIPLES[match[2] or ""], text[match.end() :]


def parse_override(name: str, text: str) -> Override:
    """Read ``2.5 USD/hour``, ``1.8..2.6 USD/hour`` (90% interval) or ``1,2,4 USD/hour`` (5%, 50%, 95%).

    Raises InputError naming ``name`` when the text is none of these, or the range is upside down.
    """
    try:
        first, rest = parse_magnitude(text)
        if rest.startswith(".."):
            second, rest = parse_magnitude(rest[2:])
            distribution = interval(first, None, second)
        elif rest.startswith(","):
            middle, rest = parse_magnitude(rest[1:])
            if not rest.startswith(","):
                raise InputError("three values are needed: LOW,MID,HIGH")
            last, rest = parse_magnitude(rest[1:])
            distribution = interval(first, middle, last)
        else:
            distribution = Point(first)
    except InputError as problem:
        raise InputError(
            f"cannot read {name}={text[:60]!r}: {problem}; write '2.5 USD/hour', '1.8..2.6' or '1,2,4'"
        ) from problem
    return Override(distribution, rest.strip() or None, text.strip())
