"""Another package, asked in a process of its own by the interpreter of an environment that has it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
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
