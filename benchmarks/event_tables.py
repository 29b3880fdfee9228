"""Writes the tables of our own that event studies and recovery base rates ship with, from a folder of price files.

    .venv/bin/python benchmarks/event_tables.py ../shared/data/prices

`src/waterline/market/data/returns-2025-01-27.csv`: daily log returns, rounded to six decimals, of the companies that
the study names, their market and their sector, from 260 trading days before the day to 20 after it.
`facts/data/universe/*.yaml`: Kaplan–Meier base rates of one-day falls since 2010, their intervals, and the rule "buy
the day after". Both are derived figures; no price is written.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from waterline.market.falls import Falls, falls_of, luck
from waterline.market.prices.history import History
from waterline.market.prices.read import read_prices
from waterline.market.prices.returns import panel_of

ROOT = Path(__file__).parents[1] / "src/waterline"
EVENT, BEFORE, AFTER = date(2025, 1, 27), 260, 20
MARKET, SECTOR = "SPY", "SMH"
NAMED = ("NVDA", "AVGO", "MRVL", "AMD", "TSM", "VRT", "VST", "ORCL", "MSFT", "META", "AMZN", "GOOGL")
NOT_COMPANIES = ("SPY", "QQQ", "SMH", "SOXX", "XSD", "XLK", "DIA", "IGV", "GLD", "TLT", "SHY", "BIL")
SINCE = np.datetime64("2010-01-01")
SIZES = {10: (0.10, 0.15), 15: (0.15, 0.20), 20: (0.20, 1.0)}
HORIZONS = (1, 5, 10, 21, 42, 63, 126, 252, 504)
PARTS = (10, 25, 50, 75, 90)
SOURCE = "daily-closes-2026-08"
KNOWN = (date(2025, 1, 24), date(2026, 8, 3))


class Plain(yaml.SafeDumper):
    """Writes every value where it stands, without references between places."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def main(folder: Path) -> None:
    histories = read_prices(folder)
    write_returns(histories, ROOT / "market/data/returns-2025-01-27.csv")
    companies = [found for name, found in histories.items() if name not in NOT_COMPANIES]
    for known in KNOWN:
        ended = [found for found in (until(history, known) for history in companies) if found is not None]
        market = until(histories[MARKET], known)
        assert market is not None
        falls = falls_of(ended, market, 0.10)
        write_base_rates(falls.chosen(falls.dates >= SINCE), known)


def until(history: History, day: date) -> History | None:
    kept = history.dates <= np.datetime64(day)
    if kept.sum() < 2:
        return None
    return History(history.ticker, history.dates[kept], history.for_returns[kept])


def write_returns(histories: dict[str, History], path: Path) -> None:
    names = [MARKET, SECTOR, *NAMED]
    panel = panel_of(histories, MARKET, names)
    event = panel.row(EVENT)
    assert event is not None
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["date", *names])
        for place in range(event - BEFORE, event + AFTER + 1):
            cells = ["" if np.isnan(value) else f"{value:.6f}" for value in panel.returns[place]]
            writer.writerow([str(panel.dates[place]), *cells])


def universes(falls: Falls) -> Iterator[tuple[str, str, Falls]]:
    yield "large-us-companies", "Large US companies", falls
    down = falls.market <= -0.01
    yield (
        "large-us-companies-market-down",
        "Large US companies, days on which the market lost 1% or more",
        falls.chosen(down),
    )
    yield "large-us-companies-market-steady", "Large US companies, other days", falls.chosen(~down)
    usual = float(np.nanmedian(falls.volatility))
    yield (
        "large-us-companies-volatile",
        "Large US companies, the more volatile half of falls",
        falls.chosen(falls.volatility >= usual),
    )
    yield (
        "large-us-companies-calm",
        "Large US companies, the calmer half of falls",
        falls.chosen(falls.volatility < usual),
    )


def write_base_rates(falls: Falls, known: date) -> None:
    entities: dict[str, Any] = {}
    for identity, name, some in universes(falls):
        facts: dict[str, Any] = {}
        for size, (low, high) in SIZES.items():
            facts.update(figures(size, some.chosen((some.size >= low) & (some.size < high)), known))
        entities[identity] = {"name": name, "facts": dict(sorted(facts.items()))}
    folder = ROOT / "facts/data/universe"
    folder.mkdir(exist_ok=True)
    document = {"kind": "universe", "entities": entities}
    text = yaml.dump(document, Dumper=Plain, default_flow_style=None, width=300, allow_unicode=True)
    (folder / f"falls-to-{known}.yaml").write_text(text, "utf-8")


def figures(size: int, falls: Falls, known: date) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    def fact(unit: str, **numbers: float) -> list[dict[str, Any]]:
        rounded = {key: float(f"{number:.6g}") for key, number in numbers.items()}
        note = f"{len(falls)} falls since 2010 in closes to {known}"
        return [{**rounded, "unit": unit, "valid": known, "known": known, "source": SOURCE, "trust": "B", "note": note}]

    curve = falls.curve()
    yield f"falls_of_{size}", fact("count", value=len(falls))
    yield f"median_recovery_of_{size}", fact("day", value=curve.median)
    for days in HORIZONS:
        low, high = curve.interval(days)
        middle = curve.probability(days)
        yield f"recovered_{days}_of_{size}", fact("fraction", low=low, mid=middle, high=high)
    made_up = falls.made_up[~np.isnan(falls.made_up)]
    for part in PARTS:
        yield f"made_up_p{part}_of_{size}", fact("fraction", value=float(np.percentile(made_up, part)))
    mean, low, high, chance = luck(falls)
    yield f"held_excess_of_{size}", fact("fraction", low=low, mid=mean, high=high)
    yield f"held_luck_of_{size}", fact("fraction", value=chance)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
