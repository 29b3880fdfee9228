"""How sure a leaf is: distributions given the way sources give them, sampled by their quantile function.

``quantile(u)`` takes probabilities of shape ``(n,)`` in (0, 1) and returns samples of the same shape,
except that a point returns shape ``(1,)``, which broadcasts and keeps certain parts of the graph cheap.
A range "low to high" is a 90% interval: low is the 5% and high the 95% point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from waterline.core.beta import beta_quantile
from waterline.core.errors import InputError
from waterline.core.normal import normal_probability, normal_quantile

Samples = NDArray[np.float64]

Z95 = 1.6448536269514722  # standard normal 95% point: a range is a 90% interval


class Distribution(Protocol):
    """What a leaf may be."""

    def quantile(self, u: Samples) -> Samples:
        """Samples at the probabilities ``u``."""
        ...

    def scaled(self, factor: float) -> Distribution:
        """The same distribution in a unit ``factor`` times smaller."""
        ...


@dataclass(frozen=True, slots=True)
class Point:
    """A value that its source states without a range."""

    value: float

    def __post_init__(self) -> None:
        _finite(self.value)

    def quantile(self, u: Samples) -> Samples:
        return np.array([self.value])

    def scaled(self, factor: float) -> Point:
        return Point(self.value * factor)


@dataclass(frozen=True, slots=True)
class Text:
    """A value that is not a number: the kind of attention, a maker's name, a date."""

    value: str

    def quantile(self, u: Samples) -> Samples:
        """An array with the text alone, shape ``(1,)``; formulas that take it know that it is text."""
        text: Any = np.array([self.value])
        return cast(Samples, text)

    def scaled(self, factor: float) -> Text:
        """Text has no scale."""
        return self


