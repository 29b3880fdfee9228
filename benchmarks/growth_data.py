"""Time and memory as data grows: events of an event study, rows of the price store, files of a code base.

Run: python benchmarks/growth_data.py
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
from figures import Figures
from growth import draw

EVENTS = (10, 100, 1_000, 10_000)
ROWS = (1_000, 10_000, 100_000, 1_000_000)
FILES = (10, 100, 1_000)
DAYS = 1_000  # of prices of a ticker
SOURCE = Path(__file__).resolve().parents[1] / "tests" / "moat" / "labelled" / "csrc"


def events(count: int) -> float:
    """Seconds to gather the windows of that many events, fit the market model, and run every test."""
    from event_study_speed import ESTIMATION, SECURITIES, WINDOW, panel

    from waterline.market.event_study.battery import window_outcomes
    from waterline.market.event_study.models import fit
    from waterline.market.event_study.sample import gather

    data, random = panel(), np.random.default_rng(2)
    window_outcomes(fit(gather(data, [0, 1], [400, 500], ESTIMATION, WINDOW)))
    columns, places = random.integers(0, SECURITIES, count), random.integers(300, len(data.dates) - 30, count)
    started = time.process_time()
    window_outcomes(fit(gather(data, columns, places, ESTIMATION, WINDOW)))
    return time.process_time() - started


def rows(count: int) -> tuple[float, float]:
    """Seconds to add that many closes to the price store, and to ask for one ticker's as of a date."""
    from waterline.market.loads import Loads
    from waterline.market.prices.history import History
    from waterline.market.prices.store import PriceStore

    dates, random = np.datetime64("2005-01-03") + np.arange(DAYS), np.random.default_rng(3)
    histories = [History(f"T{k:04d}", dates, random.uniform(1, 200, DAYS)) for k in range(count // DAYS)]
    with tempfile.TemporaryDirectory() as folder:
        PriceStore(Loads(Path(folder) / "first")).append(histories[:1], date(2025, 1, 1))
        store = PriceStore(Loads(Path(folder) / "second"))
        started = time.process_time()
        store.append(histories, date(2025, 1, 1))
        between = time.process_time()
        store.histories(["T0000"], date(2025, 3, 1))
        return between - started, time.process_time() - between


def files(count: int) -> tuple[float, float]:
    """Seconds to scan that many files in one process, and to scan them again when one has changed."""
    from waterline.moat.scan import scan

    whole = b"\n".join(path.read_bytes() for path in sorted(SOURCE.iterdir()) if path.is_file())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WATERLINE_CACHE"] = f"{folder}/cache"
        for number in range(count):
            place = Path(folder) / "code" / f"d{number % 100}" / f"f{number}.cu"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(b"// %d\n" % number + whole)
        scan(SOURCE, workers=1)
        times = []
        for _ in range(2):
            started = time.process_time()
            scan(Path(folder) / "code", workers=1)
            times.append(time.process_time() - started)
            place.write_bytes(whole)
        return times[0], times[1]


def main() -> None:
    """Print the curves."""
    figures = Figures(
        "As data grows",
        "each point in a process of its own; processor seconds, so that other programs do not count; "
        "memory is the largest of the whole process",
    )
    for measure, sizes, x, names in (
        (events, EVENTS, "events", ("study",)),
        (rows, ROWS, "price rows", ("add", "ask for 1,000")),
        (files, FILES, "files", ("scan", "scan again")),
    ):
        draw(figures, measure, sizes, x, names)
    figures.show()


if __name__ == "__main__":
    main()
