"""Loads: Parquet files that are only ever added to, whole or not at all, and asked through DuckDB."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from waterline.core.errors import InputError
from waterline.core.files import held

if TYPE_CHECKING:
    import duckdb

_INDEX = "rows"  # under which a load states how many rows each of its keys has
_ROWS = 50_000  # rows of a group: what one key needs is found without reading the others


@dataclass(frozen=True)
class Loads:
    """The loads of a directory. A load's name starts with the day on which it was known; none is ever changed."""

    directory: Path

    @property
    def exists(self) -> bool:
        """Whether anything has been loaded."""
        return any(self.directory.glob("*.parquet"))

    def append(
        self,
        columns: Mapping[str, Any],
        selection: str,
        known: date | None = None,
        rows: Mapping[str, int] | None = None,
    ) -> None:
        """Add one load, wholly or not at all: ``selection`` is SQL over the arrays ``columns``, as the table ``load``.

        ``rows`` by key, where given, are written into the load, so that `rows_by_key` need not count them.
        Raises InputError when the directory cannot be written; it is then as it was.
        """
        import duckdb

        asked = connection()
        asked.register("load", dict(columns))
        index = "" if rows is None else f", KV_METADATA {{{_INDEX}: {quoted(json.dumps(rows))}}}"
        options = f"FORMAT parquet, ROW_GROUP_SIZE {_ROWS}, USE_TMP_FILE false{index}"
        with held(self.directory, wait=True):
            for unfinished in self.directory.glob(".load-*"):  # of a process that was killed while it wrote
                unfinished.unlink()
            temporary = self.directory / f".load-{os.getpid()}.part"
            try:
                asked.execute(f"COPY ({selection}) TO {quoted(str(temporary))} ({options})")
                with temporary.open("rb") as written:
                    os.fsync(written.fileno())
                os.link(temporary, self._next(known or datetime.now(UTC).date()))
            except (OSError, duckdb.IOException) as problem:
                reason = getattr(problem, "strerror", None) or str(problem).partition("\n")[0]
                raise InputError(f"cannot write {self.directory}: {reason}") from problem
            finally:
                temporary.unlink(missing_ok=True)

    def files(self, as_of: date | None = None) -> list[str]:
        """Loads known on a date, oldest first."""
        found = sorted(self.directory.glob("*.parquet"))
        return [str(path) for path in found if as_of is None or path.name[:10] <= as_of.isoformat()]

    def rows_by_key(self, key: str, as_of: date | None) -> dict[str, dict[str, int]]:
        """By load known on a date, oldest first: the number of rows of each value of its column ``key``."""
        files = self.files(as_of)
        if not files:
            return {}
        listed = ", ".join(map(quoted, files))
        stored = connection().execute(f"SELECT file_name, key, value FROM parquet_kv_metadata([{listed}])").fetchall()
        stated = {file: json.loads(value) for file, name, value in stored if name.decode() == _INDEX}
        return {file: stated.get(file) or _counted(file, key) for file in files}

    def _next(self, day: date) -> Path:
        numbers = [int(path.name.split(".")[1]) for path in self.directory.glob(f"{day}.*.parquet")]
        return self.directory / f"{day}.{max(numbers, default=-1) + 1:04d}.parquet"


def store_directory() -> Path:
    """Directory of what is loaded and must not be lost: ``$WATERLINE_STORE``, or the user's data directory."""
    chosen = os.environ.get("WATERLINE_STORE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local/share") / "waterline"


def connection() -> duckdb.DuckDBPyConnection:
    """A cursor of the process's one in-memory database. Raises InputError where DuckDB is not installed."""
    return _database().cursor()


def scan(files: Sequence[str]) -> str:
    """SQL that reads files, each row with its file's name."""
    listed = ", ".join(map(quoted, files))
    return f"read_parquet([{listed}], filename = true)"


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    try:
        import duckdb
    except ImportError:
        raise InputError("the store needs DuckDB: install waterline[market]") from None
    return duckdb.connect()


def _counted(file: str, key: str) -> dict[str, int]:
    """Rows by key of a load that does not state them."""
    return dict(connection().execute(f"SELECT {key}, count(*) FROM {scan([file])} GROUP BY {key}").fetchall())


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
