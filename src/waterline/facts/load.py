"""From data files to records: schema, units, ranges and references checked, with file and line.

The result is kept in the user's cache under a digest of every file's content, so that it can never be stale.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from waterline.core.errors import InputError
from waterline.core.files import read_cache, write_cache
from waterline.facts.document import LARGEST_BYTES
from waterline.facts.read import BaseReader
from waterline.facts.record import Base

SHIPPED = Path(__file__).with_name("data")

_LAYOUT = b"4"  # raise when record.py changes shape, so that older caches are not read


def data_directories() -> list[Path]:
    """The shipped data, then the user's own directory from ``$WATERLINE_FACTS`` if it is set."""
    own = os.environ.get("WATERLINE_FACTS")
    return [SHIPPED, Path(own)] if own else [SHIPPED]


def load_base(directories: Iterable[Path] | None = None) -> Base:
    """All records of the data directories. Raises InputError (first problem, with file:line, and their number)."""
    files = read_files(directories)
    name = f"facts-{_digest(files)}.msgpack"
    stored = read_cache(name)
    if stored is not None:
        try:
            return msgspec.msgpack.decode(stored, type=Base)
        except msgspec.DecodeError:
            pass  # a cache written half by another version: parse again and replace it
    reader = BaseReader()
    reader.read(files)
    if reader.problems:
        more = len(reader.problems) - 1
        raise InputError(reader.problems[0] + (f" (and {more} more; see 'waterline facts check')" if more else ""))
    base = reader.base()
    write_cache(name, msgspec.msgpack.encode(base))
    return base


def examine(files: Mapping[str, bytes]) -> tuple[Base, list[str]]:
    """The records that can be read from files (see `read_files`), and what is wrong with the others (file:line)."""
    reader = BaseReader()
    reader.read(files)
    return reader.base(), reader.problems


def read_files(directories: Iterable[Path] | None = None) -> dict[str, bytes]:
    """Content of every data file by the name that messages give it. Raises InputError when one cannot be read."""
    return _read_all(data_directories() if directories is None else list(directories))


def labelled(directories: Iterable[Path]) -> dict[str, Path]:
    """Directories by the name that messages give them: their own, numbered where two have the same one."""
    labels: dict[str, Path] = {}
    for directory in directories:
        name = directory.resolve().name
        again = sum(other.resolve().name == name for other in labels.values())
        labels[f"{name} ({again + 1})" if again else name] = directory
    return labels


def _read_all(directories: list[Path]) -> dict[str, bytes]:
    files = {}
    for label, directory in labelled(directories).items():
        if not directory.is_dir():
            raise InputError(f"fact directory {directory} does not exist")
        for path in sorted(directory.rglob("*.yaml")):
            try:
                with path.open("rb") as stream:
                    files[f"{label}/{path.relative_to(directory).as_posix()}"] = stream.read(LARGEST_BYTES + 1)
            except OSError as problem:
                raise InputError(f"cannot read {path}: {problem.strerror}") from problem
    return files


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.blake2b(_LAYOUT, digest_size=12)
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
