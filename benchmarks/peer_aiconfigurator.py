"""Times of served models by aiconfigurator: run by an interpreter that has it, questions in and answers out as JSON."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import io
import json
import logging
import math
import sys
import time
import warnings
from typing import Any

import yaml

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


def main() -> None:
    """Answer the questions and say how long it took, the first of each kind of system and model left out of that."""
    answers, seconds, seen = [], [], set()
    for question in json.load(sys.stdin):
        kind = tuple(question[name] for name in ("model", "system", "backend_name"))
        started = time.process_time()
        answers.append(answer(question))
        if kind in seen and math.isfinite(answers[-1][1]):
            seconds.append(time.process_time() - started)
        seen.add(kind)
    version = importlib.metadata.version("aiconfigurator")
    json.dump({"version": version, "answers": answers, "a_second": len(seconds) / sum(seconds)}, sys.stdout)


if __name__ == "__main__":
    main()
