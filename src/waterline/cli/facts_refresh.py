"""``waterline facts refresh``: prices and filings from their live sources, or prices from a file, into the store."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

IDENTITY = "EDGAR_IDENTITY"


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("refresh", parents=[shared], help="load prices or filings into the store")
    parser.add_argument("what", choices=("prices", "filings"), help="daily prices, or the SEC's company facts")
    parser.add_argument("tickers", nargs="*", metavar="TICKER", help="default: what the event study names")
    parser.add_argument("--file", type=Path, metavar="FILE", help="prices: read a file or folder instead of Yahoo")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Refresh and say what was stored."""
    from waterline.cli import output
    from waterline.core.errors import InputError

    tickers = [ticker.upper() for ticker in arguments.tickers]
    if arguments.what == "filings":
        if arguments.file is not None:
            raise InputError("--file is for prices; filings come from the SEC")
        found, place = _filings(tickers)
    else:
        found, place = _prices(tickers, arguments.file)
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr)
    if arguments.json:
        output.print_json({"what": arguments.what, "rows": found.rows, "store": str(place), "notes": list(found.notes)})
    else:
        print(f"{found.rows:,} rows of {arguments.what} added to {place}")
    return 0


def _filings(tickers: list[str]) -> tuple[Any, Path]:
    from waterline.market.event_study.evidence import named_companies
    from waterline.market.filings.store import default_filings
    from waterline.market.refresh import refresh_filings, sec_fetch

    store = default_filings()
    fetch = sec_fetch(os.environ.get(IDENTITY, ""))
    return refresh_filings(tickers or named_companies(), store, fetch), store.loads.directory


def _prices(tickers: list[str], file: Path | None) -> tuple[Any, Path]:
    from waterline.core.errors import InputError
    from waterline.market.event_study.evidence import named
    from waterline.market.prices.read import notes_of, read_prices
    from waterline.market.prices.store import default_store
    from waterline.market.refresh import Refreshed, refresh_prices, yahoo_frame

    store = default_store()
    if file is None:
        return refresh_prices(tickers or named(), store, yahoo_frame), store.loads.directory
    if not file.exists():
        raise InputError(f"there is no price file {file}")
    found = read_prices(file, tickers)
    missing = [ticker for ticker in tickers if ticker not in found]
    if missing:
        raise InputError(f"{file} has no prices of {', '.join(missing)}")
    return Refreshed(store.append(found.values()), tuple(notes_of(found))), store.loads.directory
