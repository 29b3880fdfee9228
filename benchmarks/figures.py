"""What a benchmark found: printed as lines, or with ``--json`` as the one document that `run.py` keeps.

figures = Figures("How long …")
figures.add("evaluate 300 quantities", 14.2, "ms", goal="50 or less")
figures.curve("time by samples", "samples", "ms", "formulas", [(100, 0.2), (1000, 0.5)])
figures.show()
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any


class Figures:
    """Named figures with unit and goal, and curves of them."""

    def __init__(self, title: str, method: str = "") -> None:
        self._document: dict[str, Any] = {"title": title, "method": method, "figures": [], "curves": []}

    def add(self, name: str, value: float, unit: str, goal: str = "") -> None:
        """One figure."""
        self._document["figures"].append({"name": name, "value": value, "unit": unit, "goal": goal})
        if "--json" not in sys.argv:
            print(f"{name}: {plain(value)} {unit}" + (f" (goal: {goal})" if goal else ""), flush=True)

    def errors(self, name: str, ratios: Any) -> None:
        """Median error, and what nine in ten are within, of predictions over what was measured."""
        import numpy as np

        size = 100 * np.abs(ratios - 1)
        self.add(f"{name}, median error", float(np.median(size)), "%")
        self.add(f"{name}, nine in ten within", float(np.quantile(size, 0.9)), "%")

    def curve(self, title: str, x: str, y: str, name: str, points: Iterable[tuple[float, float]]) -> None:
        """A line of a chart: curves with one title stand in one chart."""
        found = [list(point) for point in points]
        self._document["curves"].append({"title": title, "x": x, "y": y, "name": name, "points": found})
        if "--json" not in sys.argv:
            print(f"{title}, {name}: " + ", ".join(f"{a:g} {x}: {plain(b)} {y}" for a, b in found), flush=True)

    def lines(self, printed: list[str]) -> None:
        """Lines to keep as they are, below the figures."""
        self._document["printed"] = printed
        if "--json" not in sys.argv:
            print("\n".join(printed))

    def show(self) -> None:
        """Print the document where it was asked for."""
        if "--json" in sys.argv:
            print(json.dumps(self._document, ensure_ascii=False, indent=1))


def best_of(repeats: int, *runs: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Shortest time of each run in milliseconds; they take turns, so that a busy moment meets all of them.

    ``clock`` is `time.process_time` where runs start no processes and other programs shall not count.
    """
    times = [[] for _ in runs]
    for _ in range(repeats):
        for run, taken in zip(runs, times, strict=True):
            started = clock()
            run()
            taken.append(1000 * (clock() - started))
    return [min(taken) for taken in times]


def plain(value: float) -> str:
    """A number with three digits, for reading."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
