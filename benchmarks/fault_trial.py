"""One command run in a directory of its own, and what must hold of the files that it leaves: used by `faults.py`."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from fault_commands import Command

START = "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
MAIN = "from waterline.cli.main import main; sys.exit(main(sys.argv[1:]))"
# Says a byte on a pipe just before each change of the file system that Python itself makes.
TELL = """
import os
def tell(event, given, made=("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link")):
    if event in made or event == "open" and given[2] & (os.O_WRONLY | os.O_RDWR):
        os.write({pipe}, b".")
sys.addaudithook(tell)
"""
CACHE = ".cache"
REFUSED = 2  # exit code of an error that the user can act on
POLL = 0.05  # seconds between looks at whether a silent process has ended

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
        self.met = False  # whether a kill met it at work

    def start(
        self, before: str = "", clock: str | None = None, turn: int = 0, pipe: int | None = None
    ) -> subprocess.Popen[bytes]:
        """The command, as the leader of its own group of processes; it tells its changes of files on ``pipe``."""
        surroundings = os.environ | {
            "WATERLINE_CACHE": str(self.place / CACHE), "WATERLINE_STORE": str(self.place / "store"),
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip
        if self.command.facts:
            surroundings["WATERLINE_FACTS"] = str(self.place / self.command.facts)
        told = TELL.format(pipe=pipe) if pipe is not None else ""
        words = [sys.executable, "-c", START + told + before + self.command.first + MAIN, *self.command.words(turn)]
        return subprocess.Popen(
            words if clock is None else ["faketime", clock, *words], cwd=self.place, env=surroundings,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
            pass_fds=() if pipe is None else (pipe,),
        )  # fmt: skip

    def said(self, process: subprocess.Popen[bytes]) -> list[str]:
        """Wait for the end; what is wrong with how it ended."""
        try:
            lines = process.communicate()[1].decode().strip().splitlines()
        except KeyboardInterrupt:
            killed(process)
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


def killed(process: subprocess.Popen[bytes]) -> bool:
    """Kill a process with its children (SIGKILL); whether it was still at work."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def told(process: subprocess.Popen[bytes], pipe: int, most: int | None = None) -> int:
    """Changes of files that a process tells on ``pipe`` until it ends, or until there are ``most`` of them."""
    count = 0
    while most is None or count < most:
        if select.select([pipe], [], [], POLL)[0]:
            heard = len(os.read(pipe, 4096 if most is None else most - count))
            if not heard:
                break
            count += heard
        elif process.poll() is not None:
            break
    return count
