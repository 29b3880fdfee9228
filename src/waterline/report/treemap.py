"""A treemap: rectangles in proportion to a size, as square as they can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tile:
    """One rectangle: position of its upper left corner, width and height, in drawing units."""

    x: float
    y: float
    width: float
    height: float


def treemap(sizes: Sequence[float], width: float, height: float) -> list[Tile]:
    """Tiles that fill ``width`` by ``height``, one for each of ``sizes``, which are positive and fall.

    Source: Bruls, Huizing & van Wijk, Squarified Treemaps (2000): a row takes tiles while that makes them squarer.
    """
    tiles: list[Tile] = []
    x = y = 0.0
    scale = width * height / sum(sizes) if sizes else 0.0
    rest = [size * scale for size in sizes]
    while rest:
        side = min(width - x, height - y)
        row = _row(rest, side)
        thickness = sum(row) / side if side > 0 else 0.0
        offset = 0.0
        for area in row:
            length = area / thickness if thickness else 0.0
            if width - x >= height - y:
                tiles.append(Tile(x, y + offset, thickness, length))
            else:
                tiles.append(Tile(x + offset, y, length, thickness))
            offset += length
        if width - x >= height - y:
            x += thickness
        else:
            y += thickness
        rest = rest[len(row) :]
    return tiles


def _row(areas: Sequence[float], side: float) -> list[float]:
    """The first areas that, laid along ``side``, have the best worst ratio of length to thickness."""
    row = [areas[0]]
    for area in areas[1:]:
        if _worst([*row, area], side) > _worst(row, side):
            break
        row.append(area)
    return row


def _worst(row: Sequence[float], side: float) -> float:
    total = sum(row)
    if side <= 0 or total <= 0:
        return 0.0
    return max(side**2 * max(row) / total**2, total**2 / (side**2 * min(row)))
