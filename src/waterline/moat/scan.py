"""Scans a code base in several processes, and gathers what they find.

Workers get batches of file names, send back what they found, and keep nothing; memory grows with what is found, not
with what is read. A worker that dies takes its batch with it; the files of that batch are then read again, each in a
process of its own.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from waterline.moat.examine import UnreadableError, examine, read_content
from waterline.moat.findings import Findings
from waterline.moat.memory import Memory, recall, remember
from waterline.moat.tree import Skipped, SourceFile, own_packages, shown, source_files

_BATCH_BYTES = 1_500_000
_BATCH_FILES = 200
_ALONE = 3_000_000  # bytes of a tree that one process reads sooner than a second one starts

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file and what was found in it."""

    name: str
    role: str
    findings: Findings


@dataclass
class Scan:
    """Everything found in a code base. ``partial``: the scan was interrupted before its end.

    ``lines_by``: files and lines by language and role, of every file read; ``files`` holds those with findings only.
    ``packages``: Python packages that the code base itself is.
    """

    root: Path
    files: list[ScannedFile] = field(default_factory=list)
    lines_by: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    packages: frozenset[str] = frozenset()
    skipped: Skipped = field(default_factory=Skipped)
    bytes_read: int = 0
    seconds: float = 0.0
    remembered: int = 0
    partial: bool = False

    @property
    def megabytes_per_second(self) -> float:
        """Source read a second, 10⁶ bytes."""
        return self.bytes_read / 1e6 / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class _Read:
    """What a worker says of one file: its digest, and findings where they were not remembered."""

    place: int
    digest: bytes = b""
    findings: Findings | None = None
    size: int = 0
    problem: str = ""


def scan(root: Path, *, workers: int | None = None, progress: Progress | None = None, use_memory: bool = True) -> Scan:
    """Scan the code base at ``root``.

    ``workers``: processes, by default as many as there are processors; ``progress`` is called with files done and
    found. Ctrl-C ends the scan with what there is, marked ``partial``. Raises InputError when ``root`` cannot be read.
    """
    start = time.perf_counter()
    result = Scan(root)
    files = list(source_files(root, result.skipped))
    result.packages = frozenset(own_packages(source.name for source in files if source.role == "product"))
    place = root.resolve()
    earlier = recall(place) if use_memory else {}
    memory: Memory = {}
    batches = list(_batches(files))
    try:
        for done, reads in enumerate(_all_reads(files, batches, earlier, workers), 1):
            for read in reads:
                _take(result, files[read.place], read, earlier, memory)
            if progress:
                progress(min(done * _BATCH_FILES, len(files)) if done < len(batches) else len(files), len(files))
    except KeyboardInterrupt:
        result.partial = True
    if use_memory:
        remember(place, {**earlier, **memory} if result.partial else memory)
    result.files.sort(key=lambda found: found.name)
    result.seconds = time.perf_counter() - start
    return result


def _take(result: Scan, source: SourceFile, read: _Read, earlier: Memory, memory: Memory) -> None:
    if read.problem:
        result.skipped.add(shown(source.name), read.problem)
        return
    findings = earlier[read.digest] if read.findings is None else read.findings
    result.remembered += read.findings is None
    memory[read.digest] = findings
    result.bytes_read += read.size
    counted = result.lines_by.setdefault((findings.language, source.role), [0, 0])
    counted[0] += 1
    counted[1] += findings.lines
    if not findings.empty:
        result.files.append(ScannedFile(shown(source.name), source.role, findings))


def _batches(files: Sequence[SourceFile]) -> Iterator[list[int]]:
    batch: list[int] = []
    size = 0
    for place, source in enumerate(files):
        batch.append(place)
        size += source.size
        if size > _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _all_reads(
    files: Sequence[SourceFile], batches: list[list[int]], earlier: Memory, workers: int | None
) -> Iterator[list[_Read]]:
    count = min(workers or os.cpu_count() or 1, len(batches))
    if count <= 1 or sum(source.size for source in files) < _ALONE:
        known = frozenset(earlier)
        for batch in batches:
            yield _read_batch([(place, files[place]) for place in batch], known)
        return
    yield from _in_processes(files, batches, frozenset(earlier), count)


def _in_processes(
    files: Sequence[SourceFile], batches: list[list[int]], known: frozenset[bytes], workers: int
) -> Iterator[list[_Read]]:
    waiting = list(reversed(batches))
    running: dict[Future[list[_Read]], list[int]] = {}
    pool = ProcessPoolExecutor(workers, _context(), initializer=_start_worker, initargs=(known,))
    try:
        while waiting or running:
            while waiting and len(running) < workers * 2:
                batch = waiting.pop()
                running[pool.submit(_work, [(place, files[place]) for place in batch])] = batch
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                batch = running.pop(future)
                yield future.result()
    except BrokenProcessPool:
        # One of the running batches killed its process: read those a file at a time, each in a process of its own
        pool.shutdown(wait=False, cancel_futures=True)
        yield from _one_by_one(files, [batch, *running.values()], known)
        yield from _in_processes(files, list(reversed(waiting)), known, workers)
    except BaseException:
        for process in list(getattr(pool, "_processes", {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _one_by_one(
    files: Sequence[SourceFile], batches: Iterable[list[int]], known: frozenset[bytes]
) -> Iterator[list[_Read]]:
    for batch in batches:
        for place in batch:
            with ProcessPoolExecutor(1, _context(), initializer=_start_worker, initargs=(known,)) as pool:
                try:
                    yield pool.submit(_work, [(place, files[place])]).result()
                except BrokenProcessPool:
                    yield [_Read(place, problem="reading it ended the process")]


def _context() -> multiprocessing.context.BaseContext:
    """Processes that share what is loaded where the system can do that."""
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if "fork" in methods else methods[0])


_known: frozenset[bytes] = frozenset()


def _start_worker(known: frozenset[bytes]) -> None:
    global _known  # noqa: PLW0603  (a worker's own copy, set once)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the workers
    _known = known


def _work(batch: list[tuple[int, SourceFile]]) -> list[_Read]:
    gc.disable()  # trees of syntax hold no cycles; looking for them in the midst of a batch takes a fifth of the time
    try:
        return _read_batch(batch, _known)
    finally:
        gc.enable()


def _read_batch(batch: list[tuple[int, SourceFile]], known: frozenset[bytes]) -> list[_Read]:
    return [_read(place, source, known) for place, source in batch]


def _read(place: int, source: SourceFile, known: frozenset[bytes]) -> _Read:
    try:
        content = read_content(source.path, source.language)
        size = len(content.data)
        if content.digest in known:
            return _Read(place, content.digest, None, size)
        return _Read(place, content.digest, examine(content, source.language, source.name), size)
    except UnreadableError as problem:
        return _Read(place, problem=str(problem))
    except MemoryError:
        return _Read(place, problem="needs more memory than there is")
