"""Kills commands that write at random moments, takes their disk away, sets their clock, runs them twice at once.

    python benchmarks/faults.py [--kills 200] [--seed 1] [--json]

Each command runs once undisturbed: that says which files it leaves. Then, each time in a directory of its own:

- it is killed (SIGKILL, its children with it) after a random part of that time, every third time with empty caches;
- files cannot grow beyond a size; where mounting is allowed, the disk is full, or the directory is read-only;
- the clock stands at 1999 and at 2100 (where `faketime` is installed);
- a second process does the same at the same time.

Every file that stands there afterwards must be as it was before or as the command leaves it; what goes wrong is said
in one line; and the command, run again in the same place without disturbance, ends with all of its files. Ctrl-C ends
the run with what it has found.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from fault_commands import COMMANDS, Command
from figures import Figures

START = "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
MAIN = "from waterline.cli.main import main; sys.exit(main(sys.argv[1:]))"
CACHE = ".cache"
SIZES = (0, 100, 3000, 100_000)  # bytes beyond which no file grows
DISK = "4m"
CLOCKS = ("1999-12-31 23:59:58", "2100-01-01")
REFUSED = 2  # exit code of an error that the user can act on

Files = dict[str, bytes]


class Trial:
    """One command in a directory, with its files before and as they should be after."""

    def __init__(self, command: Command, place: Path, after: Files | None = None, caches: Path | None = None) -> None:
        self.command, self.place = command, place
        command.prepare(place)
        if caches is not None:
            shutil.copytree(caches, place / CACHE, dirs_exist_ok=True)
        self.before = visible(place)
        self.after = after if after is not None else {}

    def start(self, before: str = "", clock: str | None = None, turn: int = 0) -> subprocess.Popen[bytes]:
        """The command, as the leader of its own group of processes."""
        surroundings = os.environ | {
            "WATERLINE_CACHE": str(self.place / CACHE), "WATERLINE_STORE": str(self.place / "store"),
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip
        if self.command.facts:
            surroundings["WATERLINE_FACTS"] = str(self.place / self.command.facts)
        words = [sys.executable, "-c", START + before + self.command.first + MAIN, *self.command.words(turn)]
        return subprocess.Popen(
            words if clock is None else ["faketime", clock, *words], cwd=self.place, env=surroundings,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def said(self, process: subprocess.Popen[bytes]) -> list[str]:
        """Wait for the end; what is wrong with how it ended."""
        try:
            lines = process.communicate()[1].decode().strip().splitlines()
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        if process.returncode not in (0, REFUSED) or any("Traceback" in line for line in lines):
            return [f"exit code {process.returncode}, {' | '.join(lines[-3:])}"]
        return []

    def broken(self, dated: bool = False) -> list[str]:
        """Files that are neither as before nor as after; ``dated``: names with the day in them may differ."""
        found = visible(self.place)
        lost = [f"{file} is lost" for file in self.before if file not in found]
        half = []
        for file, content in found.items():
            allowed = {self.before.get(file), self.after.get(file)}
            if self.command.adds and (dated or file not in self.after):
                allowed |= set(self.after.values())
            half += [] if content in allowed else [f"{file} is not whole"]
        return lost + half

    def finished(self) -> list[str]:
        """What is wrong after running it again, undisturbed."""
        process = self.start()
        wrong = self.said(process)
        found = visible(self.place)
        whole = all(content in found.values() if self.command.adds else found.get(file) == content
                    for file, content in self.after.items())  # fmt: skip
        return [*wrong, *self.broken(True), *([] if whole else ["again ends without all of its files"])]


def visible(place: Path) -> Files:
    """Files that a reader would see; names that start with a dot are work in progress, or caches."""
    paths = (path for path in place.rglob("*") if path.is_file())
    named = {str(path.relative_to(place)): path for path in paths}
    return {name: path.read_bytes() for name, path in sorted(named.items()) if "/." not in f"/{name}"}


def kill(trial: Trial, seconds: float) -> list[str]:
    """Kill the command and its children after so long."""
    process = trial.start()
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return trial.broken() + trial.finished()


def limit(trial: Trial, size: int) -> list[str]:
    """No file grows beyond ``size`` bytes."""
    before = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
    return trial.said(trial.start(before)) + trial.broken() + trial.finished()


def clock(trial: Trial, moment: str) -> list[str]:
    """The clock stands elsewhere, then is right again."""
    return trial.said(trial.start(clock=moment)) + trial.broken(True) + trial.finished()


def twice(trial: Trial) -> list[str]:
    """Two processes write in one place at once; where they add, both additions are there or one is refused."""
    both = [trial.start(turn=turn) for turn in (0, 1)]
    wrong = [line for process in both for line in trial.said(process)]
    if trial.command.both is not None:
        done = sum(process.returncode == 0 for process in both)
        there = trial.command.both(trial.place)
        return wrong + ([] if there == done else [f"{done} processes said that they were done, {there} were"])
    return wrong + trial.broken() + trial.finished()


@contextlib.contextmanager
def mounted(options: str) -> Iterator[Path]:
    """A small file system in memory."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory], check=True, capture_output=True)
        try:
            yield Path(directory)
        finally:
            subprocess.run(["umount", "--lazy", directory], check=True)


