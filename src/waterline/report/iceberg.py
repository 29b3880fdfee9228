"""The cost iceberg's geometry: a silhouette cut into slices whose areas are in proportion to what they stand for."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]

# The tip's outline over a base of width 1, left to right; heights in the same measure.
_TIP: tuple[Point, ...] = (
    (-0.50, 0.0), (-0.41, 0.20), (-0.30, 0.27), (-0.20, 0.55), (-0.08, 0.72),
    (0.04, 0.66), (0.14, 0.44), (0.27, 0.37), (0.37, 0.14), (0.50, 0.0),
)  # fmt: skip
# The body's outline: depth, left and right extent, in parts of its full depth and width.
# The first row is replaced by the tip's own base, so that the two meet at the waterline.
_BODY: tuple[tuple[float, float, float], ...] = (
    (0.00, 0.05, 0.05), (0.05, 0.24, 0.20), (0.12, 0.33, 0.36), (0.22, 0.47, 0.41), (0.34, 0.45, 0.50),
    (0.46, 0.50, 0.46), (0.58, 0.41, 0.44), (0.70, 0.36, 0.32), (0.80, 0.25, 0.28), (0.89, 0.19, 0.15),
    (0.96, 0.07, 0.10), (1.00, 0.00, 0.02),
)  # fmt: skip
_DEPTH_TO_WIDTH = 0.80
_STEPS = 60  # bisection steps: enough to exhaust a double's digits


# Area of the body below its first band, at width 1
_LOWER_AREA = _DEPTH_TO_WIDTH * sum(
    (d1 - d0) * (l0 + r0 + l1 + r1) / 2 for (d0, l0, r0), (d1, l1, r1) in itertools.pairwise(_BODY[1:])
)


@dataclass(frozen=True, slots=True)
class Iceberg:
    """Polygons in drawing units, the waterline at y = 0 and depth downward; x = 0 is the middle of the tip.

    ``slices`` follow the order of the parts, from the waterline down. ``scale`` is area per unit of value.
    """

    tip: tuple[Point, ...]
    slices: tuple[tuple[Point, ...], ...]
    scale: float

    @property
    def height(self) -> float:
        """Height of the tip above the waterline."""
        return -min(y for _, y in self.tip)

    @property
    def depth(self) -> float:
        """Depth of the body below the waterline."""
        return max((y for part in self.slices for _, y in part), default=0.0)


def area(polygon: Sequence[Point]) -> float:
    """Area of a polygon by the shoelace formula."""
    following = [*polygon[1:], polygon[0]]
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(polygon, following, strict=True))) / 2


def iceberg(above: float, below: Sequence[float], width: float, height: float) -> Iceberg:
    """The iceberg of a headline of value ``above`` over parts ``below`` that fits into ``width`` × ``height``.

    Parts that are not positive have no area and get an empty polygon. Areas per unit of value are the same above and
    below the waterline.
    """
    above = max(above, 0.0)
    parts = [max(part, 0.0) for part in below]
    total = sum(parts)
    low, high = 0.0, width * height / max(above + total, math.ulp(1.0))
    for _ in range(_STEPS):
        scale = (low + high) / 2
        base = _base(above * scale)
        body = _body_width(total * scale, base)
        tall = base * max(y for _, y in _TIP) + body * _DEPTH_TO_WIDTH
        low, high = (scale, high) if max(base, body) <= width and tall <= height else (low, scale)
    base = _base(above * low)
    tip = tuple((x * base, -y * base) for x, y in _TIP)
    return Iceberg(tip, _slices(_outline(_body_width(total * low, base), base), [part * low for part in parts]), low)


def _base(tip_area: float) -> float:
    return math.sqrt(tip_area / area(_TIP))


def _outline(width: float, base: float) -> list[tuple[float, float, float]]:
    """Depth, left and right of the body in drawing units; its top is as wide as the tip, at most as its shoulder."""
    rows = [(depth * width * _DEPTH_TO_WIDTH, left * width, right * width) for depth, left, right in _BODY]
    half = base / 2
    return [(0.0, min(half, width / 2), min(half, width / 2)), *rows[1:]]


def _outline_area(outline: Sequence[tuple[float, float, float]]) -> float:
    pairs = itertools.pairwise(outline)
    return sum((d1 - d0) * (l0 + r0 + l1 + r1) / 2 for (d0, l0, r0), (d1, l1, r1) in pairs)


def _body_width(body_area: float, base: float) -> float:
    """Width at which the body under a tip with this base has this area.

    The area is quadratic in the width: all but the first band scale with it, and the first starts at the tip's base.
    """
    depth, left, right = _BODY[1]
    first = depth * _DEPTH_TO_WIDTH
    quadratic = _LOWER_AREA + first * (left + right) / 2
    linear = first * base / 2
    width = 2 * body_area / (linear + math.sqrt(linear**2 + 4 * quadratic * body_area)) if body_area else 0.0
    return width if width >= base else math.sqrt(body_area / (quadratic + first / 2))


def _slices(outline: Sequence[tuple[float, float, float]], areas: Sequence[float]) -> tuple[tuple[Point, ...], ...]:
    found = []
    above, reached = 0.0, outline[0]
    for wanted in areas:
        above += wanted
        bottom = _cut(outline, above)
        inner = [row for row in outline if reached[0] < row[0] < bottom[0]]
        rows = [reached, *inner, bottom]
        right = [(right, depth) for depth, _, right in rows]
        left = [(-left, depth) for depth, left, _ in reversed(rows)]
        found.append((*right, *left) if wanted > 0 else ())
        reached = bottom
    return tuple(found)


def _cut(outline: Sequence[tuple[float, float, float]], wanted: float) -> tuple[float, float, float]:
    """The row at the depth above which the outline holds the area ``wanted``."""
    held = 0.0
    for top, bottom in itertools.pairwise(outline):
        band = _outline_area((top, bottom))
        if held + band >= wanted * (1 - 1e-12):
            return _within(top, bottom, wanted - held)
        held += band
    return outline[-1]


def _within(
    top: tuple[float, float, float], bottom: tuple[float, float, float], wanted: float
) -> tuple[float, float, float]:
    """The row inside one band (width linear in depth) above which it holds ``wanted``: a quadratic in the share."""
    full = bottom[0] - top[0]
    start, change = top[1] + top[2], bottom[1] + bottom[2] - top[1] - top[2]
    # full × (start × t + change × t² / 2) = wanted, solved in the form that is stable when change is near zero
    root = math.sqrt(max(start * start + 2 * change * wanted / full, 0.0))
    share = min(1.0, max(0.0, 2 * wanted / full / (start + root))) if start + root else 0.0
    depth, left, right = (a + share * (b - a) for a, b in zip(top, bottom, strict=True))
    return depth, left, right
