"""Kills commands that write, at random moments, and looks at what they leave behind.

    python benchmarks/faults.py [--kills 200] [--seed 1] [--json]

Each command runs once undisturbed: that is what its files should hold. Then it is killed (SIGKILL, its children with
it) after a random part of that time, in a directory of its own. Every file that stands there must be whole, byte for
byte; the command, run again in the same place, must end with all of them. The same with a limit on the size of files
in place of a full disk, and in a directory that cannot be written.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figures

START = "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
PARTS = "import waterline.questions.sweep.request as r; r.PART_SAMPLES = 64 * 50; "
MAIN = "from waterline.cli.main import main; sys.exit(main(sys.argv[1:]))"
AS_OF = ("--as-of", "2026-11-24")
COMMANDS = {
    "sweep, in parts": (PARTS, ["sweep", "market_cost", "model=deepseek-v3", "--over", "market_rental_price=1:4:1000",
                                "--samples", "64", "--workers", "2", "--out", "grid.parquet", *AS_OF]),
    "sweep, one file": ("", ["sweep", "market_cost", "model=deepseek-v3", "--over", "market_rental_price=1:4:1000",
                             "--samples", "64", "--out", "grid.parquet", *AS_OF]),
    "study": ("", ["study", "deepseek-shock", "--out", "reports", *AS_OF]),
    "study new": ("", ["study", "new", "mine.yaml"]),
}  # fmt: skip


def started(name: str, place: Path, limit: int | None = None) -> subprocess.Popen[bytes]:
    """The command in a directory, as the leader of its own group of processes."""
    before, words = COMMANDS[name]

    if limit is not None:
        before += f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); "
    return subprocess.Popen(
        [sys.executable, "-c", START + before + MAIN, *words],
        cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def visible(place: Path) -> dict[str, bytes]:
    """Files that a reader would see; names that start with a dot are work in progress."""
    paths = (path for path in place.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(place)): path.read_bytes() for path in paths}


def killed(name: str, whole: dict[str, bytes], seconds: float) -> list[str]:
    """What is wrong after a kill, and after running again."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        process = started(name, place)
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        wrong = [
            f"{name}: {file} is not whole" for file, content in visible(place).items() if whole.get(file) != content
        ]
        if name == "study new" and visible(place):
            return wrong  # it does not write over a study
        again = started(name, place)
        said = again.communicate()[1].decode()
        if again.returncode != 0:
            return [*wrong, f"{name}: again fails: {said[-300:]}"]
        return wrong + ([] if visible(place) == whole else [f"{name}: again ends differently"])


def refused(name: str, whole: dict[str, bytes], limit: int | None) -> list[str]:
    """What is wrong when files cannot grow beyond a size, or (None) the directory cannot be written."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        if limit is None:
            if os.geteuid() == 0:
                return []  # permissions do not bind this user
            place.chmod(0o500)
        process = started(name, place, limit)
        said = process.communicate()[1].decode().strip().splitlines()
        place.chmod(0o700)
        wrong = [
            f"{name}: {file} is not whole" for file, content in visible(place).items() if whole.get(file) != content
        ]
        if process.returncode not in (0, 2) or any("Traceback" in line for line in said):
            wrong.append(f"{name}: exit code {process.returncode}, {said[-1:]}")
        return wrong


def main() -> int:
    """Run, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    figures = Figures("Killed, and out of space", f"{options.kills} kills at random moments, seed {options.seed}")
    wrong: list[str] = []
    for name in COMMANDS:
        with tempfile.TemporaryDirectory() as directory:
            began = time.monotonic()
            process = started(name, Path(directory))
            said = process.communicate()[1].decode()
            assert process.returncode == 0, said
            took, whole = time.monotonic() - began, visible(Path(directory))
        found = [killed(name, whole, chance.uniform(0, took)) for _ in range(options.kills // len(COMMANDS))]
        found += [refused(name, whole, limit) for limit in (0, 100, 3000, 100_000, None)]
        wrong += [one for several in found for one in several]
        figures.add(f"{name}: kills and refusals survived", sum(not one for one in found), f"of {len(found)}")
    figures.add("files lost, half-written or changed", len(wrong), "", "0")
    figures.show()
    if wrong:
        print("\n".join(dict.fromkeys(wrong)), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
