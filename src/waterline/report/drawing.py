"""Drawings made from the model: the iceberg with its labels, and interval marks beside claims."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from waterline.report.iceberg import Iceberg, Point, area, iceberg

BODY_WIDTH, BODY_HEIGHT = 560.0, 560.0  # drawing units that the iceberg itself may take
LABEL_WIDTH = 420.0
MARGIN = 24.0
SKY = 56.0  # least room above the waterline, for the headline's label
LABEL_STEP = 50.0  # least distance between two labels
LABEL_LETTERS = 44  # letters of one label line; a Han character counts twice
DEPTH_TINTS = 7
LEAST_NUMBERED_AREA, LEAST_NUMBERED_HEIGHT = 1300.0, 24.0  # a slice smaller than this has no room for its number

MARK_WIDTH, MARK_INSET = 340.0, 14.0
LOG_FROM = 10.0  # a span of more than this ratio is drawn on a log scale


@dataclass(frozen=True, slots=True)
class Part:
    """One labelled polygon: ``anchor`` is where its leader line starts, ``label_y`` the height of its label."""

    key: int
    points: str
    tint: int
    anchor: Point
    label_y: float
    lines: tuple[str, ...]
    middle: Point | None


@dataclass(frozen=True, slots=True)
class Picture:
    """The iceberg ready to draw: view boxes with labels and without, waterline, tip and parts."""

    box: str
    small_box: str
    left: float
    top: float
    width: float
    height: float
    label_x: float
    tip: Part
    parts: tuple[Part, ...]


def iceberg_picture(above: float, below: Sequence[float], labels: Sequence[str]) -> Picture:
    """The picture of medians ``above`` and ``below``; ``labels`` are of the headline and then of each part."""
    berg = iceberg(above, below, BODY_WIDTH, BODY_HEIGHT)
    sky = max(SKY, berg.height) + MARGIN
    left = -BODY_WIDTH / 2 - MARGIN
    deep = max(berg.depth, LABEL_STEP * (len(below) + 0.6)) + MARGIN
    anchors = [_anchor(polygon) for polygon in berg.slices]
    places = spread([y for _, y in anchors], LABEL_STEP, LABEL_STEP * 0.75, deep - LABEL_STEP * 0.5)
    parts = tuple(
        Part(
            key=place + 2,
            points=_points(polygon),
            tint=round(place * (DEPTH_TINTS - 1) / max(1, len(below) - 1)),
            anchor=anchors[place],
            label_y=places[place],
            lines=wrapped(labels[place + 1]),
            middle=_middle(polygon) if polygon and _has_room(polygon) else None,
        )
        for place, polygon in enumerate(berg.slices)
    )
    tip_anchor = (max(x for x, _ in berg.tip) * 0.5, -berg.height * 0.45)
    tip = Part(1, _points(berg.tip), 0, tip_anchor, -sky + MARGIN + 8, wrapped(labels[0]), _tip_middle(berg))
    box_width = BODY_WIDTH + 2 * MARGIN
    return Picture(
        box=f"{left:g} {-sky:g} {box_width + LABEL_WIDTH:g} {sky + deep:g}",
        small_box=f"{left:g} {-sky:g} {box_width:g} {sky + berg.depth + MARGIN:g}",
        left=left,
        top=-sky,
        width=box_width + LABEL_WIDTH,
        height=sky + deep,
        label_x=left + box_width + 8,
        tip=tip,
        parts=parts,
    )


def _has_room(polygon: Sequence[Point]) -> bool:
    heights = [y for _, y in polygon]
    return area(polygon) > LEAST_NUMBERED_AREA and max(heights) - min(heights) > LEAST_NUMBERED_HEIGHT


def spread(wanted: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Heights near the wanted ones, in their order, at least ``step`` apart and, if there is room, in low..high."""
    found: list[float] = []
    for y in wanted:
        found.append(max(y, found[-1] + step if found else low))
    limit = high
    for place in range(len(found) - 1, -1, -1):
        found[place] = min(found[place], limit)
        limit = found[place] - step
    return found


