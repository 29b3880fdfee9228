"""Times of served models by aiconfigurator: run by an interpreter that has it, questions in and answers out as JSON."""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import math
import warnings
from typing import Any

import yaml
from peer import reply

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


@functools.cache
def _loaded(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _load(stream: Any) -> Any:
    """Each estimate reads hundreds of YAML files anew: here each of them is read once, by the faster parser."""
    return _loaded(stream if isinstance(stream, str) else stream.read())


yaml.safe_load = _load


def answer(question: dict[str, Any]) -> list[float]:
    """Seconds to the first token and per token, NaN where its tables or memory do not reach."""
    from aiconfigurator.cli.api import cli_estimate  # type: ignore[import-not-found]

    model, system = question.pop("model"), question.pop("system")
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            found = cli_estimate(model, system, **question)
    except Exception:  # of many kinds: no tables for a model, a system, an engine; out of memory
        return [math.nan] * 2
    return [float(found.ttft) / 1e3, float(found.tpot) / 1e3]


if __name__ == "__main__":
    reply(answer, "aiconfigurator", lambda question: tuple(map(question.get, ("model", "system", "backend_name"))))
