"""How a published run lay over its chips: as stated, or every way that it may have been."""

from __future__ import annotations

from collections.abc import Iterator

from waterline.performance.model import Shape
from waterline.performance.serving.rows import ServedRun
from waterline.performance.serving.setting import Deployment
from waterline.performance.serving.workloads import Task

NODE = 8.0


def layouts(run: ServedRun, shape: Shape, task: Task) -> Iterator[Deployment]:
    """The layouts that a run may have had, at least one.

    Degrees beyond the chips (cores counted as chips) are cut to them; chips beyond the degrees hold further copies.
    Where tensor ranks are not stated, they are all chips of a run with a fixed load, and open otherwise; more
    ranks than query heads of a model with experts mean attention in data-parallel groups.
    """
    chips = float(run.chips)
    if task.load == "split" and run.decode:
        yield Deployment(run.decode.tensor, run.decode.data, run.decode.expert, run.decode.pipeline, run.decode.count)
        return
    stages = run.pipeline or 1.0
    if run.tensor is None and task.load in ("offline", "limited"):
        yield from _open_layouts(chips, shape)
        return
    if run.tensor is None or run.tensor > NODE:
        if chips > NODE and shape.experts:
            yield Deployment(1.0, chips, chips, 1.0, 1.0)
            return
        tensor = min(chips, NODE) / stages
    else:
        tensor = min(run.tensor, max(chips / stages, 1.0))
    data = min(run.data or 1.0, max(chips / (tensor * stages), 1.0))
    grouped = data > 1.0 and shape.experts > 0
    stage = tensor * (data if grouped else 1.0)
    copies = max(1.0, chips // (stage * stages))
    if run.expert is None and shape.experts and task.load == "offline" and tensor > 1.0:
        yield Deployment(1.0, tensor, tensor, stages, copies)
        yield Deployment(tensor, 1.0, tensor, stages, copies)
    yield Deployment(tensor, data if grouped else 1.0, min(run.expert or 1.0, stage), stages, copies)


def _open_layouts(chips: float, shape: Shape) -> Iterator[Deployment]:
    degree = 1.0
    while degree <= min(chips, NODE):
        copies = max(1.0, chips // degree)
        yield Deployment(degree, 1.0, 1.0, 1.0, copies)
        if shape.experts and degree > 1.0:
            yield Deployment(1.0, degree, degree, 1.0, copies)
        degree *= 2.0