def wrapped(text: str) -> tuple[str, ...]:
    """A label in at most two lines; what does not fit into them ends in an ellipsis."""
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < 2:
        cut = _fitting(rest)
        if cut < len(rest) and " " in rest[:cut]:
            cut = rest[:cut].rindex(" ")
        lines.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    if rest:
        lines[-1] = lines[-1].rstrip(",;: ") + "…"
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class Mark:
    """A value's median and 90% range against what was stated, on one axis; positions in drawing units.

    ``stated`` is one position, or the two ends of a stated range.
    """

    logarithmic: bool
    median: float
    low: float
    high: float
    stated: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]


def interval_mark(estimate: Mapping[str, Any], stated: Sequence[float], write: Callable[[float], str]) -> Mark | None:
    """The mark for an estimate beside a stated value, or None when there is nothing to compare."""
    values = [float(estimate[key]) for key in ("median", "p05", "p95")]
    everything = [*values, *stated]
    low, high = min(everything), max(everything)
    if not stated or not high - low > 1e-6 * max(abs(low), abs(high)):
        return None
    logarithmic = low > 0 and high / low > LOG_FROM
    scale: Callable[[float], float] = math.log10 if logarithmic else float
    start, end = scale(low), scale(high)
    padding = 0.06 * (end - start)
    start, end = start - padding, end + padding

    def place(value: float) -> float:
        return round(MARK_INSET + (scale(value) - start) / (end - start) * (MARK_WIDTH - 2 * MARK_INSET), 1)

    round_values = _decades(start, end) if logarithmic else _round_values(start, end)
    ticks = tuple((place(value), write(value)) for value in round_values)
    median, p05, p95 = (place(value) for value in values)
    return Mark(logarithmic, median, p05, p95, tuple(place(value) for value in stated), ticks)


def _decades(start: float, end: float) -> list[float]:
    exponents = range(math.ceil(start), math.floor(end) + 1)
    if len(exponents) < 2:
        return [m * 10.0**e for e in range(math.floor(start), math.ceil(end) + 1) for m in (1, 2, 5)
                if start <= math.log10(m * 10.0**e) <= end][:4]  # fmt: skip
    every = math.ceil(len(exponents) / 4)
    return [10.0**exponent for exponent in exponents[::every]]


def _round_values(start: float, end: float) -> list[float]:
    """Two to four round values between start and end."""
    rough = (end - start) / 3
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough)
    first = math.ceil(start / step)
    values = [count * step for count in range(first, math.floor(end / step) + 1)]
    return values if len(values) > 1 else [count * step / 2 for count in range(2 * first - 1, 2 * first + 2)
                                           if start <= count * step / 2 <= end]  # fmt: skip


def _points(polygon: Sequence[Point]) -> str:
    return " ".join(f"{x:.4g},{y:.4g}" if abs(x) + abs(y) < 1 else f"{x:.3f},{y:.3f}" for x, y in polygon)


def _anchor(polygon: Sequence[Point]) -> Point:
    """A point just inside the polygon's right edge, half way down."""
    if not polygon:
        return 0.0, 0.0
    right = list(polygon[: len(polygon) // 2])
    y = (right[0][1] + right[-1][1]) / 2
    for (x0, y0), (x1, y1) in itertools.pairwise(right):
        if y0 <= y <= y1:
            share = (y - y0) / (y1 - y0) if y1 > y0 else 0.0
            return (x0 + share * (x1 - x0)) * 0.94, y
    return right[0][0] * 0.94, y


def _middle(polygon: Sequence[Point]) -> Point:
    ys = [y for _, y in polygon]
    y = (min(ys) + max(ys)) / 2
    return sum(x for x, _ in polygon) / len(polygon), y


def _tip_middle(berg: Iceberg) -> Point | None:
    return (0.0, -berg.height * 0.32) if area(berg.tip) > LEAST_NUMBERED_AREA else None


def _fitting(text: str) -> int:
    """Number of leading characters that fit on a label line."""
    room = LABEL_LETTERS
    for place, letter in enumerate(text):
        room -= 2 if ord(letter) > 0x2E7F else 1
        if room < 0:
            return place
    return len(text)
