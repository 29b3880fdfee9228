"""Kills commands that write at random moments, takes their disk away, sets their clock, runs them twice at once.

    python benchmarks/faults.py [--kills 200] [--seed 1] [--keep FILE] [--json]

Each command runs twice undisturbed, with empty caches and with filled ones: that says how long it takes, how often it
changes a file, and which files it leaves. Then, each time in a directory of its own:

- it is killed (SIGKILL, its children with it), every fifth time with empty caches: by turns after a random part of
  that time, and at a random one of its changes of files or up to `AFTER` seconds later;
- files cannot grow beyond a size; where mounting is allowed, the disk is full, or the directory is read-only;
- the clock stands at 1999 and at 2100 (where `faketime` is installed);
- a second process does the same at the same time.

Every file that stands there afterwards must be as it was before or as the command leaves it; what goes wrong is said
in one line; and the command, run again in the same place without disturbance, ends with all of its files.

Each fault is reported as it is tried. ``--keep FILE`` keeps what was found line by line, and leaves out what stands
there already: a run that was ended (Ctrl-C prints what it has found) goes on from where it was.
"""

from __future__ import annotations

import argparse
import contextlib
import json
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fault_commands import COMMANDS, Command
from fault_trial import CACHE, Files, Trial, killed, told, visible
from figures import Figures

SIZES = (0, 100, 3000, 100_000)  # bytes beyond which no file grows
DISK = "4m"
CLOCKS = ("1999-12-31 23:59:58", "2100-01-01")
AFTER = 0.004  # seconds after a change of a file begins

Found = tuple[list[str], bool]  # what is wrong, and whether a kill met the command at work


@dataclass(frozen=True)
class Undisturbed:
    """A command as it runs without faults: files it leaves, its caches, and by ``cold``: seconds, changes of files."""

    after: Files
    caches: Path
    seconds: tuple[float, float]
    changes: tuple[int, int]


def undisturbed(command: Command, directory: Path) -> Undisturbed:
    """Run a command in two places in ``directory``, first with empty caches and then with those that it filled.

    Raises AssertionError when it fails, or leaves other files where caches help it.
    """
    times, counts, left, caches = [], [], [], None
    for name in ("cold", "warm"):
        place = directory / name
        place.mkdir()
        trial = Trial(command, place, caches=caches)
        receive, send = os.pipe()
        began = time.monotonic()
        process = trial.start(pipe=send)
        os.close(send)
        counts.append(told(process, receive))
        os.close(receive)
        wrong = trial.said(process)
        assert not wrong, wrong
        times.append(time.monotonic() - began)
        left.append(visible(place))
        caches = directory / "cold" / CACHE
        caches.mkdir(exist_ok=True)  # some commands need none
    assert sorted(left[0].values()) == sorted(left[1].values()), "caches change what it writes"
    return Undisturbed(left[1], caches, (times[1], times[0]), (counts[1], counts[0]))


def kill(trial: Trial, seconds: float) -> list[str]:
    """Kill the command after so long."""
    process = trial.start()
    time.sleep(seconds)
    trial.met = killed(process)
    return trial.broken() + trial.finished()


def kill_at_change(trial: Trial, place: int, delay: float) -> list[str]:
    """Kill the command when it is about to change a file for the ``place``-th time, or ``delay`` seconds later."""
    receive, send = os.pipe()
    process = trial.start(pipe=send)
    os.close(send)
    told(process, receive, place)
    time.sleep(delay)
    trial.met = killed(process)
    os.close(receive)
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


def full_disk(command: Command, after: Files) -> list[str]:
    """A disk on which nothing is left."""
    with mounted(f"size={DISK}") as place:
        trial = Trial(command, place, after)
        (place / ".ballast").write_bytes(b"\0" * 4096)
        with contextlib.suppress(OSError), (place / ".ballast").open("ab") as ballast:
            while True:
                ballast.write(b"\0" * 4096)
                ballast.flush()
        return trial.said(trial.start()) + trial.broken()


def read_only(command: Command, after: Files) -> list[str]:
    """A disk that cannot be written."""
    with mounted("size=10m") as place:
        trial = Trial(command, place, after)
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        return trial.said(trial.start()) + trial.broken()


