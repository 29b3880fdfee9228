"""The stores: append-only, as of any date, whole or untouched; and the loaders, on payloads in the live formats."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from waterline.core.errors import InputError
from waterline.market.filings.company_facts import read_company_facts
from waterline.market.filings.store import FilingStore
from waterline.market.loads import Loads
from waterline.market.prices.history import History
from waterline.market.prices.store import PriceStore
from waterline.market.refresh import (
    COMPANY_FACTS,
    TICKERS,
    UnreachableError,
    cached,
    refresh_filings,
    refresh_prices,
    sec_fetch,
    with_retries,
)

NVIDIA = 1045810


def entry(value: float, end: str, filed: str, form: str = "10-Q", start: str | None = None) -> dict[str, Any]:
    stated = {
        "end": end,
        "val": value,
        "accn": "0001045810-24-000316",
        "fy": 2025,
        "fp": "Q3",
        "form": form,
        "filed": filed,
    }
    return stated if start is None else {"start": start, **stated}


PAYLOAD = {
    "cik": NVIDIA,
    "entityName": "NVIDIA CORP",
    "facts": {
        "dei": {"EntityCommonStockSharesOutstanding": {"label": "", "description": "", "units": {
            "shares": [entry(24490000000, "2024-11-15", "2024-11-20"),
            entry(24400000000, "2025-02-21", "2025-02-26", "10-K")]
        }}},
        "us-gaap": {"Revenues": {"label": "Revenues", "description": "", "units": {
            "USD": [
                entry(35082000000, "2024-10-27", "2024-11-20", start="2024-07-29"),
                entry(35083000000, "2024-10-27", "2025-11-19", start="2024-07-29"),
            ]
        }}},
    },
}  # fmt: skip
LISTED = {"0": {"cik_str": NVIDIA, "ticker": "NVDA", "title": "NVIDIA CORP"}}
ANSWERS = {TICKERS: json.dumps(LISTED).encode(), COMPANY_FACTS.format(NVIDIA): json.dumps(PAYLOAD).encode()}


def prices(ticker: str, *closes: float) -> History:
    dates = np.datetime64("2025-01-24") + np.arange(len(closes))
    return History(ticker, dates, np.array(closes), np.array(closes) * 0.9)


@pytest.fixture
def filings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FilingStore:
    monkeypatch.setenv("WATERLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("waterline.market.refresh.FIRST_WAIT", 0.0)
    return FilingStore(Loads(tmp_path / "filings"))


def listing(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()} if directory.exists() else {}


def test_prices_are_those_of_the_newest_load_known_on_a_date(tmp_path: Path) -> None:
    store = PriceStore(Loads(tmp_path))
    store.append([prices("NVDA", 142.62, 118.42), prices("SPY", 600.0, 590.0)], date(2025, 1, 28))
    before = listing(tmp_path)
    store.append([prices("NVDA", 14.262, 11.842, 12.9)], date(2025, 2, 1))
    assert before.items() <= listing(tmp_path).items()
    assert store.histories(["NVDA"])["NVDA"].closes == pytest.approx([14.262, 11.842, 12.9])
    then = store.histories(as_of=date(2025, 1, 31))
    assert then["NVDA"].closes == pytest.approx([142.62, 118.42])
    assert then["NVDA"].for_returns == pytest.approx([142.62 * 0.9, 118.42 * 0.9])
    assert set(then) == {"NVDA", "SPY"}
    assert store.histories(as_of=date(2025, 1, 1)) == {}
    assert store.on_day(date(2025, 1, 25)) == pytest.approx({"NVDA": 11.842 * 0.9, "SPY": 531.0})


def test_a_load_that_does_not_state_its_rows_is_counted(tmp_path: Path) -> None:
    stating, counted = (PriceStore(Loads(tmp_path / name)) for name in ("stating", "counted"))
    bare = dataclasses.replace(prices("SPY", 600.0, 590.0, 601.0), adjusted=None)
    stating.append([prices("NVDA", 142.62, 118.42), bare, prices("AMD", 120.0)], date(2025, 1, 28))
    columns = "SELECT * FROM read_parquet('{}') ORDER BY ticker, date"
    (file,) = stating.loads.files()
    counted.loads.append({"ignored": np.array([0.0])}, columns.format(file), date(2025, 1, 28))
    for store in (stating, counted):
        found = store.histories()
        assert found["NVDA"].for_returns == pytest.approx([142.62 * 0.9, 118.42 * 0.9])
        assert found["SPY"].adjusted is None
        assert list(found["SPY"].dates) == list(bare.dates)
        assert store.histories(["AMD"])["AMD"].closes == pytest.approx([120.0])


def test_a_load_cut_off_half_way_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PriceStore(Loads(tmp_path))
    store.append([prices("NVDA", 142.62)], date(2025, 1, 28))
    before = listing(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("waterline.market.loads.os.link", full)
    with pytest.raises(InputError, match="No space left"):
        store.append([prices("NVDA", 1.0)], date(2025, 1, 29))
    assert listing(tmp_path) == before


def test_filings_are_read_as_reported_and_as_known(filings: FilingStore) -> None:
    done = refresh_filings(["NVDA"], filings, ANSWERS.__getitem__)
    assert done.rows == 4
    shares = filings.series(NVIDIA, "EntityCommonStockSharesOutstanding", date(2025, 1, 27))
    assert [fact.value for fact in shares] == [24.49e9]
    assert [fact.value for fact in filings.series(NVIDIA, "Revenues", date(2025, 1, 27))] == [35.082e9]
    restated = filings.series(NVIDIA, "Revenues")
    assert [(fact.value, fact.start, fact.fiscal_year) for fact in restated] == [(35.083e9, date(2024, 7, 29), 2025)]
    assert restated[0].filed == date(2025, 11, 19)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text[: len(text) // 2], "not a whole JSON document"),
        (lambda text: b'{"message": "Forbidden"}', "expected company facts with 'cik' and 'facts', not message"),
        (lambda text: text.replace(b'"val": 24490000000', b'"val": "n/a"'), "dei:EntityCommonStockSharesOutstanding"),
        (lambda text: text.replace(b'"end": "2024-11-15", ', b""), "malformed entry"),
        (lambda text: text.replace(b'"units": {"shares"', b'"units": [], "x": {"shares"'), "expected a table"),
    ],
)
def test_malformed_filings_are_refused_and_leave_the_store(
    filings: FilingStore, spoil: Callable[[bytes], bytes], message: str
) -> None:
    refresh_filings(["NVDA"], filings, ANSWERS.__getitem__)
    before = listing(filings.loads.directory)
    address = COMPANY_FACTS.format(NVIDIA)
    with pytest.raises(InputError) as problem:
        read_company_facts(spoil(ANSWERS[address]), address)
    assert message in str(problem.value)
    assert listing(filings.loads.directory) == before


def test_one_company_that_fails_stores_none(filings: FilingStore) -> None:
    other = {"1": {"cik_str": 2488, "ticker": "AMD", "title": "AMD"}, **LISTED}
    answers = {**ANSWERS, TICKERS: json.dumps(other).encode(), COMPANY_FACTS.format(2488): b"<html>busy</html>"}
    with pytest.raises(InputError, match="not a whole JSON"):
        refresh_filings(["NVDA", "AMD"], filings, answers.__getitem__)
    assert not filings.exists
    with pytest.raises(InputError, match="no company with the ticker NVDIA"):
        refresh_filings(["NVDIA"], filings, answers.__getitem__)


def test_throttling_is_waited_out_and_a_dead_line_keeps_what_is_stored(filings: FilingStore) -> None:
    asked: list[str] = []

    def throttled(address: str) -> bytes:
        asked.append(address)
        if len(asked) % 3:
            raise UnreachableError("status 429")
        return ANSWERS[address]

    def dead(address: str) -> bytes:
        raise UnreachableError("name not known")

    with pytest.raises(InputError, match="nothing is stored yet"):
        refresh_filings(["NVDA"], filings, dead)
    assert refresh_filings(["NVDA"], filings, throttled).rows == 4
    assert len(asked) == 6
    again = refresh_filings(["NVDA"], filings, dead)  # fetched within the day: nothing is asked again
    assert (again.rows, len(asked)) == (4, 6)


def test_waits_double_and_answers_are_kept_for_a_while(filings: FilingStore) -> None:
    waits: list[float] = []

    def dead(name: str) -> bytes:
        raise UnreachableError(name)

    with pytest.raises(UnreachableError):
        with_retries(dead, attempts=4, sleep=waits.append)("x")
    assert len(waits) == 3
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    answers = iter([b"1", b"2", b"3"])
    fetch = cached(lambda _: next(answers), lambda content, _: int(content), lambda: clock[0])
    assert (fetch("address"), fetch("address")) == (1, 1)
    clock[0] += timedelta(days=1)
    assert fetch("address") == 2
    clock[0] -= timedelta(days=1)  # the clock has been put back: what it remembers comes from the future
    assert fetch("address") == 3


def test_a_source_that_asks_to_wait_is_given_the_time_or_left_alone() -> None:
    waits: list[float] = []
    asked = iter([UnreachableError("status 503", 7), UnreachableError("status 429\n\nblocked", 600)])

    def busy(name: str) -> bytes:
        raise next(asked)

    with pytest.raises(UnreachableError, match="status 429 blocked"):
        with_retries(busy, attempts=4, sleep=waits.append)("x")
    assert waits == [7]


def test_what_cannot_be_read_is_asked_for_again_and_another_company_is_refused(filings: FilingStore) -> None:
    address = COMPANY_FACTS.format(NVIDIA)
    with pytest.raises(InputError, match="not a whole JSON"):
        refresh_filings(["NVDA"], filings, {**ANSWERS, address: ANSWERS[address][:-9]}.__getitem__)
    other = json.dumps({**PAYLOAD, "cik": 2488}).encode()
    with pytest.raises(InputError, match="facts of company 2488, not of NVDA"):
        refresh_filings(["NVDA"], filings, {**ANSWERS, address: other}.__getitem__)
    assert not filings.exists


def test_loads_of_one_day_stand_beside_each_other(tmp_path: Path) -> None:
    days = np.array(["2025-01-27"], dtype="datetime64[D]")
    store, day = PriceStore(Loads(tmp_path)), date(2025, 1, 28)
    for close in (1.0, 2.0):
        store.append([History("A", days, np.array([close]))], day)
    (tmp_path / "2025-01-28.0000.parquet").unlink()
    (tmp_path / ".load-77.part").touch()  # of a process that was killed
    store.append([History("A", days, np.array([3.0]))], day)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"2025-01-28.000{n}.parquet" for n in (1, 2)]
    assert store.histories()["A"].closes.tolist() == [3.0]


def test_the_sec_is_told_who_asks() -> None:
    with pytest.raises(InputError, match="EDGAR_IDENTITY"):
        sec_fetch("")


class Frame(dict[str, list[float]]):
    """What the loader reads of yfinance's table: columns, and an index of moments with their time zone."""

    @property
    def index(self) -> list[datetime]:
        zone = datetime.fromisoformat("2024-06-07T00:00:00-04:00").tzinfo
        return [datetime(2024, 6, day, tzinfo=zone) for day in (6, 7, 10, 11)]


