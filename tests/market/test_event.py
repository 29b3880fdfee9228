"""``waterline event``: the day's figures on what is shipped, the same from a price file, and bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import run

WORDS = ("event", "NVDA", "2025-01-27")


def study(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code, out, err = run(capsys, *words, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_day_as_the_reference_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = study(capsys, *WORDS)
    assert found["ar"] == pytest.approx([-0.149506], abs=2e-6)
    assert found["car"] == found["ar"][0]
    assert found["t_stats"]["t"] == pytest.approx(-5.8115, abs=1e-3)
    assert found["market_cap_change_usd"] == pytest.approx(-592.658e9)
    assert found["coefficients"]["SPY"] == pytest.approx(2.6557, abs=1e-3)
    assert {"patell", "bmp", "corrado", "sign", "kolari_pynnonen", "wilcoxon"} <= found["t_stats"].keys()
    assert found["tested"]["patell"] == "NVDA"
    assert found["tested"]["bmp"] == "12 names"
    beyond_sector = next(entry for entry in found["models"] if entry["model"] == "factors")
    assert -0.1 < beyond_sector["car"] < 0
    assert found["windows"]["0,1"]["car"] == pytest.approx(-0.088125, abs=1e-5)
    assert found["windows"]["0,20"]["t"] == pytest.approx(-0.718, abs=1e-3)
    assert found["path"][10]["car"] == pytest.approx(sum(row["ar"] for row in found["path"][:11]))


def test_the_change_of_market_value_says_what_is_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    microsoft, broadcom = (study(capsys, "event", name, "2025-01-27") for name in ("MSFT", "AVGO"))
    assert microsoft["market_cap_change_usd"] == pytest.approx((434.56 - 444.06) * 7_434_880_776)
    assert microsoft["market_cap_change"]["assumed"] == ""
    value = broadcom["market_cap_change"]
    assert value["low"] < value["usd"] < value["high"] < 0
    assert "cover" in value["assumed"]
    losses = {member["ticker"]: member["market_cap_change_usd"] for member in microsoft["group"]["members"]}
    assert losses["NVDA"] == pytest.approx(-592.658e9)
    assert losses["META"] > 0
    assert all(change is not None for name, change in losses.items() if name not in ("AMZN", "GOOGL"))


def test_the_group_shares_its_day_and_the_tests_that_allow_for_it_are_milder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    group = study(capsys, *WORDS, "--group", "NVDA,AVGO,MRVL,AMD,TSM,VRT,VST,ORCL")["group"]
    assert len(group["names"]) == 8
    assert group["mean_car"] == pytest.approx(-0.173, abs=2e-3)
    assert group["mean_correlation"] > 0.2
    assert abs(group["t_stats"]["kolari_pynnonen"]) < abs(group["t_stats"]["bmp"])
    assert abs(group["t_stats"]["adjusted_patell"]) < abs(group["t_stats"]["patell"]) / 1.5
    assert group["members"][0]["ticker"] == "VRT"


def test_a_day_without_trading_is_the_next_session_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    found = study(capsys, "event", "NVDA", "2025-01-25")
    assert (found["date"], found["event_date"]) == ("2025-01-25", "2025-01-27")
    assert any("2025-01-25 is not a trading day" in note for note in found["notes"])


def test_windows_are_days_from_the_event_or_dates(capsys: pytest.CaptureFixture[str]) -> None:
    days = study(capsys, *WORDS, "--estimation", "-260,-11", "--window", "-1,4")
    dates = study(capsys, *WORDS, "--estimation=2024-01-11,2025-01-08", "--window", "2025-01-24,2025-01-31")
    assert days["window"] == dates["window"] == [-1, 4]
    assert len(days["ar"]) == 6
    assert days["car"] == dates["car"]


def test_a_price_file_gives_what_is_shipped(capsys: pytest.CaptureFixture[str], price_folder: Path) -> None:
    shipped, own = study(capsys, *WORDS), study(capsys, *WORDS, "--prices", str(price_folder))
    assert own["ar"] == pytest.approx(shipped["ar"], abs=3e-6)
    assert own["group"]["names"] == shipped["group"]["names"]
    beside = study(capsys, *WORDS, "--prices", str(price_folder / "NVDA.csv"))
    assert beside["ar"] == own["ar"]


def test_factors_of_the_user(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from waterline.market.event_study.evidence import evidence

    panel = evidence("NVDA").panel
    market = panel.returns[:, panel.column("SPY")]
    file = tmp_path / "factors.csv"
    rows = [f"{day},{value - 0.0002},0.0002" for day, value in zip(panel.dates, market, strict=True)]
    file.write_text("\n".join(["date,Mkt-RF,RF", *rows]))
    found = study(capsys, *WORDS, "--factors", str(file))
    plain = study(capsys, *WORDS)
    assert found["coefficients"]["Mkt-RF"] == pytest.approx(plain["coefficients"]["SPY"])
    assert found["ar"] == pytest.approx(plain["ar"])


def test_the_picture_is_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "nvda.svg"
    assert run(capsys, *WORDS, "--picture", str(file))[0] == 0
    assert "trading days from the event" in file.read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("event", "NVDA", "27.1.2025"), "'27.1.2025' is not a date YYYY-MM-DD"),
        (("event", "NVDAX", "2025-01-27"), "no returns of NVDAX are shipped, only of SPY"),
        (("event", "NVDA", "2031-01-27"), "2031-01-27 is outside the returns, which run from 2024-01-11 to"),
        ((*WORDS, "--window", "-20,20"), "overlaps the event window -20,20; end it before day -20"),
        ((*WORDS, "--window", "5,-5"), "is upside down: write -5,5"),
        ((*WORDS, "--window", "0,60"), "reaches beyond the returns"),
        ((*WORDS, "--estimation", "all"), "'all' is not a window"),
        ((*WORDS, "--prices", "nowhere.csv"), "there is no price file nowhere.csv"),
        ((*WORDS, "--market", "DAX"), "no returns of DAX are shipped"),
        ((*WORDS, "--picture", "x.png"), "--picture writes SVG"),
        ((*WORDS, "--group", "NVDA,AMD,XYZ"), "there are no returns of 'XYZ'"),
        ((*WORDS, "--model", "magic"), "unknown value of --model 'magic'"),
        ((*WORDS, "--factors", "nowhere.csv"), "cannot read nowhere.csv"),
        ((*WORDS, "--estimation", "-13,-11"), "NVDA has 3 estimation days with returns; at least 12 are needed"),
        (("event", "SPY", "2025-01-27"), "SPY is explained by itself, as SPY"),
        (
            (*WORDS, "--estimation", "2024-01-11,2024-12-31", "--window", "2025-02-01,2025-02-02"),
            "there is no trading day from 2025-02-01 to 2025-02-02",
        ),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str) -> None:
    code, _, err = run(capsys, *words)
    assert code == 2
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_a_halted_share_and_a_split_left_in_are_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    days = np.busday_offset("2024-01-01", np.arange(300), roll="forward")
    market, share = (100 * np.exp(np.cumsum(random.normal(0, 0.01, 300))) for _ in range(2))
    cells = [f"{price}" for price in share]
    cells[280] = ""
    file = tmp_path / "halted.csv"
    rows = [f"{day},{m},{s}" for day, m, s in zip(days, market, cells, strict=True)]
    file.write_text("\n".join(["date,SPY,X", *rows]))
    code, _, err = run(capsys, "event", "X", str(days[280]), "--prices", str(file))
    assert code == 2
    assert f"X has no return on {days[280]}: it was not traded, halted or delisted" in err
    share[270:] /= 10
    file.write_text("\n".join(["date,SPY,X", *(f"{d},{m},{s}" for d, m, s in zip(days, market, share, strict=True))]))
    code, _, err = run(capsys, "event", "X", str(days[285]), "--prices", str(file))
    assert code == 2
    assert f"X on {days[270]} looks like a 10-for-1 split" in err


def test_refresh_stores_a_file_and_event_uses_it(
    capsys: pytest.CaptureFixture[str], price_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATERLINE_STORE", str(tmp_path))
    code, out, _ = run(capsys, "facts", "refresh", "prices", "NVDA", "SPY", "--file", str(price_folder))
    assert code == 0
    assert "rows of prices added" in out
    found = study(capsys, "event", "NVDA", "2018-11-16")
    assert found["source"] == "the price store"
    assert found["t_stats"]["t"] < -8
    code, _, err = run(capsys, "facts", "refresh", "prices", "ZZZZ", "--file", str(price_folder))
    assert code == 2
    assert "has no prices of ZZZZ" in err


def closes(path: Path, **columns: list[object]) -> Path:
    """A price file with one column for each ticker, on as many days as are needed to study the last but five."""
    days = np.datetime64("2024-01-01") + np.arange(len(next(iter(columns.values()))))
    rows = [",".join(map(str, cells)) for cells in zip(days, *columns.values(), strict=True)]
    path.write_text("\n".join([",".join(["Date", *columns]), *rows]))
    return path


def walk(seed: int, count: int = 320) -> list[object]:
    return list(100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, count))).round(4))


EVENT_DAY = str(np.datetime64("2024-01-01") + 300)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda prices: [100.0] * len(prices), "the price of AAA does not move"),
        (lambda prices: [*prices[:300], "", *prices[301:]], "AAA has no return on"),
        (lambda prices: [*prices[:299], "", *prices[300:]], "then or on the session before"),
        (lambda prices: [*prices[:9], "inf", *prices[10:]], ":11: a price of AAA is inf"),
        (lambda prices: [*prices[:9], 0, *prices[10:]], ":11: a price of AAA is 0; prices must be above zero"),
        (lambda prices: [10 * price if k < 200 else price for k, price in enumerate(prices)], "10-for-1 split"),
        (lambda prices: [""] * 295 + prices[295:], "AAA has 0 estimation days"),
    ],
)
def test_prices_that_cannot_answer_are_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, spoil: Callable[[list[object]], list[object]], message: str
) -> None:
    file = closes(tmp_path / "closes.csv", SPY=walk(1), AAA=spoil(walk(2)))
    code, _, err = run(capsys, "event", "AAA", EVENT_DAY, "--prices", str(file))
    assert code == 2
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_a_file_of_a_folder_with_other_columns_says_what_is_expected(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "AAA.csv").write_text("Datum,Kurs\n2024-01-01,1")
    code, _, err = run(capsys, "event", "AAA", EVENT_DAY, "--prices", str(tmp_path))
    assert code == 2
    assert "AAA.csv: its columns are Datum, Kurs; expected a column 'Date'" in err


def test_factors_in_percent_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "percent.csv"
    file.write_text("date,Mkt-RF\n2024-06-03,0.5\n2024-06-04,-0.7\n")
    code, _, err = run(capsys, *WORDS, "--factors", str(file))
    assert code == 2
    assert "Mkt-RF is 0.6 on a usual day; give daily returns as fractions" in err
