"""Files that are either whole or absent: atomic writes, and the directory for rebuildable caches."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from waterline.core.errors import InputError

_frozen = False


def write_atomically(path: Path, content: bytes, durable: bool = True) -> None:
    """Write ``content`` to ``path`` so that a reader sees the old file or the new one, never a part.

    A ``durable`` file is whole even after a power cut. Raises InputError when the place cannot be written (missing
    directory, no permission, full disk); the old file is then untouched.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        os.chmod(temporary, path.stat().st_mode if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as problem:
        raise InputError(f"cannot write {path}: {problem.strerror or problem}") from problem
    finally:
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)


@contextlib.contextmanager
def held(directory: Path, wait: bool) -> Iterator[None]:
    """Be the only process that writes in a directory; another one waits until this one is done, or is refused.

    Raises InputError when the directory cannot be made or opened, and without ``wait`` when another process holds it.
    Where the file system knows no locks nobody is kept out.
    """
    import fcntl

    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory, os.O_RDONLY)
    except OSError as problem:
        raise InputError(f"cannot write {directory}: {problem.strerror or problem}") from problem
    try:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        os.close(lock)
        raise InputError(f"another process is writing to {directory}") from problem
    except OSError:
        pass  # a file system without locks: files are written whole all the same
    try:
        yield
    finally:
        os.close(lock)


def cache_directory() -> Path:
    """Directory for files that can be rebuilt at any time (``$WATERLINE_CACHE`` or the user's cache)."""
    chosen = os.environ.get("WATERLINE_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "waterline"


def freeze_caches() -> None:
    """From now on this process writes nothing: a server's visitors must not fill its disk."""
    global _frozen  # noqa: PLW0603  a process either serves or it does not
    _frozen = True


def caches_are_frozen() -> bool:
    """Whether this process leaves the caches as they are."""
    return _frozen


def read_cache(name: str) -> bytes | None:
    """Content of a cache file, or None when there is none that can be read."""
    try:
        return (cache_directory() / name).read_bytes()
    except OSError:
        return None


def write_cache(name: str, content: bytes) -> None:
    """Keep ``content`` for the next run. A cache that cannot be written only costs time, so nothing is raised."""
    if _frozen:
        return
    with contextlib.suppress(InputError, RuntimeError):
        write_atomically(cache_directory() / name, content, durable=False)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
