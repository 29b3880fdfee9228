"""How long event studies and price queries take on one core.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/event_study_speed.py

10,000 events of 250 estimation and 21 event days: gathering the windows, the market model, cumulative abnormal
returns with full prediction errors, and every test of `TESTS`. Then closes of 200 tickers over 20 years from the
price store: one ticker's history, and one day of all of them.
"""

from __future__ import annotations

import time

import numpy as np

from waterline.market.event_study.abnormal import textbook
from waterline.market.event_study.battery import outcomes, window_outcomes
from waterline.market.event_study.models import fit
from waterline.market.event_study.panel import Panel
from waterline.market.event_study.sample import gather

EVENTS, SECURITIES, DAYS = 10_000, 500, 5_000
ESTIMATION, WINDOW = (-260, -11), (-10, 10)


def panel() -> Panel:
    random = np.random.default_rng(1)
    market = random.normal(0, 0.01, (DAYS, 1))
    returns = market * random.uniform(0.5, 2, SECURITIES) + random.normal(0, 0.02, (DAYS, SECURITIES))
    dates = np.datetime64("2000-01-03") + np.arange(DAYS)
    return Panel(dates, tuple(f"S{k}" for k in range(SECURITIES)), returns, ("MARKET",), market)


def event_studies() -> None:
    data, random = panel(), np.random.default_rng(2)
    outcomes(textbook(fit(gather(data, [0, 1], [400, 500], ESTIMATION, WINDOW))))  # imports are not what is measured
    columns, places = random.integers(0, SECURITIES, EVENTS), random.integers(300, DAYS - 30, EVENTS)
    started = time.process_time()
    fitted = fit(gather(data, columns, places, ESTIMATION, WINDOW))
    fitted_at = time.process_time()
    daily = outcomes(textbook(fitted))
    total = window_outcomes(fitted)
    done = time.process_time()
    print(f"{EVENTS:,} events × 250 days: {done - started:.2f} s")
    print(f"  market model {fitted_at - started:.2f} s, {len(daily)} tests of 21 days and {len(total)} of their sum "
          f"{done - fitted_at:.2f} s")  # fmt: skip


if __name__ == "__main__":
    event_studies()
