"""Runs a sweep: checks the whole grid first, then computes what is missing and stores each part when it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from waterline.core.errors import InputError
from waterline.core.extras import require
from waterline.core.scenario import Scenario
from waterline.questions.overrides import check_overrides
from waterline.questions.session import Session, default_session
from waterline.questions.sweep import workers
from waterline.questions.sweep.axis import RoleAxis, read_axes
from waterline.questions.sweep.points import Points
from waterline.questions.sweep.request import Request, request_of
from waterline.questions.sweep.store import Store

Progress = Callable[[int, int], None]


def sweep(
    quantity: str,
    over: Sequence[str],
    scenario: Scenario,
    out: Path,
    *,
    processes: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Answer ``quantity`` at every point of the grid ``over`` (``NAME=a,b,c`` or ``NAME=LOW:HIGH:COUNT``) into ``out``.

    The result is a Parquet file, or where it takes several parts a directory of them; what is there already from the
    same sweep is kept. ``processes``: of this machine (all by default); ``cluster``: address of a Dask scheduler
    instead. ``progress`` is told how many of how many points are done.

    Raises InputError for anything wrong with the question, at any combination of entities, before any work is done;
    for a point without an answer; and for a place that cannot be written.
    """
    started = time.perf_counter()
    require("cluster", "pyarrow")
    if out.suffix not in ("", ".parquet"):
        raise InputError(f"a sweep is written as Parquet: {out.with_suffix('.parquet')}, not {out.name}")
    session = default_session()
    request = settled(session, request_of(quantity, read_axes(over, session.catalogue.roles()), scenario))
    store = Store(out, request)
    with store.held():
        missing = store.missing()
        done = request.points - sum(_size(request, part) for part in missing)
        for part, content in _made(request, missing, processes or workers.available(), cluster):
            store.write(part, content)
            done += _size(request, part)
            if progress is not None:
                progress(done, request.points)
    return {
        "quantity": request.quantity,
        "unit": request.unit,
        "rows": request.points,
        "computed": sum(_size(request, part) for part in missing),
        "path": str(out),
        "parts": request.parts,
        "axes": {axis.name: axis.count for axis in request.axes},
        "seconds": time.perf_counter() - started,
    }


def settled(session: Session, request: Request) -> Request:
    """Build the graph of every combination of entities, so that what is wrong with any of them is said at once."""
    _check_numbers(session, request)
    graphs = [Points(session, request, entities) for entities in request.combinations()]
    units = {points.unit for points in graphs}
    for axis in request.axes:
        if isinstance(axis, RoleAxis):
            used = any(axis.name in points.bindings for points in graphs)
        else:
            used = any(points.depends_on(axis) for points in graphs)
        if not used:
            raise InputError(f"--over {axis.name}: {request.quantity} does not depend on it")
    axes = tuple(_by_id(axis, graphs) if isinstance(axis, RoleAxis) else axis for axis in request.axes)
    return replace(request, unit=units.pop(), keys=tuple(points.key for points in graphs), axes=axes)


def _check_numbers(session: Session, request: Request) -> None:
    """Raise InputError when either end of an axis is no possible value."""
    for axis in request.number_axes:
        for end in axis.ends:
            given = Scenario(request.as_of, {}, {axis.name: axis.override(end)}, request.samples, request.seed)
            check_overrides(given, session.facts, session.catalogue)


def _by_id(axis: RoleAxis, graphs: Sequence[Points]) -> RoleAxis:
    """The axis with its entities by their ids ("H100" is ``h100-sxm``). Raises InputError when two are the same."""
    ids = tuple(dict.fromkeys(points.bindings[axis.name] for points in graphs))
    if len(ids) < axis.count:
        raise InputError(f"--over {axis.name}: two of {', '.join(axis.entities)} are the same entity")
    return RoleAxis(axis.name, ids)


def _made(request: Request, missing: list[int], processes: int, cluster: str | None) -> Iterator[workers.Made]:
    if cluster is not None:
        return workers.cluster(request, missing, cluster)
    if min(processes, len(missing)) <= 1:
        return workers.here(request, missing)
    return workers.local(request, missing, min(processes, len(missing)))


def _size(request: Request, part: int) -> int:
    return min(request.part_points, request.points - part * request.part_points)
