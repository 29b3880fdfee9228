"""Work beside other work: the same results, and the same errors, as in turn."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

ALONE = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
START = """
import os, threading
from waterline.core.beside import beside, ready_beside
from waterline.core.errors import InputError
here = os.getpid()
"""


def run(script: str) -> str:
    """What a script prints, in a process of its own, which has no other threads."""
    command = [sys.executable, "-c", START + dedent(script)]
    return subprocess.run(command, env=ALONE, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def test_work_beside_is_done_in_copies_and_comes_back_whole() -> None:
    copies = run(
        """
        begun = [beside(lambda place=place: (place, os.getpid(), "x" * 300_000)) for place in range(3)]
        found = [work() for work in begun]
        assert [(place, len(text)) for place, _, text in found] == [(place, 300_000) for place in range(3)]
        print(len({process for _, process, _ in found} - {here}))
        """
    )
    assert copies == ("3" if sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 else "0")


def test_what_work_beside_raises_is_raised_here() -> None:
    assert "no such thing" in run(
        """
        def work():
            raise InputError("no such thing")
        try:
            beside(work)()
        except InputError as problem:
            print(problem)
        """
    )


def test_a_copy_that_is_lost_leaves_its_work_to_this_process() -> None:
    assert run("print(beside(lambda: os.getpid() == here or os.abort())())") == "True"


def test_a_copy_that_is_ready_works_on_what_it_is_given() -> None:
    assert run(
        """
        give = ready_beside(lambda: os.environ.update(READY="yes"), lambda text: (text[-1], os.environ.get("READY")))
        print(*give("x" * 300_000)(), os.environ.get("READY"))
        """
    ) == ("x yes None" if sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 else "x None None")


def test_a_ready_copy_that_is_lost_leaves_its_work_to_this_process() -> None:
    work = "lambda text: os.getpid() == here and text[-1]"
    assert run(f"print(ready_beside(lambda: os.abort(), {work})('x' * 300_000)())") == "x"
    assert "no such thing" in run(
        """
        def work(given):
            raise InputError(f"no such {given}")
        try:
            ready_beside(dict, work)("thing")()
        except InputError as problem:
            print(problem)
        """
    )


def test_copies_whose_original_has_gone_end_as_well() -> None:
    assert run("beside(lambda: 'x' * 300_000); ready_beside(dict, len); beside(os.getpid); print('gone')") == "gone"


def test_no_copy_is_made_of_a_process_with_threads() -> None:
    assert (
        run(
            """
        done = threading.Event()
        threading.Thread(target=done.wait).start()
        print(beside(os.getpid)() == here)
        done.set()
        """
        )
        == "True"
    )
