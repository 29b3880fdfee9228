"""Where a sweep's rows go: one Parquet file, or for a large sweep a directory of them, that can be resumed.

A part is written whole or not at all, so that whatever a killed process or a full disk leaves behind is finished
parts. The directory says which request its parts belong to; those of two requests never mix.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from waterline.core.errors import InputError
from waterline.core.files import held, write_atomically
from waterline.questions.sweep.request import Request

MANIFEST = "_sweep.json"  # readers of Parquet directories pass over names with a leading underscore


class Store:
    """The parts of one request at one path. Use within ``with store.held():``."""

    def __init__(self, path: Path, request: Request) -> None:
        self.path = path
        self._request = request
        self._single = request.parts == 1

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Open the place, for this process alone.

        Raises InputError when it holds anything else, is in use, or cannot be written.
        """
        if self._single:
            if self.path.exists():
                self._check_file()
            yield
            return
        self._open_directory()
        with held(self.path, wait=False):
            for unfinished in self.path.glob(".*.parquet.*"):  # of a process that was killed while it wrote
                unfinished.unlink()
            yield

    def missing(self) -> list[int]:
        """Numbers of the parts that are not there yet."""
        return [part for part in range(self._request.parts) if not self._place(part).exists()]

    def write(self, part: int, content: bytes) -> None:
        """Add a part. Raises InputError when it cannot be written; what is there stays."""
        write_atomically(self._place(part), content)

    def _place(self, part: int) -> Path:
        return self.path if self._single else self.path / f"part-{part:06d}.parquet"

    def _check_file(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            digest = (pq.read_schema(self.path).metadata or {}).get(b"waterline.sweep", b"")
        except (pa.ArrowException, OSError):
            digest = b""
        self._refuse_unless(digest.decode() == self._request.digest)

    def _open_directory(self) -> None:
        manifest = self.path / MANIFEST
        if manifest.is_file():
            try:
                found = json.loads(manifest.read_bytes())["request"]
            except (OSError, ValueError, KeyError, TypeError):
                found = None
            self._refuse_unless(found == self._request.digest)
            return
        self._refuse_unless(not self.path.exists() or (self.path.is_dir() and not _visible(self.path)))
        said = {
            "request": self._request.digest,
            "quantity": self._request.quantity,
            "unit": self._request.unit,
            "axes": {axis.name: axis.count for axis in self._request.axes},
            "as_of": self._request.as_of.isoformat(),
            "rows": self._request.points,
            "parts": self._request.parts,
        }
        write_atomically(manifest, json.dumps(said, indent=1).encode() + b"\n")

    def _refuse_unless(self, same: bool) -> None:
        if not same:
            raise InputError(f"{self.path} holds something else than this sweep; remove it, or choose another --out")


def _visible(directory: Path) -> bool:
    return any(not entry.name.startswith(".") for entry in directory.iterdir())
