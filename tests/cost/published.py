"""Published totals of `published_totals.yaml` beside what the bill of materials gives for them.

PYTHONPATH=tests python -m cost.published        prints the table of docs/explanation/cost.md
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

import waterline as wl
from waterline.core.units import conversion_factor

SCOPES = {
    "accelerators": ("accelerator_capital",),
    "network": ("network_capital",),
    "servers and fabric": (
        "accelerator_capital",
        "server_capital",
        "switch_capital",
        "transceiver_capital",
        "cable_capital",
    ),
    "servers and network": ("accelerator_capital", "server_capital", "network_capital"),
    "equipment": ("cluster_equipment_cost",),
    "everything": ("cluster_capital_cost",),
    "per watt": ("cluster_cost_per_watt",),
    "hour": ("ownership_cost_per_gpu_hour",),
    "power": ("cluster_site_power",),
    "power without cooling": ("cluster_it_power",),
    "floor": ("cluster_floor_area",),
}


@dataclass(frozen=True)
class Comparison:
    """A published total and the modelled median and 90% range, all in ``unit``."""

    name: str
    group: str
    scope: str
    unit: str
    published: float
    median: float
    p05: float
    p95: float
    at_least: bool

    @property
    def error(self) -> float:
        return self.median / self.published - 1

    @property
    def inside(self) -> bool:
        return self.published <= self.p95 and (self.at_least or self.p05 <= self.published)

    @property
    def line(self) -> str:
        """A row of the documentation's table."""
        cells = (
            self.group, f"`{self.name}`", self.scope,
            f"{'over ' if self.at_least else ''}{written(self.published)}", written(self.median),
            f"{written(self.p05)} to {written(self.p95)}",
            f"{100 * self.error:+.0f}%{'' if self.inside else ' (outside)'}",
        )  # fmt: skip
        return f"| {' | '.join(cells)} |"


def written(value: float) -> str:
    for scale, letter in ((1e9, " B"), (1e6, " M")):
        if value >= scale:
            return f"{value / scale:,.3g}{letter}"
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


def comparisons() -> list[Comparison]:
    rows = yaml.safe_load(Path(__file__).with_name("published_totals.yaml").read_text("utf-8"))
    return [compare(row) for row in rows]


def compare(row: dict[str, Any]) -> Comparison:
    day = date.fromisoformat(str(row["as_of"]))
    published = wl.ask(row["published"], as_of=day)
    total: Any = 0.0
    unit = ""
    for part in row["parts"]:
        asked = {name: value for name, value in part.items() if name not in ("scope", "times", "as_of", "set")}
        given = {name: str(value) for name, value in part.get("set", {}).items()}
        bought = date.fromisoformat(str(part.get("as_of", day)))
        for quantity in SCOPES[part["scope"]]:
            answer = wl.ask(quantity, as_of=bought, set=given, **asked)
            total, unit = total + part.get("times", 1) * answer.samples, answer.unit
    p05, median, p95 = np.percentile(total, (5, 50, 95))
    stated = published.summary.median * conversion_factor(published.unit, unit)
    return Comparison(
        row["published"], row["group"], row["parts"][0]["scope"], unit, stated, float(median), float(p05), float(p95),
        row.get("at_least", False),
    )  # fmt: skip


if __name__ == "__main__":
    print("\n".join(row.line for row in comparisons()))
