"""Changes the code in small ways and counts how many of the changes the tests notice.

    python benchmarks/mutation.py [--count 300] [--seed 1] [--package core] [--again FILE] [--json]

One operator, comparison, constant, condition or call at a time is changed, and the tests that run the changed function
(for a constant, its module) are run, the quickest first and at most `ENOUGH` seconds of them, until one fails.
Mutants are drawn at random, as many from each package. Messages of errors, texts, annotations, decorators, defaults
and assertions are left alone.

The tests are collected once. Every mutant has a process forked from there, in which the function's code or the
module's constant is replaced before anything has run; it ends with the first failure, or at a time limit.
``--again`` takes only the survivors that a kept result lists.
"""

from __future__ import annotations

import argparse
import functools
import gc
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from figures import Figures
from mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "waterline"
PACKAGES = {
    "core": ("core/*.py",),
    "cost": ("cost/*.py",),
    "verdicts": ("studies/verdict.py", "studies/claim.py", "studies/run.py", "studies/ledger.py"),
}
TESTS = (
    "core", "test_equations.py", "cost/test_ownership.py", "cost/test_tokens.py", "cost/test_topology.py",
    "studies/test_verdict.py", "studies/test_ledger.py", "studies/test_run.py", "studies/test_study.py",
)  # fmt: skip
ENOUGH = 8.0  # seconds of tests for a mutant, the quickest first: the slow tests of whole studies are left out
LONGEST = 25  # seconds of processor time of a mutant: beyond it, it hangs
LONGEST_ALL = 3600