def may_mount() -> bool:
    """Whether this user may mount a file system."""
    try:
        with mounted("size=10k"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def faults(
    command: Command, calm: Undisturbed, kills: int, seed: str
) -> Iterator[tuple[str, int, Callable[[], Found]]]:
    """Faults by kind and turn, each to be tried."""

    def in_a_place(cold: bool, fault: Callable[[Trial], list[str]]) -> Callable[[], Found]:
        def trying() -> Found:
            with tempfile.TemporaryDirectory() as own:
                trial = Trial(command, Path(own), calm.after, None if cold else calm.caches)
                return fault(trial), trial.met

        return trying

    for turn in range(kills):
        chance, cold = random.Random(f"{seed} {turn}"), turn % 5 == 0
        if turn % 2 and calm.changes[cold]:
            place, delay = chance.randint(1, calm.changes[cold]), chance.choice((0.0, chance.uniform(0, AFTER)))
            yield "kill", turn, in_a_place(cold, lambda trial, p=place, d=delay: kill_at_change(trial, p, d))
        else:
            seconds = chance.uniform(0, calm.seconds[cold])
            yield "kill", turn, in_a_place(cold, lambda trial, seconds=seconds: kill(trial, seconds))
    for size in SIZES:
        yield "file size", size, in_a_place(False, lambda trial, size=size: limit(trial, size))
    for turn, moment in enumerate(CLOCKS if shutil.which("faketime") else ()):
        yield "clock", turn, in_a_place(False, lambda trial, moment=moment: clock(trial, moment))
    for turn in range(3):
        yield "two at once", turn, in_a_place(False, twice)
    if may_mount():
        yield "full disk", 0, lambda: (full_disk(command, calm.after), False)
        yield "read-only", 0, lambda: (read_only(command, calm.after), False)


def tried(names: list[str], kills: int, seed: int, keep: Path | None) -> Iterator[dict[str, Any]]:
    """What was found, fault by fault: those kept in a file first, then those that are not there yet."""
    kept = [json.loads(line) for line in keep.read_text("utf-8").splitlines()] if keep and keep.exists() else []
    yield from kept
    there = {(one["command"], one["kind"], one["turn"]) for one in kept}
    for place, name in enumerate(names):
        share = kills // len(names) + (place < kills % len(names))
        with tempfile.TemporaryDirectory() as directory:
            calm = undisturbed(COMMANDS[name], Path(directory))
            for kind, turn, trying in faults(COMMANDS[name], calm, share, f"{seed} {name}"):
                if (name, kind, turn) in there:
                    continue
                wrong, met = trying()
                found = {"command": name, "kind": kind, "turn": turn, "met": met, "wrong": wrong}
                if keep:
                    with keep.open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps(found) + "\n")
                yield found


def main() -> int:
    """Run, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=COMMANDS, action="append")
    parser.add_argument("--keep", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = Figures("Killed, out of space, out of time", f"kills at random moments, seed {options.seed}")
    total: Counter[str] = Counter()
    sound: Counter[str] = Counter()
    wrong: list[str] = []
    met = 0
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        for one in tried(options.only or list(COMMANDS), options.kills, options.seed, options.keep):
            for key in (one["kind"], one["command"]):
                total[key] += 1
                sound[key] += not one["wrong"]
            met += one["met"]
            said = f"{one['command']}, {one['kind']} {one['turn']}: {'; '.join(one['wrong']) or 'sound'}"
            wrong += [said] if one["wrong"] else []
            print(said, file=sys.stderr, flush=True)
    for key in sorted(total, key=lambda key: (key in COMMANDS, key)):
        figures.add(f"{'`' * (key in COMMANDS)}{key}{'`' * (key in COMMANDS)}: nothing lost", sound[key],
                    f"of {total[key]}", str(total[key]))  # fmt: skip
    figures.add("kills that met the command at work", met, f"of {total['kill']}")
    figures.add("faults after which a file was lost, half-written or changed, or an error not said in a line",
                len(wrong), "", "0")  # fmt: skip
    figures.show()
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
