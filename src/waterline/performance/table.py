"""Structure-of-arrays records: one dataclass, each field one array over rows or plans.

Every calculation of this package is written once for arrays. A record with scalar fields describes one
machine, model or plan; `stack` turns many such records into one whose fields have shape (rows,), and NumPy
broadcasting lets one scalar machine meet a thousand plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Array = NDArray[np.float64]
Number = float | Array
Record = TypeVar("Record", bound="DataclassInstance")


def stack(records: Sequence[Record]) -> Record:
    """One record whose fields are the arrays, shape (len(records),), of the fields of `records`."""
    first = records[0]
    columns: dict[str, Any] = {
        field.name: np.array([getattr(record, field.name) for record in records], dtype=float)
        for field in fields(first)
    }
    return replace(first, **columns)


def take(record: Record, index: NDArray[np.intp]) -> Record:
    """The rows `index` of every array in a record, and in the records that it holds; scalars stay as they are."""
    columns = {name: rows for name, value in vars(record).items() if (rows := _rows(value, index)) is not value}
    return replace(record, **columns) if columns else record


def _rows(value: Any, index: NDArray[np.intp]) -> Any:
    if isinstance(value, np.ndarray):
        return value[index] if value.ndim else value
    if isinstance(value, tuple):
        return tuple(_rows(part, index) for part in value)
    return take(value, index) if is_dataclass(value) and not isinstance(value, type) else value


def length(record: DataclassInstance) -> int:
    """Number of rows: the longest field, 1 when every field is a scalar."""
    return max(np.asarray(getattr(record, field.name)).size for field in fields(record))
