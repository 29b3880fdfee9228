"""Bringing the stores up to date from live sources, politely; what is stored stays when a source cannot be reached.

Everything that was asked for is fetched and read first and stored in one load after that, so that a loader that is cut
off half-way leaves the store as it was.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import numpy as np

from waterline.core.errors import InputError
from waterline.core.files import read_cache, write_cache
from waterline.market.filings.company_facts import read_company_facts, read_ticker_list
from waterline.market.filings.store import FilingStore
from waterline.market.prices.adjust import Actions, as_traded
from waterline.market.prices.history import History, history
from waterline.market.prices.store import PriceStore

Fetch = Callable[[str], bytes]
Read = TypeVar("Read")
Frames = Callable[[str], Any]

TICKERS = "https://www.sec.gov/files/company_tickers.json"
COMPANY_FACTS = "https://data.sec.gov/api/xbrl/companyfacts/CIK{:010d}.json"
DONE, NOT_FOUND = 200, 404
ATTEMPTS = 4
FIRST_WAIT = 1.0  # seconds, doubled after every attempt
LONGEST_WAIT = 60.0  # seconds; a source that asks for more is not asked again in this run
SEC_BLOCK = 600.0  # seconds for which the SEC blocks who asks too often, and longer when asked meanwhile
FRESH = timedelta(hours=12)  # what was fetched within it is not asked for again


class UnreachableError(Exception):
    """A source that does not answer, or asks to wait ``wait`` seconds: another attempt may help."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(" ".join(reason.split()))
        self.wait = wait


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: rows added to the store, and what the user should know."""

    rows: int
    notes: tuple[str, ...] = ()


def refresh_filings(tickers: Sequence[str], store: FilingStore, fetch: Fetch) -> Refreshed:
    """Load the company facts of tickers. Raises InputError for an unknown ticker or a malformed document.

    Where the SEC cannot be reached, the store stays as it is: a note if it holds the companies, an InputError if not.
    """
    patient = with_retries(fetch)
    read = cached(patient, read_company_facts)
    try:
        numbers = cached(patient, read_ticker_list)(TICKERS)
        unknown = [ticker for ticker in tickers if ticker not in numbers]
        if unknown:
            raise InputError(f"the SEC lists no company with the ticker {', '.join(unknown)}")
        facts = []
        for ticker in tickers:
            address = COMPANY_FACTS.format(numbers[ticker])
            found = read(address)
            if found and found[0].company != numbers[ticker]:
                raise InputError(f"{address}: facts of company {found[0].company}, not of {ticker}")
            facts.extend(found)
    except UnreachableError as problem:
        return _kept("the SEC", problem, store.exists)
    return Refreshed(store.append(facts))


def refresh_prices(tickers: Sequence[str], store: PriceStore, frames: Frames) -> Refreshed:
    """Load the daily prices of tickers from a function that gives yfinance's table for one.

    Where the source cannot be reached, the store stays as it is: a note if it holds the tickers, an InputError if not.
    """
    fetch = with_retries(frames)
    try:
        found = [history_of_frame(ticker, fetch(ticker)) for ticker in tickers]
    except UnreachableError as problem:
        return _kept("Yahoo Finance", problem, set(tickers) <= store.histories(tickers).keys())
    return Refreshed(store.append(found), tuple(note for each in found for note in each.notes))


def history_of_frame(ticker: str, frame: Any) -> History:
    """Prices from yfinance's table with ``Close`` (adjusted for splits alone), ``Adj Close`` and ``Stock Splits``.

    Closes are taken back to what was traded. Raises InputError for a table with other columns or without rows.
    """
    missing = [name for name in ("Close", "Adj Close", "Stock Splits") if name not in frame]
    if missing:
        raise InputError(f"prices of {ticker}: no column {', '.join(missing)} among {', '.join(map(str, frame))}")
    if not len(frame):
        raise InputError(f"there is no price of {ticker}: it is unknown to the source, or delisted")
    days = np.array([moment.date() for moment in frame.index], dtype="datetime64[D]")
    splits = np.nan_to_num(np.asarray(frame["Stock Splits"], dtype=float))
    split = splits > 0
    actions = Actions(days[split], splits[split], np.zeros(int(split.sum())))
    closes = np.asarray(frame["Close"], dtype=float)
    adjusted = np.asarray(frame["Adj Close"], dtype=float)
    return history(ticker, days, as_traded(days, closes, actions), adjusted, lambda row: f"{ticker} on {days[row]}")


def with_retries(
    fetch: Callable[[str], Any], attempts: int = ATTEMPTS, sleep: Callable[[float], None] = time.sleep
) -> Callable[[str], Any]:
    """The same function, tried again while the source does not answer, after a wait that doubles.

    A source that says how long to wait is given that time; where it is more than `LONGEST_WAIT`, it is not asked again.
    """

    def patient(name: str) -> Any:
        for attempt in range(attempts):
            try:
                return fetch(name)
            except UnreachableError as problem:
                if attempt == attempts - 1 or problem.wait > LONGEST_WAIT:
                    raise
                sleep(max(FIRST_WAIT * 2**attempt, problem.wait))
        raise AssertionError("a fetch is attempted at least once")

    return patient


def cached(
    fetch: Fetch, read: Callable[[bytes, str], Read], now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Callable[[str], Read]:
    """Fetch and read, without asking again for what was fetched within `FRESH`; only what can be read is kept."""
    import hashlib

    def remembering(address: str) -> Read:
        name = f"fetched-{hashlib.blake2b(address.encode(), digest_size=12).hexdigest()}"
        stored = read_cache(name)
        if stored is not None:
            stamp, _, content = stored.partition(b"\n")
            age = now() - datetime.fromisoformat(stamp.decode())
            if timedelta(0) <= age < FRESH:  # a clock may have been put back
                return read(content, address)
        content = fetch(address)
        found = read(content, address)
        write_cache(name, now().isoformat().encode() + b"\n" + content)
        return found

    return remembering


def sec_fetch(identity: str) -> Fetch:
    """Fetch from the SEC with edgartools, which keeps to its rate limit; ``identity`` is a name and an address.

    Raises InputError without an identity, which the SEC asks of every program.
    """
    if "@" not in identity:
        raise InputError(
            "the SEC wants to know who is asking: set EDGAR_IDENTITY to a name and an e-mail address, "
            "as in 'Jane Doe jane@example.org'"
        )

    def fetch(address: str) -> bytes:
        try:
            import edgar
            from edgar.httprequests import TooManyRequestsError, get_with_retry
        except ImportError:
            raise InputError("filings need edgartools: install waterline[market]") from None
        edgar.set_identity(identity)
        try:
            answer = get_with_retry(address)
        except TooManyRequestsError as problem:
            wait = float(problem.retry_after or SEC_BLOCK)
            raise UnreachableError(f"too many requests; it asks to wait {wait:.0f} seconds", wait) from problem
        except Exception as problem:  # edgartools lets through what the HTTP library below it raises, whichever that is
            raise UnreachableError(str(problem) or type(problem).__name__) from problem
        if answer.status_code == NOT_FOUND:
            raise InputError(f"the SEC has nothing at {address}")
        if answer.status_code != DONE:
            wait = answer.headers.get("Retry-After", "")
            stated = float(wait) if wait.isdecimal() else 0.0
            raise UnreachableError(f"status {answer.status_code} from {address}", stated)
        return bytes(answer.content)

    return fetch


def yahoo_frame(ticker: str) -> Any:
    """yfinance's table of a ticker's whole history, with splits and dividends in columns of their own."""
    try:
        import yfinance
        from yfinance.exceptions import YFException, YFRateLimitError, YFTickerMissingError
    except ImportError:
        raise InputError("prices need yfinance: install waterline[market], or give a file with --file") from None
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)  # what it logs, it also raises
    yfinance.config.debug.hide_exceptions = False
    try:
        return yfinance.Ticker(ticker).history(period="max", auto_adjust=False, actions=True)
    except YFTickerMissingError as problem:
        raise InputError(f"Yahoo Finance has no prices of {ticker}: {problem}") from problem
    except (YFRateLimitError, YFException, OSError) as problem:
        raise UnreachableError(str(problem) or type(problem).__name__) from problem


def _kept(source: str, problem: Exception, held: bool) -> Refreshed:
    if not held:
        raise InputError(f"{source} cannot be reached ({problem}), and nothing is stored yet") from problem
    return Refreshed(0, (f"{source} cannot be reached ({problem}); what is stored stays as it was",))
