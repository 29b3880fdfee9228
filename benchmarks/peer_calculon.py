"""Rates of training runs by Calculon: run with a checkout of it on the path, questions in and answers out as JSON."""

from __future__ import annotations

import logging
import math
from typing import Any

from peer import reply


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


if __name__ == "__main__":
    reply(answer)
