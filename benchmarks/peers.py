"""The same work in Waterline and in other packages, side by side: Monte Carlo, event studies, training runs.

    for name in squigglepy eventstudy llm-analysis; do python -m venv V-$name; V-$name/bin/pip install $name; done
    python benchmarks/peers.py --squigglepy V-squigglepy/bin/python --eventstudy V-eventstudy/bin/python \\
        --llm-analysis V-llm-analysis/bin/python [--json]

A peer runs in a process of its own, with the interpreter of an environment that has it; one that is not named is left
out. Calculon (Isaev et al., SC23) is not on the package index under that name, and is not run. Times are processor
times, so that other programs on the machine count less. Served models stand in `serving_peers.py`.
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
import training_peers
from figures import Figures

from waterline.market.event_study.battery import window_outcomes
from waterline.market.event_study.models import fit
from waterline.market.event_study.sample import gather

EVENTS, ESTIMATION, WINDOW = 1000, (-260, -11), (-10, 10)
METHOD = (
    f"the same questions and data; Monte Carlo: {monte_carlo.METHOD}; the constants of Waterline's training engine are "
    "fitted to published runs, these among them, and its errors on sources left out of the fit stand in its own page"
)
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


def training(figures: Figures, python: str) -> None:
    """Published runs that both can represent: error of the predicted rate, and predictions a second."""
    if not training_peers.ROWS.exists():
        return
    cases = training_peers.read_cases(training_peers.ROWS)
    rates, seconds = training_peers.own_rates(cases)
    measured = np.array([case.run.measured or np.nan for case in cases])
    asked = [index for index, case in enumerate(cases) if training_peers.representable(case)]
    questions = json.dumps([training_peers.question(cases[index]) for index in asked]).encode()
    peer = _asked(python, training_peers.PEER, questions)
    rows = np.array([index for index, rate in zip(asked, peer["rates"], strict=True) if rate])
    theirs = np.array([rate for rate in peer["rates"] if rate])
    for name, found in (("llm-analysis", theirs), ("Waterline", rates[rows])):
        size = 100 * np.abs(found / measured[rows] - 1)
        figures.add(f"{len(rows)} published training runs: {name}, median error", float(np.median(size)), "%")
        figures.add(
            f"{len(rows)} published training runs: {name}, nine in ten within", float(np.quantile(size, 0.9)), "%"
        )
    figures.add("predictions of a training run: llm-analysis", len(asked) / peer["seconds"], "a second")
    figures.add("predictions of a training run: Waterline, open plans included", len(cases) / seconds, "a second")


def _asked(python: str, code: str, given: bytes) -> Any:
    done = subprocess.run([python, "-c", code], input=given, capture_output=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("squigglepy", "eventstudy", "llm-analysis"):
        parser.add_argument(f"--{name}", metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = Figures("Beside other packages", METHOD)
    monte_carlo.measure(figures, options.squigglepy)
    if options.eventstudy:
        event_studies(figures, options.eventstudy)
    if options.llm_analysis:
        training(figures, options.llm_analysis)
    figures.show()


if __name__ == "__main__":
    main()
