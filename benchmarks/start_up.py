"""How long whole processes take, from the shell's point of view: interpreter, imports, facts, answer.

Run: python benchmarks/start_up.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import Figures, best_of

WATERLINE = str(Path(sys.executable).with_name("waterline"))
RUNS = 9
COMMANDS = (
    ("python, doing nothing", [sys.executable, "-c", "pass"], ""),
    ("python, import numpy", [sys.executable, "-c", "import numpy"], ""),
    ("waterline --help", [WATERLINE, "--help"], "150 or less"),
    ("waterline ask", [WATERLINE, "ask", "rental_cost", "model=deepseek-v3"], "600 or less"),
    ("waterline ask, 7 uncertain inputs", [WATERLINE, "ask", "market_cost", "model=deepseek-v3"], "600 or less"),
    ("waterline explain", [WATERLINE, "explain", "market_cost", "model=deepseek-v3"], ""),
    ("waterline study, three reports", [WATERLINE, "study", "deepseek-shock", "--out", "{out}"], "3,000 or less"),
)


def main() -> None:
    """Print the figures."""
    figures = Figures("Start-up, whole processes", f"shortest of {RUNS} runs, caches filled by one run before")
    with tempfile.TemporaryDirectory() as out:
        runs = [process([word.format(out=out) for word in words]) for _, words, _ in COMMANDS]
        for run in runs:
            run()
        for (name, _, goal), took in zip(COMMANDS, best_of(RUNS, *runs), strict=True):
            figures.add(name, took, "ms", goal)
    figures.show()


def process(words: list[str]):
    return lambda: subprocess.run(
        words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
    )


if __name__ == "__main__":
    main()
