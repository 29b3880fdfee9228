"""Throws broken text at every parser: each must read it or refuse it with an InputError, quickly.

    python benchmarks/fuzz.py [--seconds 60] [--seed 1] [--keep DIRECTORY] [--json]

Texts that people could write are cut, repeated, swapped, sprinkled with what parsers trip over, and filled with long
runs of a short piece; some of those that a parser read are broken further. Whatever a parser raises besides InputError,
and whatever takes longer than SLOW seconds or more than HUNGRY megabytes, is printed and ends the run with exit code 1;
its whole input is kept in a file that is named there, below waterline-fuzz where the system keeps temporary files if no
directory is given. One that has not returned after STUCK seconds is left, and where it stood is in stuck.txt; what a
parser reads at the moment is in reading.txt, for one that takes Python with it. Memory is compared after `WARM`
seconds, or a tenth of a shorter run, and at the end. Every parser has the same share of the seconds, which are of
processor time. Ctrl-C ends the run with what it has found.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import math
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from figures import Figures
from fuzz_texts import AXES, FACTS, FORMS, MARKS, OVERRIDES, PRICES, QUERIES, RUNS, SOURCES, TOKENS, UNITS

from waterline.core.errors import InputError
from waterline.core.scenario import parse_magnitude, parse_override
from waterline.core.units import conversion_factor
from waterline.facts.load import SHIPPED, examine
from waterline.market.prices.read import read_prices
from waterline.moat.examine import UnreadableError, read_content
from waterline.moat.examine import examine as examine_source
from waterline.performance.training.runs import read_runs
from waterline.questions.sweep.axis import read_axes
from waterline.studies.read import SHIPPED as STUDIES
from waterline.studies.read import read_study

SLOW = 5.0  # seconds of processor time
STUCK = 60.0  # seconds of processor time
HUNGRY = 200.0  # megabytes by which one input raises the most memory that the process has had
LARGEST = 200_000  # characters of an input
SHOWN = 200  # characters of an input that is printed
KEPT = 40  # texts of a parser that are broken further
WARM = 20.0  # seconds after which memory should no longer grow
TOO_BUSY = 503


Reader = Callable[[str], object]


class StuckError(BaseException):
    """A parser has not returned; no Exception, which it may catch itself."""


def readers(directory: Path) -> dict[str, tuple[list[str], Reader]]:
    """Parsers by name: the texts to start from, and the call."""
    query, form = web()
    starter = (STUDIES.parent / "starter.yaml").read_text("utf-8")
    shipped = (STUDIES / "deepseek-shock" / "study.yaml").read_text("utf-8")
    checks = (SHIPPED / "checks.yaml").read_text("utf-8")
    return {
        **{f"facts {Path(place).parent.name}": ([text], facts(place)) for place, text in FACTS.items()},
        "facts checks": ([checks], facts("data/checks.yaml")),
        "study": ([starter, shipped], from_file(directory / "study.yaml", lambda path: read_study(str(path)))),
        "table of runs": ([RUNS], from_file(directory / "runs.csv", lambda path: list(read_runs(path)))),
        "prices": (PRICES, from_file(directory / "NVDA.csv", read_prices)),
        **{
            f"{language} source": ([text], from_file(directory / "source", source(language)))
            for language, text in SOURCES.items()
        },
        "HTTP query": (QUERIES, query),
        "HTTP form": (FORMS, form),
        "--set": (OVERRIDES, lambda text: parse_override("name", text).distribution),
        "--over": (AXES, lambda text: read_axes([text], frozenset({"model", "chip"}))),
        "magnitude": (OVERRIDES, parse_magnitude),
        "unit": (UNITS, lambda text: conversion_factor(text, "USD/hour")),
    }


def facts(place: str) -> Reader:
    """Reads a text as the file ``place`` of a small fact base."""

    def read(text: str) -> object:
        base, problems = examine({**{name: whole.encode() for name, whole in FACTS.items()}, place: _bytes(text)})
        if problems:
            raise InputError(problems[0])
        return base

    return read


def source(language: str) -> Callable[[Path], object]:
    """Examines a source file of a language."""

    def read(path: Path) -> object:
        try:
            return examine_source(read_content(str(path), language), language, "source")
        except UnreadableError as problem:
            raise InputError(str(problem)) from problem

    return read


def from_file(path: Path, read: Callable[[Path], object]) -> Reader:
    """Writes a text to a file and reads that."""

    def of_text(text: str) -> object:
        path.write_bytes(_bytes(text))
        return read(path)

    return of_text


def web() -> tuple[Callable[[str], object], Callable[[str], object]]:
    """Ask the web application, and send it a form; a refusal has a status from 400 to 499."""
    from starlette.testclient import TestClient, httpx  # the client library that it has found

    from waterline.questions.session import default_session
    from waterline.web.app import application
    from waterline.web.guard import Limits

    hosts, limits = {"localhost"}, Limits(rate=1e6, burst=1_000_000)
    client = TestClient(application(default_session(), {}, hosts, limits), base_url="http://localhost")

    def judged(answer: httpx.Response) -> httpx.Response:
        if answer.status_code >= 500 and answer.status_code != TOO_BUSY:
            raise RuntimeError(f"status {answer.status_code}: {answer.text[:200]}")
        if answer.status_code >= 400:
            raise InputError(answer.text)
        return answer

    def query(text: str) -> object:
        try:
            return judged(client.get("/" + quote(text, safe="/?&=%.,+:;", errors="surrogatepass").lstrip("/")))
        except httpx.InvalidURL as problem:
            raise InputError("no client sends it") from problem

    def form(text: str) -> object:
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return judged(client.post("/write", content=_bytes(text), headers=kind))

    return query, form


def mutated(text: str, chance: random.Random) -> str:
    """The text with a few things wrong with it."""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at, end = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
        end = min(end, at + chance.choice((1, 3, 10, 80)))
        change = chance.randrange(8)
        if change == 0:
            text = text[:at] + text[end:]
        elif change == 1:
            text = text[:at] + chance.choice(TOKENS) + text[at:]
        elif change == 2:
            text = text[:at] + chance.choice(TOKENS) + text[end:]
        elif change == 3:
            text = text[:at] + text[at:end] * chance.choice((2, 3, 50, 400)) + text[end:]
        elif change == 4:
            other = chance.randint(0, len(text))
            text = text[:at] + text[other : other + end - at] + text[end:]
        elif change == 5:
            text = (
                text[:at]
                + chr(chance.choice((0, 1, 0x7F, 0xA0, 0xD800, 0x2028, 0x10FFFF, chance.randrange(256))))
                + text[end:]
            )
        elif change == 6:
            text = text[:at] + again_and_again(chance) + text[end:]
        else:
            lines = text.split("\n")
            chance.shuffle(lines) if chance.random() < 0.2 else lines.insert(
                chance.randint(0, len(lines)), chance.choice(lines)
            )
            text = "\n".join(lines)
    return text[:LARGEST]


def again_and_again(chance: random.Random) -> str:
    """A run of one short piece, as long as an input may be at most, mostly much shorter."""
    piece = "".join(chance.choices((*TOKENS, *MARKS), k=chance.choice((1, 1, 2, 3, 5)))) or " "
    length = int(10 ** chance.uniform(1, math.log10(LARGEST)))
    return (piece * (length // len(piece) + 1))[:length]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _memory() -> float:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Attack:
    """A run over all parsers: inputs and refusals by parser, what went wrong with the file of its input, and memory."""

    def __init__(self, seed: int, directory: Path, keep: Path) -> None:
        self.tried: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.wrong: dict[str, Path] = {}
        self._early = 0.0  # megabytes of memory once warm
        self._parsers = readers(directory)
        self._spent = dict.fromkeys(self._parsers, 0.0)
        self._read: dict[str, list[str]] = {name: [] for name in self._parsers}
        self._chance = random.Random(seed)
        self._kept = keep / f"seed-{seed}"
        self._kept.mkdir(parents=True, exist_ok=True)
        self._reading = (self._kept / "reading.txt").open("wb", buffering=0)
        self._until = time.process_time()  # until when time has been counted
        self._stuck = (self._kept / "stuck.txt").open("w")
        signal.signal(signal.SIGPROF, self._leave)

    def run(self, seconds: float) -> None:
        """Attack for so long, always the parser that has had the least time."""
        while self.spent < seconds:
            if not self._early and self.spent > min(WARM, seconds / 10):
                self._early = _memory()
            self._once(min(self._spent, key=self._spent.__getitem__))

    def grown(self) -> float:
        """Megabytes of memory since it was warm; NaN when it ended before."""
        return _memory() - self._early if self._early else math.nan

    @property
    def spent(self) -> float:
        """Processor seconds so far."""
        return sum(self._spent.values())

    def _once(self, name: str) -> None:
        starts, parse = self._parsers[name]
        text = mutated(self._chance.choice([*starts, *self._read[name]]), self._chance)
        self._write_down(text)
        reading, memory = time.process_time(), _memory()
        signal.setitimer(signal.ITIMER_PROF, STUCK, STUCK)
        try:
            parse(text)
            self._keep(name, text)
        except InputError:
            self.refused[name] += 1
        except StuckError:
            pass  # so slow that it was left, as is noted below
        except Exception as problem:
            where = traceback.extract_tb(problem.__traceback__)[-1]
            what = f"{name}: {type(problem).__name__} at {where.filename}:{where.lineno}"
            self._note(what, str(problem), text)
        now = time.process_time()
        if now - reading > SLOW:
            self._note(f"{name}: slow", f"{now - reading:.1f} s", text)
        if _memory() - memory > HUNGRY:
            self._note(f"{name}: hungry", f"{_memory() - memory:.0f} MB", text)
        self.tried[name] += 1
        self._spent[name] += now - self._until
        self._until = now

    def _write_down(self, text: str) -> None:
        self._reading.seek(0)
        self._reading.truncate(self._reading.write(_bytes(text)))

    def _leave(self, *_: object) -> None:
        """Give up a parser after `STUCK` seconds: a web request stands in another thread, so all of them are shown."""
        faulthandler.dump_traceback(self._stuck)
        raise StuckError

    def _keep(self, name: str, text: str) -> None:
        """Break this one further, too: at most `KEPT` at a time, no longer than twice what people write."""
        kept = self._read[name]
        if len(text) <= 2 * max(map(len, self._parsers[name][0])):
            if len(kept) == KEPT:
                kept.pop(self._chance.randrange(KEPT))
            kept.append(text)

    def _note(self, what: str, problem: str, text: str) -> None:
        if what not in self.wrong:
            self.wrong[what] = self._kept / f"{len(self.wrong) + 1}.txt"
            self.wrong[what].write_bytes(_bytes(text))
            place = f"whole ({len(text):,} characters): {self.wrong[what]}"
            lines = (what, f"  {problem[:SHOWN]}", f"  {text[:SHOWN]!r}", f"  {place}")
            print(*lines, sep="\n", file=sys.stderr, flush=True)


def main() -> int:
    """Run, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    kept = Path(tempfile.gettempdir()) / "waterline-fuzz"
    parser.add_argument("--keep", type=Path, default=kept, metavar="DIRECTORY")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.environ["WATERLINE_CACHE"] = str(Path(directory) / "cache")  # what it asks is not worth remembering
        attack = Attack(options.seed, Path(directory), options.keep)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            attack.run(options.seconds)
    figures = Figures("Broken input", f"{attack.spent:,.0f} processor seconds of mutated texts, seed {options.seed}")
    for name, count in attack.tried.items():
        figures.add(f"{name}: inputs", count, "inputs")
        figures.add(f"{name}: refused", 100 * attack.refused[name] / count, "%")
    figures.add("neither read nor refused, or slow", len(attack.wrong), "kinds", "0")
    figures.add("memory grown", attack.grown(), "MB")
    figures.show()
    return 1 if attack.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
