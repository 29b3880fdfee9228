"""Time per token of served models by GenZ: run by an interpreter that has it, questions in and answers out as JSON."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import math
import sys
import time
import warnings
from typing import Any

warnings.simplefilter("ignore")


def answer(question: dict[str, Any]) -> list[float]:
    """NaN for the first token and seconds of one decoding step, NaN where it refuses."""
    from GenZ import decode_moddeling  # type: ignore[import-not-found]
    from GenZ.Models import ModelConfig  # type: ignore[import-not-found]

    model = ModelConfig(**question.pop("model"))
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return [math.nan, float(decode_moddeling(model, Bb=1, **question)["Latency"]) / 1e3]
    except (ValueError, ZeroDivisionError, AssertionError):
        return [math.nan] * 2


def main() -> None:
    """Answer the questions; how many a second is said of those that have an answer."""
    questions = json.load(sys.stdin)
    answer(json.loads(json.dumps(questions[0])))  # imports are not what is measured
    answers, seconds = [], []
    for question in questions:
        started = time.process_time()
        answers.append(answer(question))
        if math.isfinite(answers[-1][1]):
            seconds.append(time.process_time() - started)
    a_second = len(seconds) / sum(seconds)
    json.dump({"version": importlib.metadata.version("genz_llm"), "answers": answers, "a_second": a_second}, sys.stdout)


if __name__ == "__main__":
    main()
