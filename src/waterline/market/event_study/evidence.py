"""Where an event study's returns come from: a price file, the price store, or the table that is shipped."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from waterline.core.data_file import data_file
from waterline.core.errors import InputError, unknown
from waterline.market.event_study.panel import Panel, read_panel
from waterline.market.prices.history import History
from waterline.market.prices.read import notes_of, read_prices
from waterline.market.prices.returns import panel_of

_TABLE = "returns-2025-01-27"


@dataclass(frozen=True)
class Evidence:
    """Returns of everything that may be asked, with where they come from.

    ``panel`` has the market as its first factor and, where there is one, the sector as its second. ``histories`` are
    the prices behind it; the shipped table has none.
    """

    panel: Panel
    market: str
    sector: str | None
    source: str
    histories: Mapping[str, History] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def companies(self) -> tuple[str, ...]:
        """Securities that are no funds."""
        return tuple(name for name in self.panel.names if name not in _described()["funds"] and name != self.market)


def evidence(ticker: str, market: str | None = None, prices: Path | None = None, also: Sequence[str] = ()) -> Evidence:
    """Returns for a study of ``ticker``: from ``prices`` (a file or a folder), else the store, else the shipped table.

    Raises InputError when the ticker or the market is in none of them.
    """
    described = _described()
    index = (market or str(described["market"])).upper()
    if prices is not None:
        if not prices.exists():
            raise InputError(f"there is no price file {prices}")
        return _of_histories(_wanted(prices, ticker, index, also), ticker, index, str(prices))
    stored = _stored(ticker, index, also)
    if stored:
        return _of_histories(stored, ticker, index, "the price store")
    return shipped_evidence(ticker, index)


def _wanted(prices: Path, ticker: str, index: str, also: Sequence[str]) -> dict[str, History]:
    """Of a folder, the study's own names; of a file, all that is in it."""
    if prices.is_file():
        found = read_prices(prices)
        return found if ticker in found and index in found else read_prices(prices, [ticker, index, *also, *named()])
    return read_prices(prices, list(dict.fromkeys([ticker, index, *also, *named()])))


def _of_histories(histories: dict[str, History], ticker: str, index: str, source: str) -> Evidence:
    if ticker not in histories:
        raise unknown(f"ticker, not in {source}:", ticker, histories)
    sector = str(_described()["sector"])
    with_sector = sector if sector in histories and sector not in (index, ticker) else None
    names = [name for name in histories if name != index]
    return Evidence(
        panel_of(histories, index, names, with_sector),
        index,
        with_sector,
        source,
        histories,
        tuple(notes_of(histories)),
    )


def _stored(ticker: str, index: str, also: Sequence[str]) -> dict[str, History]:
    from waterline.market.prices.store import default_store

    store = default_store()
    if not store.exists:
        return {}
    found = store.histories(list(dict.fromkeys([ticker, index, *also, *named()])))
    return found if ticker in found and index in found else {}


def shipped_evidence(ticker: str, market: str | None = None, table: str = _TABLE) -> Evidence:
    """Returns of a shipped table alone, so that the answer is the same on every machine.

    Raises InputError when the ticker or the market is not in it, or there is no such table.
    """
    if table != _TABLE:
        raise unknown("table of returns", table, [_TABLE])
    index = market or str(_described()["market"])
    described = _described()
    held = read_panel(_file(f"{_TABLE}.csv"), ())
    for name in (ticker, index):
        if name not in held.names:
            raise InputError(
                f"no returns of {name} are shipped, only of {', '.join(held.names)} around 2025-01-27; "
                "give prices with --prices FILE, or load them with 'waterline facts refresh prices'"
            )
    sector = str(described["sector"]) if ticker != described["sector"] != index else None
    factors = tuple(name for name in (index, sector) if name)
    columns = [held.column(name) for name in factors]
    panel = Panel(held.dates, held.names, held.returns, factors, held.returns[:, columns])
    return Evidence(panel, index, sector, f"the shipped table of returns ({described['source']})")


def named() -> tuple[str, ...]:
    """Every ticker of the shipped table."""
    with _file(f"{_TABLE}.csv").open(encoding="utf-8") as stream:
        return tuple(stream.readline().strip().split(",")[1:])


def named_companies() -> tuple[str, ...]:
    """The tickers of the shipped table that are no funds."""
    return tuple(name for name in named() if name not in _described()["funds"])


@functools.cache
def _described() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = data_file("waterline.market", "data", f"{_TABLE}.yaml")
    return loaded


def _file(name: str) -> Path:
    return Path(str(resources.files("waterline.market"))) / "data" / name