def sample(packages: list[str], count: int, seed: int) -> list[Mutant]:
    """Mutants drawn from every package alike."""
    chance = random.Random(seed)
    drawn = []
    for package in packages:
        paths = [path for glob in PACKAGES[package] for path in sorted(SOURCE.glob(glob))]
        every = [one for path in paths for one in mutants(path)]
        drawn += chance.sample(every, min(len(every), count // len(packages)))
    return sorted(drawn)


def package_of(mutant: Mutant) -> str:
    """The package that a mutant is counted under."""
    part = mutant.path.relative_to(SOURCE).parts[0]
    return part if part in PACKAGES else "verdicts"


class Session:
    """A plugin of pytest that runs the collected tests once as they are, and then those that a mutant concerns."""

    def __init__(self, drawn: list[Mutant]) -> None:
        self.drawn, self.alive = drawn, list[Mutant]()
        self._touched: dict[str, list[str]] = {}  # by test, the functions that it runs
        self._times: dict[str, float] = {}
        self._facts = Path(tempfile.mkdtemp())

    @pytest.fixture(scope="session", autouse=True)
    def facts_read_before(self, own_cache: None) -> Iterator[None]:
        """Reading the fact base takes longer than most tests; units and formulas are asked anew."""
        own = Path(os.environ["WATERLINE_CACHE"])
        for stored in self._facts.glob("facts-*"):
            shutil.copy(stored, own)
        yield
        for stored in own.glob("facts-*"):
            shutil.copy(stored, self._facts)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        found = forked(lambda: self._measured(session), LONGEST_ALL)
        if found is None:
            raise SystemExit("the tests fail without any change")
        self._touched, self._times = found
        functions = functions_by_place()
        clear = [one.cache_clear for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
        for place, mutant in enumerate(self.drawn, 1):
            chosen = [items[name] for name in self._concerned(mutant)]

            def noticed(mutant: Mutant = mutant, chosen: list[pytest.Item] = chosen) -> bool:
                apply(mutant, functions)
                for forget in clear:
                    forget()
                return self._fails(session, chosen)

            if forked(noticed, LONGEST) is False:
                self.alive.append(mutant)
                print(f"{place} of {len(self.drawn)}: {mutant}", file=sys.stderr, flush=True)
        return True

    def _measured(self, session: pytest.Session) -> Any:
        for place, item in enumerate(session.items):
            touched: set[str] = set()

            def note(frame: types.FrameType, _event: str, _: Any, touched: set[str] = touched) -> None:
                if "/src/waterline/" in frame.f_code.co_filename:  # called once for a call: it gives no inner trace
                    touched.add(place_of(frame.f_code))

            began = time.process_time()
            sys.settrace(note)
            run_one(item, session.items[place + 1] if place + 1 < len(session.items) else None)
            sys.settrace(None)
            self._touched[item.nodeid], self._times[item.nodeid] = sorted(touched), time.process_time() - began
        return None if session.testsfailed else (self._touched, self._times)

    def _concerned(self, mutant: Mutant) -> list[str]:
        """Tests to run for a mutant, the quickest first."""
        file = str(mutant.path)
        concerned = (
            name for name, places in self._touched.items()
            if mutant.function in places or (not mutant.function and any(p.startswith(f"{file}:") for p in places))
        )  # fmt: skip
        chosen, together = [], 0.0
        for name in sorted(concerned, key=lambda name: self._times[name]):
            together += self._times[name]
            if chosen and together > ENOUGH:
                break
            chosen.append(name)
        return chosen

    def _fails(self, session: pytest.Session, chosen: list[pytest.Item]) -> bool:
        for place, item in enumerate(chosen):
            run_one(item, chosen[place + 1] if place + 1 < len(chosen) else None)
            if session.testsfailed:
                return True
        return False


def run_one(item: pytest.Item, following: pytest.Item | None) -> None:
    """One test by pytest's own protocol."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def forked(work: Callable[[], Any], longest: float) -> Any:
    """What ``work`` gives in a process of its own; None when it breaks, or does not end within ``longest`` seconds."""
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_PROF, longest)  # its signal ends the process
        code = 1
        try:
            found = json.dumps(work()).encode()
            with os.fdopen(send, "wb") as stream:
                stream.write(found)
            code = 0
        finally:
            os._exit(code)
    os.close(send)
    with os.fdopen(receive, "rb") as stream:
        found = stream.read()
    os.waitpid(child, 0)
    return json.loads(found) if found else None


def place_of(code: types.CodeType) -> str:
    """File and first line of a function."""
    return f"{code.co_filename}:{code.co_firstlineno}"


def functions_by_place() -> dict[str, list[types.FunctionType]]:
    """Every function of the package that is alive."""
    found: dict[str, list[types.FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, types.FunctionType) and "/src/waterline/" in one.__code__.co_filename:
            found.setdefault(place_of(one.__code__), []).append(one)
    return found


def apply(mutant: Mutant, functions: dict[str, list[types.FunctionType]]) -> None:
    """Put a mutant's code in place of what is there."""
    if not mutant.function:
        _rebind(mutant)
        return
    whole = compile(mutant.mutated(), str(mutant.path), "exec")
    code = next(code for code in _codes(whole) if place_of(code) == mutant.function and code.co_name != "<lambda>")
    for function in functions.get(mutant.function, ()):
        function.__code__ = code
        for owner in gc.get_referrers(function):
            if hasattr(owner, "fingerprint"):  # a quantity: its units are checked again
                object.__setattr__(owner, "fingerprint", b"mutated" + os.urandom(5))


def _codes(code: types.CodeType) -> list[types.CodeType]:
    below = [one for one in code.co_consts if isinstance(one, types.CodeType)]
    return [*below, *(deeper for one in below for deeper in _codes(one))]


def _rebind(mutant: Mutant) -> None:
    """Give a module's constant its changed value, everywhere that it has been imported to."""
    modules = [module for name, module in sys.modules.items() if name.startswith("waterline")]
    home = next(module for module in modules if getattr(module, "__file__", "") == str(mutant.path))
    before, after = home.__dict__[mutant.constant], eval(mutant.value(), home.__dict__)
    for module in modules:
        if module.__dict__.get(mutant.constant) is before:
            module.__dict__[mutant.constant] = after


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--package", choices=PACKAGES, action="append")
    parser.add_argument("--again", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    packages = options.package or list(PACKAGES)
    drawn = sample(packages, options.count, options.seed)
    if options.again:
        kept = json.loads(options.again.read_text("utf-8"))
        survivors = set(kept.get("found", kept)["printed"])
        drawn = [mutant for mutant in drawn if str(mutant) in survivors]
    session = Session(drawn)
    hypothesis.settings.register_profile("mutation", max_examples=30, deadline=None, database=None)
    os.chdir(ROOT)
    kept, null = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    words = ["-q", "-p", "no:cacheprovider", "--hypothesis-seed=1", "--hypothesis-profile=mutation", "--tb=no"]
    pytest.main([*words, *(f"tests/{name}" for name in TESTS)], plugins=[session])
    os.dup2(kept, 1)
    figures = Figures("Mutation", f"{len(drawn)} mutants of {', '.join(packages)}, seed {options.seed}")
    for package in packages:
        count, left = (sum(package_of(one) == package for one in group) for group in (drawn, session.alive))
        figures.add(f"{package}: mutants killed", 100 * (count - left) / max(count, 1), f"% of {count}", "85 or more")
    figures.lines([str(mutant) for mutant in session.alive])
    figures.show()


if __name__ == "__main__":
    main()