FRAME = Frame({
    "Close": [120.998, 120.888, 121.79, 120.91], "Adj Close": [120.95, 120.84, 121.75, 120.87],
    "Dividends": [0, 0, 0, 0.01], "Stock Splits": [0, 0, 10, 0],
})  # fmt: skip


def test_yahoo_prices_are_taken_back_to_what_was_traded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waterline.market.refresh.FIRST_WAIT", 0.0)
    store = PriceStore(Loads(tmp_path))
    assert refresh_prices(["NVDA"], store, lambda _: FRAME).rows == 4
    found = store.histories(["NVDA"])["NVDA"]
    assert found.closes == pytest.approx([1209.98, 1208.88, 121.79, 120.91])
    assert found.for_returns == pytest.approx(FRAME["Adj Close"])

    def dead(ticker: str) -> Any:
        raise UnreachableError("curl: (6)")

    assert refresh_prices(["NVDA"], store, dead).rows == 0
    with pytest.raises(InputError, match="nothing is stored yet"):
        refresh_prices(["AMD"], store, dead)
    with pytest.raises(InputError, match="no column Adj Close"):
        refresh_prices(["NVDA"], store, lambda _: Frame({"Close": [1, 2, 3, 4], "Stock Splits": [0, 0, 0, 0]}))
