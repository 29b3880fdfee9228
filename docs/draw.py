"""Pictures of the documentation, drawn from questions that anybody can ask: docs/pictures/*.svg.

    python docs/draw.py [NAME …]

The tables below the pictures are written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import waterline as wl
from waterline.core.answer import Summary
from waterline.core.errors import InputError
from waterline.report.chart import chart, drawing

PICTURES = Path(__file__).with_name("pictures")
AS_OF = date(2026, 11, 24)
Rows = list[dict[str, Any]]

CHIPS = ("h100-sxm", "h200", "b200", "gb200", "mi300x", "trainium2", "tpu-v5p")
YEARLY = {
    "server_cost_per_year": "servers and network",
    "site_cost_per_year": "site and supply",
    "energy_cost_per_year": "energy",
    "operations_cost_per_year": "operations",
    "licence_cost_per_year": "licence",
}
MONEY = {
    "switch_capital": "switches",
    "transceiver_capital": "transceivers",
    "cable_capital": "fibre",
    "front_end_capital": "front-end network",
    "storage_capital": "storage",
    "rack_capital": "racks",
    "spares_capital": "spares",
    "installation_capital": "installation",
    "power_supply_capital": "power supply",
}
POWER = {
    "server_power": "servers",
    "switch_power": "switches",
    "transceiver_power": "transceivers",
    "storage_power": "storage and management",
}
MODELS = ("llama-3.1-8b", "mixtral-8x22b", "llama-3.1-70b", "llama-3.1-405b", "deepseek-v3")
LENGTHS = (512, 2000, 8000, 32000)
PRICE_RATIOS = (1.0, 1.1, 1.2, 1.33)
ANSWERS = {"serving_output_length": 500, "cached_input_length": 0}


def asked(quantity: str, **bindings: Any) -> Summary:
    """Median and range of an answer."""
    return wl.ask(quantity, as_of=AS_OF, **bindings).summary


def cost_stack() -> Rows:
    """Yearly cost of chips by part."""
    return [
        {"chip": chip, "part": part, "place": place, "value": asked(quantity, chip=chip).median}
        for chip in CHIPS
        for place, (quantity, part) in enumerate(YEARLY.items())
    ]


def cluster_parts() -> Rows:
    """Network, storage and power of a large cluster."""
    return [
        *_bars("million USD", 1e6, "USD", MONEY),
        *_bars("MW", 1e3, "kW", POWER),
    ]


def _bars(panel: str, scale: float, unit: str, parts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for quantity, part in parts.items():
        answer = wl.ask(quantity, as_of=AS_OF, chip="h100-sxm", count=100_000)
        assert answer.unit == unit
        value = answer.summary.median / scale
        yield {"panel": panel, "part": part, "value": value, "text": f"{value:,.3g}"}


def rent_or_buy() -> Rows:
    """Cost of an hour of work over utilisation."""
    rent = asked("h100-sxm.rental_price")
    rows = []
    for percent in range(10, 100, 5):
        used = percent / 100
        own = asked("ownership_cost_per_gpu_hour", chip="h100-sxm", utilisation=used)
        for way, found in (("owned", own), ("rented by the hour", rent)):
            rows.append(
                {"utilisation": used, "way": way, "median": found.median, "p05": found.p05, "p95": min(found.p95, 20)}
            )
    return rows


def token_cost_map() -> Rows:
    """Cost of a token on an H200 over an H100, in percent, where both serve within the limits."""
    rows = []
    for series_order, model in enumerate(MODELS):
        for order, length in enumerate(LENGTHS):
            for ratio in PRICE_RATIOS:
                row = {"series": model, "series_order": series_order, "across": length, "order": order}
                bound = {"chip": "h200", "rival_chip": "h100-sxm", "model": model}
                try:
                    lengths = {"serving_input_length": length, **ANSWERS}
                    found = asked("token_cost_ratio", hour_cost_ratio=ratio, **lengths, **bound)
                    shown = {"median": 100 * found.median, "text": f"{found.median:.2f}"}
                except InputError:
                    shown = {"median": None, "text": "–"}  # no set-up of one of the two chips meets the limits
                rows.append({**row, "hour_cost_ratio": ratio, **shown})
    return rows


DRAWN: dict[str, tuple[Callable[[], Rows], dict[str, str]]] = {
    "cost-stack": (cost_stack, {"title": "What an accelerator costs its owner", "cost": "USD a year, medians"}),
    "cluster-parts": (cluster_parts, {"title": "100,000 H100: network and the rest, power"}),
    "rent-or-buy": (
        rent_or_buy,
        {
            "title": "An hour of an H100: owned or rented",
            "cost": "USD for an hour of work, 90% range",
            "utilisation": "part of the hours with work",
        },
    ),
    "token-cost-map": (
        token_cost_map,
        {
            "map_title": "Cost of a served token, H200 over H100",
            "panels": "price of an hour, H200 over H100",
            "across_title": "prompt, tokens",
            "number": "format(datum.value, ',')",
        },
    ),
}


def main(names: Sequence[str]) -> None:
    """Draw the pictures named, or all."""
    for name in names or DRAWN:
        rows, words = DRAWN[name]
        (PICTURES / f"{name}.svg").write_text(drawing(chart(name, rows(), words)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