@dataclass(frozen=True, slots=True)
class Quantiles:
    """A distribution with given 5%, 50% and 95% points, normal on each side of the median.

    ``logarithmic`` takes the normal in the logarithm, which keeps positive values positive.
    ``lower`` and ``upper`` truncate: the part outside is removed and the rest rescaled to one.
    """

    low: float
    mid: float
    high: float
    logarithmic: bool
    lower: float = -math.inf
    upper: float = math.inf

    def __post_init__(self) -> None:
        _finite(self.low, self.mid, self.high)
        if not self.low <= self.mid <= self.high:
            raise InputError(f"range is upside down: {self.low:g}, {self.mid:g}, {self.high:g}")
        if self.logarithmic and self.low <= 0:
            raise InputError(f"a logarithmic range needs values above zero, not {self.low:g}")
        if not self.lower < self.upper or self.upper <= self.low or self.lower >= self.high:
            raise InputError(f"bounds {self.lower:g}..{self.upper:g} leave nothing of {self.low:g}..{self.high:g}")

    @property
    def bounded(self) -> bool:
        """Whether a part may be cut off, which moves the three points."""
        return self.lower > -math.inf or self.upper < math.inf

    def quantile(self, u: Samples) -> Samples:
        """See `Distribution.quantile`."""
        if self.bounded:
            start, end = self._probability(self.lower), self._probability(self.upper)
            u = start + u * (end - start)
        z = normal_quantile(u)
        z /= Z95
        centre, below, above = self._shape()
        x = np.where(z < 0, below, above)
        x *= z
        x += centre
        if self.logarithmic:
            np.exp(x, out=x)
        return x.clip(self.lower, self.upper, out=x) if self.bounded else x

    def scaled(self, factor: float) -> Quantiles:
        low, mid, high, lower, upper = (x * factor for x in (self.low, self.mid, self.high, self.lower, self.upper))
        return Quantiles(low, mid, high, self.logarithmic, lower, upper)

    def _shape(self) -> tuple[float, float, float]:
        """Centre and the distances to the 5% and 95% points, in the logarithm where that is asked for."""
        low, mid, high = (
            (math.log(x) for x in (self.low, self.mid, self.high))
            if self.logarithmic
            else (self.low, self.mid, self.high)
        )
        return mid, mid - low, high - mid

    def _probability(self, x: float) -> float:
        if math.isinf(x):
            return 0.0 if x < 0 else 1.0
        if self.logarithmic:
            if x <= 0:
                return 0.0
            x = math.log(x)
        centre, below, above = self._shape()
        width = below if x < centre else above
        if width == 0:
            return 0.0 if x < centre else 1.0
        return float(normal_probability((x - centre) / width * Z95))


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value between ``low`` and ``high`` is equally likely; nothing lies outside."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _finite(self.low, self.high)
        _ordered(self.low, self.high)

    def quantile(self, u: Samples) -> Samples:
        return self.low + u * (self.high - self.low)

    def scaled(self, factor: float) -> Uniform:
        return Uniform(self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Triangular:
    """Linear up to the most likely value ``mode`` and down again; nothing lies outside ``low..high``."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _finite(self.low, self.mode, self.high)
        _ordered(self.low, self.mode, self.high)

    def quantile(self, u: Samples) -> Samples:
        width = self.high - self.low
        if width == 0:
            return np.array([self.mode])
        turn = (self.mode - self.low) / width
        rising = self.low + np.sqrt(u * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1 - u) * width * (self.high - self.mode))
        return np.where(u < turn, rising, falling)

    def scaled(self, factor: float) -> Triangular:
        return Triangular(self.low * factor, self.mode * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Pert:
    """Beta distribution on ``low..high`` with mean (low + 4 mode + high) / 6 (Malcolm et al. 1959)."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _finite(self.low, self.mode, self.high)
        _ordered(self.low, self.mode, self.high)

    def quantile(self, u: Samples) -> Samples:
        width = self.high - self.low
        if width == 0:
            return np.array([self.mode])
        alpha = 1 + 4 * (self.mode - self.low) / width
        beta = 1 + 4 * (self.high - self.mode) / width
        return np.asarray(self.low + width * beta_quantile(alpha, beta, u))

    def scaled(self, factor: float) -> Pert:
        return Pert(self.low * factor, self.mode * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Discrete:
    """One of several values, each with a weight: sources that disagree, or a choice not yet made."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        _finite(*self.values, *self.weights)
        if not self.values or len(self.values) != len(self.weights):
            raise InputError("a discrete distribution needs one weight for each value")
        if min(self.weights) < 0 or sum(self.weights) <= 0:
            raise InputError("weights must not be negative, and not all zero")

    def quantile(self, u: Samples) -> Samples:
        order = np.argsort(self.values, kind="stable")
        steps = np.cumsum(np.asarray(self.weights)[order]) / sum(self.weights)
        place = np.minimum(np.searchsorted(steps, u), len(order) - 1)
        return np.asarray(self.values)[order][place]

    def scaled(self, factor: float) -> Discrete:
        return Discrete(tuple(value * factor for value in self.values), self.weights)


def points(distribution: Distribution) -> tuple[float, float, float]:
    """The 5%, 50% and 95% points."""
    if isinstance(distribution, Quantiles) and not distribution.bounded:
        return distribution.low, distribution.mid, distribution.high
    p05, median, p95 = np.broadcast_to(distribution.quantile(np.array([0.05, 0.5, 0.95])), 3).tolist()
    return p05, median, p95


def is_positive(distribution: Distribution) -> bool:
    """True when every sample is above zero."""
    if isinstance(distribution, Quantiles):
        return distribution.logarithmic or distribution.lower > 0
    if isinstance(distribution, Discrete):
        return min(distribution.values) > 0
    if isinstance(distribution, Point):
        return distribution.value > 0
    return isinstance(distribution, Uniform | Triangular | Pert) and distribution.low > 0


def empirical(values: tuple[float, ...]) -> Distribution:
    """Observations taken as they are: each equally likely. A single one is a point."""
    if len(set(values)) == 1:
        return Point(values[0])
    return Discrete(values, (1.0,) * len(values))


def interval(
    low: float, mid: float | None, high: float, lower: float = -math.inf, upper: float = math.inf
) -> Distribution:
    """90% interval ``low..high`` with median ``mid``; logarithmic where all of it is positive.

    Without ``mid`` the median is the geometric mean (logarithmic) or the arithmetic mean.
    Raises InputError when the range is upside down or not finite.
    """
    _finite(low, high)
    if low > high:
        raise InputError(f"range is upside down: {low:g} is above {high:g}")
    if low == high and mid in (None, low):
        return Point(low)
    logarithmic = low > 0
    if mid is None:
        mid = math.sqrt(low) * math.sqrt(high) if logarithmic else (low + high) / 2
    return Quantiles(low, mid, high, logarithmic, lower, upper)


def _finite(*values: float) -> None:
    if not all(math.isfinite(value) for value in values):
        raise InputError("a value must be a finite number")


def _ordered(*values: float) -> None:
    if list(values) != sorted(values):
        raise InputError("range is upside down: " + ", ".join(f"{value:g}" for value in values))
