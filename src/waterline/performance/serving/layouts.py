"""How a published run lay over its chips: as stated, or every way that it may have been."""

from __future__ import annotations

from collections.abc import Iterator

from waterline.performance.chip import NODE
from waterline.performance.model import Shape
from waterline.performance.serving.rows import ServedRun, Worker
from waterline.performance.serving.setting import Deployment
from waterline.performance.serving.workloads import Task

READING_SHARES = (0.125, 0.25, 0.5, 0.75)  # of chips that read prompts, where a run does not say

Layouts = tuple[tuple[Deployment, ...], tuple[Deployment, ...]]


def layouts(run: ServedRun, shape: Shape, task: Task) -> Layouts:
    """The layouts that a run may have had, at least one, and beside each that of the chips that read prompts.

    Degrees beyond the chips (cores counted as chips) are cut to them; chips beyond the degrees hold further copies.
    Where tensor ranks are not stated, they are all chips of a run with a fixed load, and open otherwise.
    """
    if task.load == "split":
        pairs = list(_split_layouts(run, shape))
        return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    if run.tensor is None and task.load in ("offline", "limited"):
        found = tuple(_open_layouts(float(run.chips), shape))
    else:
        found = tuple(_stated_layouts(run, shape, task))
    return found, found


def _stated_layouts(run: ServedRun, shape: Shape, task: Task) -> Iterator[Deployment]:
    chips, stages = float(run.chips), run.pipeline or 1.0
    tensor = min(run.tensor or NODE, NODE, max(chips / stages, 1.0))
    data = min(run.data or 1.0, max(chips / (tensor * stages), 1.0))
    grouped = data > 1.0 and shape.experts > 0
    stage = tensor * (data if grouped else 1.0)
    copies = max(1.0, chips // (stage * stages))
    if run.expert is None and shape.experts and task.load == "offline" and tensor > 1.0:
        yield Deployment(1.0, tensor, tensor, stages, copies)
        yield Deployment(tensor, 1.0, tensor, stages, copies)
    yield Deployment(tensor, data if grouped else 1.0, min(run.expert or 1.0, stage), stages, copies)


def _split_layouts(run: ServedRun, shape: Shape) -> Iterator[tuple[Deployment, Deployment]]:
    """Decode workers and prefill workers, as stated; otherwise at several shares of the chips, models with experts
    in one wide group or in nodes of tensor ranks."""
    if run.decode and run.prefill:
        yield _workers(run.decode), _workers(run.prefill)
        return
    chips = float(run.chips)
    for share in READING_SHARES:
        readers = max(1.0, round(share * chips))
        writers = max(1.0, chips - readers)
        if shape.experts:
            group = min(readers, NODE)
            reader = Deployment(1.0, group, group, 1.0, max(1.0, readers // group))
            yield Deployment(1.0, writers, min(writers, shape.experts), 1.0, 1.0), reader
            tensor = min(writers, NODE)
            yield Deployment(tensor, 1.0, 1.0, 1.0, max(1.0, writers // tensor)), reader
        else:
            tensor = min(readers, writers, NODE)
            yield (
                Deployment(tensor, 1.0, 1.0, 1.0, max(1.0, writers // tensor)),
                Deployment(tensor, 1.0, 1.0, 1.0, max(1.0, readers // tensor)),
            )


def _workers(side: Worker) -> Deployment:
    return Deployment(side.tensor, side.data, side.expert, side.pipeline, side.count)


def _open_layouts(chips: float, shape: Shape) -> Iterator[Deployment]:
    degree = 1.0
    while degree <= min(chips, NODE):
        copies = max(1.0, chips // degree)
        yield Deployment(degree, 1.0, 1.0, 1.0, copies)
        if shape.experts and degree > 1.0:
            yield Deployment(1.0, degree, degree, 1.0, copies)
        degree *= 2.0
