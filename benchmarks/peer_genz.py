"""Time per token of served models by GenZ: run by an interpreter that has it, questions in and answers out as JSON."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from typing import Any

from peer import reply

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


if __name__ == "__main__":
    reply(answer, "genz_llm")
