"""Work that goes on beside other work, in a copy of this process, so that a command uses a second core.

For commands that end soon after. What a copy learns (samples, plans) is lost with it, so a server works in turn.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import sys
from collections.abc import Callable
from typing import Protocol, TypeVar

Found = TypeVar("Found")
Given = TypeVar("Given")


class Begin(Protocol):
    """How a piece of work is begun; what it gives back waits for the result."""

    def __call__(self, work: Callable[[], Found], /) -> Callable[[], Found]: ...


def in_turn(work: Callable[[], Found], /) -> Callable[[], Found]:
    """Leave the work until its result is asked for."""
    return work


def beside(work: Callable[[], Found], /) -> Callable[[], Found]:
    """Begin the work in a copy of this process; its result must pickle, and be asked for once.

    In turn where no copy can be made: on one core, and where threads run, be they Python's or a library's, since a copy
    has none of them and may wait for one for ever. A copy that ends without a result leaves the work, and whatever it
    raises, to this process.
    """
    return _result(_copy(work), work) if _can_copy() else work


def ready_beside(
    prepare: Callable[[], object], work: Callable[[Given], Found]
) -> Callable[[Given], Callable[[], Found]]:
    """Have a copy of this process prepare for work on something that is not there yet, and be given it later.

    What it is given must pickle, and be given once; the rest is as in `beside`, without preparing where no copy can be
    made.
    """
    if not _can_copy():
        return lambda given: functools.partial(work, given)
    source, target = os.pipe()

    def prepared() -> Found:
        os.close(target)
        prepare()
        with os.fdopen(source, "rb") as stream:
            return work(pickle.load(stream))

    copy = _copy(prepared)
    os.close(source)

    def give(given: Given) -> Callable[[], Found]:
        with contextlib.suppress(BrokenPipeError), os.fdopen(target, "wb") as stream:
            pickle.dump(given, stream, pickle.HIGHEST_PROTOCOL)
        return _result(copy, lambda: work(given))

    return give


def _can_copy() -> bool:
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and len(os.listdir("/proc/self/task")) == 1


def _copy(work: Callable[[], object]) -> tuple[int, int]:
    """Begin the work in a copy; returns the copy's id and where its result can be read."""
    receiver, sender = os.pipe()
    copy = os.fork()
    if copy == 0:
        os.close(receiver)  # so that a copy whose original has gone is not left waiting for its reader
        _send(work, sender)
    os.close(sender)
    return copy, receiver


def _result(begun: tuple[int, int], work: Callable[[], Found]) -> Callable[[], Found]:
    """Waits for the result of a copy, and does the work where there is none."""
    copy, receiver = begun

    def result() -> Found:
        with os.fdopen(receiver, "rb") as stream:
            content = stream.read()
        _, status = os.waitpid(copy, 0)
        found: Found = pickle.loads(content) if status == 0 else work()
        return found

    return result


def _send(work: Callable[[], object], sender: int) -> None:
    """Do the work and end the copy, without what a process does at its end: that is for the original to do."""
    status = 1
    try:
        content = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        with os.fdopen(sender, "wb") as stream:
            stream.write(content)
        status = 0
    finally:
        os._exit(status)
