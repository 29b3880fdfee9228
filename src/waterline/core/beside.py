"""Work that goes on beside other work, in a copy of this process, so that a command uses a second core.

For commands that end soon after. What a copy learns (samples, plans) is lost with it, so a server works in turn.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from typing import Protocol, TypeVar

Found = TypeVar("Found")


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
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) == 1 or len(os.listdir("/proc/self/task")) > 1:
        return work
    receiver, sender = os.pipe()
    copy = os.fork()
    if copy == 0:
        _send(work, sender)
    os.close(sender)

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
