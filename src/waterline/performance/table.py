"""Structure-of-arrays records: one dataclass, each field one array over rows or plans.

Every calculation of this package is written once for arrays. A record with scalar fields describes one
machine, model or plan; `stack` turns many such records into one whose fields have shape (rows,), and NumPy
broadcasting lets one scalar machine meet a thousand plans.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
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


def take(record: Record, index: int | NDArray[np.intp]) -> Record:
    """The rows `index` of every array in a record, and in the records that it holds; scalars stay as they are."""
    return mapped(record, lambda column: column[index])


def mapped(record: Record, change: Callable[[Array], Array]) -> Record:
    """The record with `change` made to each of its arrays, and to those of records that it holds; not to scalars."""
    columns: dict[str, Any] = {}
    for name, value in vars(record).items():
        if isinstance(value, np.ndarray):
            if value.ndim:
                columns[name] = change(value)
        elif isinstance(value, tuple):
            columns[name] = tuple(mapped(part, change) if _is_record(part) else part for part in value)
        elif not isinstance(value, float) and _is_record(value):
            columns[name] = mapped(value, change)
    return type(record)(**vars(record) | columns) if columns else record


def _is_record(value: Any) -> bool:
    return hasattr(value, "__dataclass_fields__")


def joined(records: Sequence[Record]) -> Record:
    """One record with the rows of all `records`, whose fields are arrays or such records, one after the other."""
    columns: dict[str, Any] = {}
    for name, value in vars(records[0]).items():
        parts = [getattr(record, name) for record in records]
        columns[name] = joined(parts) if _is_record(value) else np.concatenate(parts)
    return replace(records[0], **columns)


def length(record: DataclassInstance) -> int:
    """Number of rows: the longest field, 1 when every field is a scalar."""
    return max(np.asarray(getattr(record, field.name)).size for field in fields(record))
