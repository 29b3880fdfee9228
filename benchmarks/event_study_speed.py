"""How long event studies and price queries take on one core.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/event_study_speed.py

10,000 events of 250 estimation and 21 event days: gathering the windows, the market model, and every test of the
event days together. Then closes of 200 tickers over 20 years in the price store. Processor time, so that other
programs on the machine do not count.
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from waterline.market.event_study.battery import window_outcomes
from waterline.market.event_study.models import fit
from waterline.market.event_study.panel import Panel
from waterline.market.event_study.sample import gather
from waterline.market.loads import Loads
from waterline.market.prices.history import History
from waterline.market.prices.store import PriceStore

EVENTS, SECURITIES, DAYS = 10_000, 500, 5_000
TICKERS, TRADING_DAYS = 200, 5_040
ESTIMATION, WINDOW = (-260, -11), (-10, 10)


def panel() -> Panel:
    random = np.random.default_rng(1)
    market = random.normal(0, 0.01, (DAYS, 1))
    returns = market * random.uniform(0.5, 2, SECURITIES) + random.normal(0, 0.02, (DAYS, SECURITIES))
    dates = np.datetime64("2000-01-03") + np.arange(DAYS)
    return Panel(dates, tuple(f"S{k}" for k in range(SECURITIES)), returns, ("MARKET",), market)


def event_studies() -> None:
    data, random = panel(), np.random.default_rng(2)
    window_outcomes(fit(gather(data, [0, 1], [400, 500], ESTIMATION, WINDOW)))  # imports are not what is measured
    columns, places = random.integers(0, SECURITIES, EVENTS), random.integers(300, DAYS - 30, EVENTS)
    started = time.process_time()
    fitted = fit(gather(data, columns, places, ESTIMATION, WINDOW))
    fitted_at = time.process_time()
    found = window_outcomes(fitted)
    done = time.process_time()
    print(f"{EVENTS:,} events × 250 days: {done - started:.2f} s")
    print(f"  market model {fitted_at - started:.2f} s, {len(found)} tests of 21 days {done - fitted_at:.2f} s")


def price_queries() -> None:
    random = np.random.default_rng(3)
    dates = np.datetime64("2005-01-03") + np.arange(TRADING_DAYS)
    histories = [History(f"T{k:03d}", dates, *random.uniform(1, 200, (2, TRADING_DAYS))) for k in range(TICKERS)]
    with tempfile.TemporaryDirectory() as folder:
        store = PriceStore(Loads(Path(folder)))
        store.append(histories, date(2025, 1, 1))
        store.append(histories[:5], date(2025, 6, 1))
        asked = {
            "one ticker, 20 years": lambda: store.histories(["T007"]),
            "ten tickers, 20 years": lambda: store.histories([f"T{k:03d}" for k in range(20, 30)]),
            "one day, 200 tickers": lambda: store.on_day(date(2012, 3, 4)),
            "one ticker as of 2025-03-01": lambda: store.histories(["T002"], date(2025, 3, 1)),
            "everything, a million rows": store.histories,
        }
        print(f"prices of {TICKERS} tickers × {TRADING_DAYS:,} days")
        for name, ask in asked.items():
            ask()
            seconds = []
            for _ in range(5):
                started = time.process_time()
                ask()
                seconds.append(time.process_time() - started)
            print(f"  {name:<28} {1e3 * sorted(seconds)[2]:.0f} ms")


if __name__ == "__main__":
    event_studies()
    price_queries()
