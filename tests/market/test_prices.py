"""Prices: readers of every format, what is wrong with a file said in one line, splits and dividends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from waterline.core.errors import InputError
from waterline.market.prices.adjust import Actions, adjusted, as_traded
from waterline.market.prices.history import suspected_splits
from waterline.market.prices.read import read_prices
from waterline.market.prices.returns import panel_of, refuse_splits

YAHOO = "Date,Open,High,Low,Close,Adj Close,Volume\n"
STOOQ = "Date,Open,High,Low,Close,Volume\n"


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nvda.csv", YAHOO + "2025-01-24,148,149,141,142.62,142.41,1\n2025-01-27,124,128,116,118.42,118.24,2\n"),
        ("NVDA.csv", STOOQ + "2025-01-27,124,128,116,118.42,2\n2025-01-24,148,149,141,142.62,1\n"),
        ("all.csv", "<TICKER>,<PER>,<DATE>,<CLOSE>\nNVDA.US,D,20250124,142.62\nNVDA.US,D,20250127,118.42\n"),
        ("wide.csv", "date,SPY,NVDA\n2025-01-24,607.97,142.62\n2025-01-27,599.37,118.42\n"),
        ("long.csv", "ticker,date,close\nSPY,2025-01-24,607.97\nNVDA,2025-01-24,142.62\nNVDA,2025-01-27,118.42\n"),
        ("NVDA.csv", "Date,Close\n2025-01-24 00:00:00-05:00,142.62\n2025-01-27T21:00:00+00:00,118.42\n"),
        ("NVDA.csv", "\ufeffDate,Close,Comment\n2025-01-24,142.62,\n2025-01-27,\"118.42\",x\n"),
    ],
)  # fmt: skip
def test_formats(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    found = read_prices(file)["NVDA"]
    assert list(found.dates) == list(days("2025-01-24", "2025-01-27"))
    assert found.closes == pytest.approx([142.62, 118.42])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Date,Value\n2025-01-24,1\n", "its columns are Date, Value; expected a column 'Date' with 'Close'"),
        ("When,Close\n2025-01-24,1\n", "its columns are When, Close"),
        ("Date,Close\n", "holds no prices"),
        ("Date,Close\n2025-01-24,142.62\n24/01/2025,1\n", ":3: '24/01/2025' is not a date YYYY-MM-DD"),
        ("Date,Close\n9999-12-31 12-12,1\n", ":2: '9999-12-31 12-12' is not a date YYYY-MM-DD"),
        ("Date,Close\n2025-01-24,-142.62\n", ":2: a price of NVDA is -142.62; prices must be above zero"),
        ("Date,Close\n2025-01-24,0\n", "prices must be above zero"),
        ("Date,Close\n2025-01-24,1\n2025-01-24,2\n", ":3: a second price of NVDA on 2025-01-24; the first stands in"),
        ("Date,Close\n2025-01-24,many\n", ":2: 'many' is not a price"),
        ("Date,Close\n2025-01-24\n", ":2: 1 cells, but the header has 2"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "NVDA.csv"
    file.write_text(content)
    with pytest.raises(InputError) as problem:
        read_prices(file)
    assert message in str(problem.value)


def test_what_can_be_put_right_is_put_right_and_said(tmp_path: Path) -> None:
    file = tmp_path / "NVDA.csv"
    file.write_text("Date,Close\n2025-01-27,118.42\n2025-01-24,142.62\n2025-01-24,142.62\n2025-01-28,null\n")
    found = read_prices(file)["NVDA"]
    assert found.closes == pytest.approx([142.62, 118.42])
    assert sorted(found.notes) == [
        "NVDA: 1 days without a price left out",
        "NVDA: 1 rows given twice",
        "NVDA: rows were not in order of date and have been sorted",
    ]


def test_nvidias_splits_come_out_of_prices_and_go_back_in() -> None:
    dates = days("2021-07-19", "2021-07-20", "2024-06-07", "2024-06-10", "2025-01-24", "2025-01-27")
    traded = np.array([751.19, 186.12, 1208.88, 121.79, 142.62, 118.42])
    actions = Actions(days("2024-06-10", "2021-07-20"), np.array([10.0, 4.0]), np.zeros(2))
    comparable = adjusted(dates, traded, actions)
    assert comparable == pytest.approx([751.19 / 40, 18.612, 120.888, 121.79, 142.62, 118.42])
    assert as_traded(dates, comparable, actions) == pytest.approx(traded)


def test_dividends_come_out_of_earlier_prices() -> None:
    dates = days("2025-01-24", "2025-01-27", "2025-03-11", "2025-03-12")
    actions = Actions(days("2025-03-12"), np.ones(1), np.array([0.01]))
    found = adjusted(dates, np.array([142.62, 118.42, 108.76, 115.74]), actions)
    assert found[1] / found[0] == pytest.approx(118.42 / 142.62)
    assert found[2] == pytest.approx(108.76 - 0.01)
    assert found[3] == 115.74
    with pytest.raises(InputError, match="not below the price"):
        adjusted(dates, np.array([142.62, 118.42, 0.005, 0.005]), actions)


def test_todays_adjusted_prices_give_the_day_as_traded(price_folder: Path) -> None:
    found = read_prices(price_folder / "NVDA.csv")["NVDA"]
    place = int(np.searchsorted(found.dates, np.datetime64("2025-01-27")))
    before, after = found.closes[place - 1], found.closes[place]
    assert (before, after) == pytest.approx((142.4073, 118.2434), abs=5e-5)
    assert after / before == pytest.approx(118.42 / 142.62, abs=1e-6)


def test_an_unadjusted_split_is_named(tmp_path: Path) -> None:
    file = tmp_path / "NVDA.csv"
    file.write_text("Date,Close\n2024-06-06,1209.98\n2024-06-07,1208.88\n2024-06-10,121.79\n2024-06-11,120.91\n")
    found = read_prices(file)
    assert str(suspected_splits(found["NVDA"])[0]).startswith("NVDA on 2024-06-10 looks like a 10-for-1 split")
    with pytest.raises(InputError, match="10-for-1"):
        refuse_splits(found, *days("2024-01-01", "2025-01-01"))
    assert refuse_splits(found, *days("2025-01-01", "2025-02-01")) == []


def test_a_real_fall_is_no_split(price_folder: Path) -> None:
    found = read_prices(price_folder, ["NVDA", "META", "VRT"])
    assert [suspect for history in found.values() for suspect in suspected_splits(history)] == []


def test_a_gap_gives_no_return_and_the_markets_days_count(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("date,SPY,NVDA\n2025-01-23,100,10\n2025-01-24,101,\n2025-01-27,102,12\n2025-01-28,103,13\n")
    panel = panel_of(read_prices(file), "SPY", ["NVDA"])
    assert list(panel.dates) == list(days("2025-01-24", "2025-01-27", "2025-01-28"))
    assert np.isnan(panel.returns[:2, 0]).all()
    assert panel.returns[2, 0] == pytest.approx(np.log(13 / 12))
