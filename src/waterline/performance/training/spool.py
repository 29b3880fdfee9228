"""A long list of records that is kept on disk once it grows large."""

from __future__ import annotations

import json
import tempfile
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

IN_MEMORY = 16_000_000  # bytes


class Spool(Sequence[dict[str, Any]]):
    """Records in the order in which they were added; JSON lines in a temporary file above `IN_MEMORY` bytes."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the list
        self._starts = array("Q")
        self._end = 0

    def append(self, record: Mapping[str, Any]) -> None:
        """Add a record of plain values."""
        line = json.dumps(record, allow_nan=False).encode() + b"\n"
        self._file.seek(self._end)
        self._file.write(line)
        self._starts.append(self._end)
        self._end += len(line)

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self[place] for place in range(len(self))[index]]
        self._file.seek(self._starts[index])
        record: dict[str, Any] = json.loads(self._file.readline())
        return record

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[place] for place in range(len(self)))