def without_disk(command: Command, after: Files) -> Iterator[tuple[str, list[str]]]:
    """A full disk, and one that cannot be written."""
    with mounted(f"size={DISK}") as place:
        trial = Trial(command, place, after)
        (place / ".ballast").write_bytes(b"\0" * 4096)
        with contextlib.suppress(OSError), (place / ".ballast").open("ab") as ballast:
            while True:
                ballast.write(b"\0" * 4096)
                ballast.flush()
        yield "full disk", trial.said(trial.start()) + trial.broken()
    with mounted("size=10m") as place:
        trial = Trial(command, place, after)
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield "read-only", trial.said(trial.start()) + trial.broken()


def may_mount() -> bool:
    """Whether this user may mount a file system."""
    try:
        with mounted("size=10k"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def faults(command: Command, kills: int, chance: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Faults by kind, each with what went wrong."""
    with tempfile.TemporaryDirectory() as directory:
        first = Trial(command, Path(directory))
        assert not first.said(first.start())  # fills the caches
        caches = Path(directory) / CACHE
        caches.mkdir(exist_ok=True)  # some commands need none

        def in_a_place(cold: bool, fault: Callable[[Trial], list[str]]) -> list[str]:
            with tempfile.TemporaryDirectory() as own:
                return fault(Trial(command, Path(own), after, None if cold else caches))

        with tempfile.TemporaryDirectory() as undisturbed:
            whole = Trial(command, Path(undisturbed), caches=caches)
            began = time.monotonic()
            assert not whole.said(whole.start())
            took, after = time.monotonic() - began, visible(whole.place)
        for turn in range(kills):
            yield "kill", in_a_place(turn % 3 == 0, lambda trial: kill(trial, chance.uniform(0, took)))
        for size in SIZES:
            yield "file size", in_a_place(False, lambda trial, size=size: limit(trial, size))
        for moment in CLOCKS if shutil.which("faketime") else ():
            yield "clock", in_a_place(False, lambda trial, moment=moment: clock(trial, moment))
        for _ in range(3):
            yield "two at once", in_a_place(False, twice)
        if may_mount():
            yield from without_disk(command, after)


def main() -> int:
    """Run, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=COMMANDS, action="append")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chance, chosen = random.Random(options.seed), options.only or list(COMMANDS)
    figures = Figures("Killed, out of space, out of time", f"kills at random moments, seed {options.seed}")
    tried: Counter[str] = Counter()
    sound: Counter[str] = Counter()
    wrong: list[str] = []
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        for place, name in enumerate(chosen):
            share = options.kills // len(chosen) + (place < options.kills % len(chosen))
            for kind, found in faults(COMMANDS[name], share, chance):
                for key in (kind, name):
                    tried[key] += 1
                    sound[key] += not found
                wrong += [f"{name}, {kind}: {one}" for one in found]
                if found:
                    print(wrong[-1], file=sys.stderr, flush=True)
    for key in sorted(tried, key=lambda key: (key in COMMANDS, key)):
        figures.add(f"{'`' * (key in COMMANDS)}{key}{'`' * (key in COMMANDS)}: nothing lost", sound[key],
                    f"of {tried[key]}", str(tried[key]))  # fmt: skip
    figures.add("files lost, half-written or changed, and errors not said in a line", len(wrong), "", "0")
    figures.show()
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
