"""Times to recover: Kaplan and Meier against a published table, base rates against the reference, quantities."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import waterline as wl
from waterline.core.errors import InputError
from waterline.market.falls import falls_of, luck
from waterline.market.prices.history import History
from waterline.market.prices.read import read_prices
from waterline.market.survival import kaplan_meier

AS_OF = date(2026, 11, 24)
FUNDS = ("SPY", "QQQ", "SMH", "SOXX", "XSD", "XLK", "DIA", "IGV", "GLD", "TLT", "SHY", "BIL")

# Weeks of remission under 6-mercaptopurine, negative where last seen in remission (Freireich et al. 1963; the
# estimates are those of Kalbfleisch & Prentice 1980, table 1.1 and section 1.3).
REMISSIONS = (6, 6, 6, 7, 10, 13, 16, 22, 23, -6, -9, -10, -11, -17, -19, -20, -25, -32, -32, -34, -35)
PUBLISHED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def test_kaplan_and_meier_against_a_published_table() -> None:
    weeks = np.array(REMISSIONS, dtype=float)
    curve = kaplan_meier(np.abs(weeks), weeks > 0)
    assert dict(zip(curve.times, np.round(curve.waiting, 3), strict=True)) == PUBLISHED
    assert curve.median == 23
    low, high = curve.interval(10)
    assert low < 1 - 0.753 < high
    assert np.sqrt(curve.hazard_variance[2]) * 0.753 == pytest.approx(0.0963, abs=5e-4)  # Greenwood's


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=40))
def test_a_curve_only_falls_and_without_censoring_counts(seen: list[tuple[int, bool]]) -> None:
    times = np.array([time for time, _ in seen], dtype=float)
    curve = kaplan_meier(times, np.array([happened for _, happened in seen]))
    assert (np.diff(curve.waiting) <= 0).all()
    assert ((curve.waiting >= 0) & (curve.waiting <= 1)).all()
    everything = kaplan_meier(times, np.ones(len(times), dtype=bool))
    assert everything.probability(10) == pytest.approx((times <= 10).mean())


def test_the_median_is_the_time_of_the_half_whatever_the_rounding() -> None:
    for count in range(2, 60, 2):
        everything = kaplan_meier(np.arange(1.0, count + 1), np.ones(count, dtype=bool))
        assert everything.median == count / 2


def test_survival_needs_somebody() -> None:
    with pytest.raises(InputError, match="at least one"):
        kaplan_meier(np.array([]), np.array([], dtype=bool))
    with pytest.raises(InputError, match="negative"):
        kaplan_meier(np.array([-1.0]), np.array([True]))


def test_falls_are_found_with_what_came_after() -> None:
    closes = np.array([100.0, 80.0, 90.0, 95.0, 101.0, 85.0, 86.0])
    dates = np.datetime64("2025-01-01") + np.arange(7)
    found = falls_of([History("X", dates, closes)], History("SPY", dates, np.full(7, 50.0)), 0.15, month=2)
    assert found.size == pytest.approx([0.2, 16 / 101])
    assert list(found.days) == [3, 1]
    assert list(found.recovered) == [True, False]
    assert found.made_up == pytest.approx([0.75, 1 / 16])
    assert found.held[0] == pytest.approx(101 / 90 - 1)
    assert np.isnan(found.held[1])
    assert found.market_held[0] == 0
    mean, low, high, chance = luck(found)
    assert (mean, low, high) == pytest.approx((101 / 90 - 1,) * 3)
    assert chance == 0


def test_falls_of_the_price_histories_are_those_of_the_reference(references: Path, price_folder: Path) -> None:
    import csv

    stated = {
        (row["ticker"], row["date"]): row
        for row in csv.DictReader((references / "drops15_dev.csv").read_text().splitlines())
    }
    some = ("NVDA", "AMD", "INTC", "META", "VRT", "ORCL", "MU", "AAPL")
    histories = read_prices(price_folder, [*some, "SPY"])
    found = falls_of((histories[name] for name in some), histories["SPY"], 0.15)
    ours = {
        (str(ticker), str(day)): (round(-size, 4), int(days), str(int(recovered)))
        for ticker, day, size, days, recovered in zip(
            found.tickers, found.dates, found.size, found.days, found.recovered, strict=True
        )
        if str(day) >= "1990"
    }
    wanted = {
        key: (float(row["drop"]), int(row["days_to_recover"]), row["recovered"])
        for key, row in stated.items()
        if key[0] in some
    }
    assert ours == wanted


@pytest.mark.parametrize(
    ("quantity", "bindings", "expected", "tolerance"),
    [
        ("recovery_probability", {"drop": "0.17", "days": "30"}, 0.364, 0.01),  # the reference's 21 trading days
        ("recovery_probability", {"drop": "0.12", "days": "30"}, 0.41, 0.02),
        ("median_recovery_time", {"drop": "0.17"}, 50, 0.5),
        ("month_rank", {"episode": "deepseek-shock"}, 0.5686, 0.01),
        ("buy_the_fall_return", {"drop": "0.17"}, 0.0214, 0.005),
        ("buy_the_fall_luck", {"drop": "0.17"}, 0.0128, 0.005),
    ],
)
def test_quantities_of_recovery(quantity: str, bindings: dict[str, str], expected: float, tolerance: float) -> None:
    found = wl.ask(quantity, as_of=AS_OF, ticker="nvda", **bindings)
    assert found.summary.mean == pytest.approx(expected, abs=tolerance)
    assert found.citations


def test_recovery_takes_longer_for_deeper_falls_and_shorter_waits() -> None:
    def chance(**bindings: str) -> float:
        return wl.ask("recovery_probability", as_of=AS_OF, ticker="nvda", **bindings).summary.mean

    assert chance(drop="0.12", days="30") > chance(drop="0.17", days="30") > chance(drop="0.3", days="30")
    assert chance(days="5") < chance(days="30") < chance(days="365") < chance(days="730") < 1


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        ({"drop": "17"}, "does not lie between 0.1 and 0.9"),
        ({"drop": "0.05"}, "does not lie between 0.1 and 0.9"),
        ({"days": "0"}, "does not lie between 1.0 and 730.0"),
        ({"ticker": "nvdaa"}, "did you mean nvda"),
    ],
)
def test_a_question_about_recovery_that_cannot_be(bindings: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        wl.ask("recovery_probability", as_of=AS_OF, **{"ticker": "nvda", **bindings})
