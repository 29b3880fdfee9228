"""Another package, asked in a process of its own by the interpreter of an environment that has it: both sides.

Nothing but the standard library is imported here, so that any environment can.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def asked(script: str, questions: Sequence[Any], python: str = sys.executable, checkout: str = "") -> dict[str, Any]:
    """What ``script``, a file here, answers to questions: ``answers`` beside them, NaN for those that are None.

    ``checkout`` is put on the path of packages, for one that cannot be installed.
    """
    done = subprocess.run(
        [python, str(HERE / script)],
        input=json.dumps([question for question in questions if question is not None]),
        env={**os.environ, **({"PYTHONPATH": checkout} if checkout else {})},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    answers = iter(found["answers"])
    return {**found, "answers": [float("nan") if each is None else next(answers) for each in questions]}


def reply(
    answer: Callable[[Any], float | list[float]],
    package: str = "",
    kind: Callable[[Any], Hashable] = lambda question: None,
) -> None:
    """The other side: answer the questions of standard input, with the version and how many are answered a second.

    That counts questions with an answer; what a package loads for the first of each ``kind`` is not what is measured.
    """
    answers: list[float | list[float]] = []
    seconds, met = [], set()
    for question in json.load(sys.stdin):
        which, started = kind(question), time.process_time()
        said = answer(question)
        answers.append(said)
        if which in met and math.isfinite(said[-1] if isinstance(said, list) else said):
            seconds.append(time.process_time() - started)
        met.add(which)
    version = importlib.metadata.version(package) if package else ""
    json.dump({"version": version, "answers": answers, "a_second": len(seconds) / sum(seconds)}, sys.stdout)
