"""A part of a sweep: some rows of the grid, from the facts to the bytes of a Parquet file. Runs on any worker."""

from __future__ import annotations

import functools
import io
from typing import Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import InputError
from waterline.questions.session import default_session
from waterline.questions.sweep.axis import Places, RoleAxis
from waterline.questions.sweep.points import Points
from waterline.questions.sweep.request import SUMMARY, Request


def part_bytes(request: Request, part: int) -> bytes:
    """The Parquet file of one part: a column for each axis, then median, p05, p95 and mean.

    Raises InputError when this machine has other facts or formulas than the one that asked.
    """
    start = part * request.part_points
    rows = np.arange(start, min(start + request.part_points, request.points))
    places = np.unravel_index(rows, request.shape)
    return _parquet(request, places, _summaries(request, places, rows.size))


def _summaries(request: Request, places: tuple[Places, ...], count: int) -> Samples:
    """Shape ``(4, rows)``, computed for one combination of entities after another."""
    by_name = dict(zip((axis.name for axis in request.axes), places, strict=True))
    combination = np.zeros(count, dtype=np.int64)
    for axis in request.role_axes:
        combination = combination * axis.count + by_name[axis.name]
    found = np.empty((len(SUMMARY), count))
    for index in np.unique(combination):
        inside = np.flatnonzero(combination == index)
        values = {axis.name: axis.at(by_name[axis.name][inside]) for axis in request.number_axes}
        found[:, inside] = _points(request, int(index)).summaries(values)
    return found


@functools.lru_cache(maxsize=64)
def _points(request: Request, index: int) -> Points:
    points = Points(default_session(), request, request.combinations()[index])
    if points.key != request.keys[index]:
        raise InputError("a worker has other facts, or another version of Waterline, than where the sweep was started")
    return points


def _parquet(request: Request, places: tuple[Places, ...], summaries: Samples) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {}
    for axis, column in zip(request.axes, places, strict=True):
        if isinstance(axis, RoleAxis):
            columns[axis.name] = pa.DictionaryArray.from_arrays(column.astype(np.int32), list(axis.entities))
        else:
            columns[axis.name] = axis.at(column)
    columns.update(zip(SUMMARY, summaries, strict=True))
    said = {"waterline.sweep": request.digest, "quantity": request.quantity, "unit": request.unit}
    table = pa.table(columns).replace_schema_metadata(said)
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd", use_dictionary=[axis.name for axis in request.role_axes])
    return stream.getvalue()
