"""The same work in Waterline and in other packages, side by side: Monte Carlo and event studies.

    for name in squigglepy eventstudy; do python -m venv V-$name; V-$name/bin/pip install $name; done
    python benchmarks/peers.py --squigglepy V-squigglepy/bin/python --eventstudy V-eventstudy/bin/python [--json]

A peer runs in a process of its own, with the interpreter of an environment that has it; one that is not named is left
out. Times are processor times, so that other programs on the machine count less. Training and served models stand in
`training_peers.py` and `serving_peers.py`.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import time
from typing import Any

import event_study_speed
import monte_carlo
import numpy as np
from figures import Figures

from waterline.market.event_study.battery import window_outcomes
from waterline.market.event_study.models import fit
from waterline.market.event_study.sample import gather

EVENTS, ESTIMATION, WINDOW = 1000, (-260, -11), (-10, 10)
METHOD = f"the same questions and data; Monte Carlo: {monte_carlo.METHOD}"
EVENT_STUDY = """
import importlib.metadata, io, json, sys, time
import numpy as np
from eventstudy import Single, models
table = np.load(io.BytesIO(sys.stdin.buffer.read()))
started = time.process_time()
abnormal = []
for security, market in zip(table["security"], table["market"]):
    event = Single(models.market_model, {"security_returns": security, "market_returns": market},
                   event_window=(-10, 10), estimation_size=250)
    event.results(asterisks=False)
    abnormal.append(list(map(float, event.AR)))
seconds = time.process_time() - started
json.dump({"version": importlib.metadata.version("eventstudy"), "seconds": seconds, "abnormal": abnormal}, sys.stdout)
"""


def event_studies(figures: Figures, python: str) -> None:
    """A thousand events by the market model: abnormal returns alike to the digit, and the time for them."""
    data, random = event_study_speed.panel(), np.random.default_rng(2)
    columns, places = random.integers(0, len(data.names), EVENTS), random.integers(300, 4970, EVENTS)
    window_outcomes(fit(gather(data, columns[:2], places[:2], ESTIMATION, WINDOW)))  # imports are not what is measured
    started = time.process_time()
    sample = gather(data, columns, places, ESTIMATION, WINDOW)
    found = fit(sample)
    window_outcomes(found)
    ours = time.process_time() - started
    packed = io.BytesIO()
    np.savez(
        packed,
        security=np.concatenate([sample.estimation, sample.event], axis=1),
        market=np.concatenate([sample.estimation_factors[..., 0], sample.event_factors[..., 0]], axis=1),
    )
    peer = _asked(python, EVENT_STUDY, packed.getvalue())
    name = f"eventstudy {peer['version']}"
    apart = float(np.abs(np.array(peer["abnormal"]) - found.abnormal).max())
    figures.add(f"{EVENTS:,} event studies: {name}, t-test of each", 1000 * peer["seconds"], "ms")
    figures.add(f"{EVENTS:,} event studies: Waterline, with every test of the sample", 1000 * ours, "ms")
    figures.add(f"event studies: {name} over Waterline", peer["seconds"] / ours, "times")
    figures.add("event studies: largest difference of an abnormal return", apart, "", "below 1e-12")


def _asked(python: str, code: str, given: bytes) -> Any:
    done = subprocess.run([python, "-c", code], input=given, capture_output=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("squigglepy", "eventstudy"):
        parser.add_argument(f"--{name}", metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = Figures("Beside other packages", METHOD)
    monte_carlo.measure(figures, options.squigglepy)
    if options.eventstudy:
        event_studies(figures, options.eventstudy)
    figures.show()


if __name__ == "__main__":
    main()
