"""Who computes the parts: processes of this machine, or a Dask cluster. Both look like an executor.

Parts are handed out a few ahead of what is being computed, so that memory does not grow with their number. A worker
that dies costs the parts it had in hand, which are computed again.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from waterline.core.errors import InputError
from waterline.core.extras import require
from waterline.questions.sweep.part import part_bytes
from waterline.questions.sweep.request import Request

AHEAD = 2  # parts in hand per worker
PATIENCE = 3  # times that workers may die without any part being finished in between
TIMEOUT = 20  # seconds to find a cluster

Made = tuple[int, bytes]


def available() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def here(request: Request, parts: Iterable[int]) -> Iterator[Made]:
    """Parts one after another, in this process."""
    for part in parts:
        yield part, part_bytes(request, part)


def local(request: Request, parts: Iterable[int], workers: int) -> Iterator[Made]:
    """Parts as processes of this machine finish them. Raises InputError when they keep dying."""
    import multiprocessing

    left = dict.fromkeys(parts)
    deaths = 0
    while left:
        pool = ProcessPoolExecutor(
            workers, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_with_parent
        )
        try:
            for part, content in _as_completed(pool, request, list(left), AHEAD * workers):
                del left[part]
                deaths = 0
                yield part, content
        except BrokenProcessPool as problem:
            deaths += 1
            if deaths >= PATIENCE:
                raise InputError(
                    f"workers died {deaths} times without finishing a part (out of memory?); "
                    "with fewer --workers the same command goes on from here"
                ) from problem
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def cluster(request: Request, parts: Iterable[int], address: str) -> Iterator[Made]:
    """Parts as the workers of a Dask scheduler finish them.

    Raises InputError when there is no scheduler at ``address``, it is lost, or a part keeps killing workers.
    """
    require("cluster", "distributed")
    import distributed

    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TimeoutError, ImportError) as problem:
        raise InputError(f"no Dask scheduler answers at {address}: {problem}") from problem
    try:
        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        yield from _as_completed(client.get_executor(pure=False), request, parts, ahead)
    except (distributed.KilledWorker, concurrent.futures.CancelledError, OSError) as problem:
        raise InputError(
            f"the cluster at {address} was lost ({type(problem).__name__}); the same command goes on from here"
        ) from problem
    finally:
        with contextlib.suppress(Exception):  # a client that has lost its scheduler cannot take leave of it
            client.close(timeout=2)


def _as_completed(executor: Executor, request: Request, parts: Iterable[int], ahead: int) -> Iterator[Made]:
    """Hand out parts, ``ahead`` of them at a time, and give them back in the order they are finished."""
    coming = iter(parts)
    running: dict[Future[bytes], int] = {}

    def hand_out(count: int) -> None:
        for _, part in zip(range(count), coming, strict=False):
            running[executor.submit(part_bytes, request, part)] = part

    hand_out(ahead)
    while running:
        done, _ = concurrent.futures.wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future.result()
            hand_out(1)


def _leave_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    import multiprocessing
    import threading

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
