"""The cost layer's charts draw from plain rows."""

from __future__ import annotations

from typing import Any

import pytest

from waterline.report.chart import chart, drawing

ROWS: dict[str, list[dict[str, Any]]] = {
    "cost-stack": [{"chip": "h100-sxm", "part": "energy", "place": 0, "value": 1000.0}],
    "cluster-parts": [{"panel": "MW", "part": "servers", "value": 112.0, "text": "112"}],
    "rent-or-buy": [
        {"utilisation": used, "way": "owned", "median": 2 / used, "p05": 1 / used, "p95": 3 / used}
        for used in (0.2, 0.8)
    ],
    "token-cost-map": [
        {"series": "llama-3.1-70b", "across": 512, "hour_cost_ratio": 1.0, "median": 84.0, "text": "0.84"},
        {"series": "llama-3.1-405b", "across": 512, "hour_cost_ratio": 1.0, "median": None, "text": "–"},
    ],
}
WORDS = {word: word for word in ("title", "cost", "utilisation", "panels", "across_title")}
WORDS |= {"map_title": "title", "number": "datum.label"}


@pytest.mark.parametrize("name", ROWS)
def test_charts_draw(name: str) -> None:
    picture = drawing(chart(name, ROWS[name], WORDS))
    assert picture.startswith("<svg")
    assert ">title<" in picture
