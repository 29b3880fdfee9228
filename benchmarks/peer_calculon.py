"""Rates of training runs by Calculon: run with a checkout of it on the path, questions in and answers out as JSON."""

from __future__ import annotations

import json
import logging
import math
import sys
import time
from typing import Any


def answer(question: dict[str, Any]) -> float:
    """Samples per second, NaN where it refuses a layout."""
    from calculon import System  # type: ignore[import-not-found]
    from calculon.llm import Llm  # type: ignore[import-not-found]

    model = Llm(Llm.Application(question["application"]), logging.getLogger())
    system = System(question["system"])
    try:
        model.compile(system, Llm.Execution.from_json(question["execution"]))
        model.run(system)
    except (Llm.Error, AssertionError):
        return math.nan
    return float(model.get_sample_rate())


def main() -> None:
    """Answer the questions; how many a second is said of those that have an answer."""
    questions = json.load(sys.stdin)
    answer(questions[0])  # imports are not what is measured
    answers, seconds = [], []
    for question in questions:
        started = time.process_time()
        answers.append(answer(question))
        if math.isfinite(answers[-1]):
            seconds.append(time.process_time() - started)
    a_second = len(seconds) / sum(seconds)
    json.dump({"answers": answers, "a_second": a_second}, sys.stdout)


if __name__ == "__main__":
    main()
