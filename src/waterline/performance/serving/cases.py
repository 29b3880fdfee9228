"""From a published run to the settings in which the engine sees it: one for each layout that the run leaves open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from waterline.core.errors import InputError
from waterline.performance.chip import Chip
from waterline.performance.constants import Constants
from waterline.performance.model import Model, Shape
from waterline.performance.names import lookup, merged, sized_by_name
from waterline.performance.serving.attention import sparse_tokens
from waterline.performance.serving.formats import native_bits, precision_of, released_precision, usual_bits
from waterline.performance.serving.layouts import layouts
from waterline.performance.serving.rows import ServedRun
from waterline.performance.serving.setting import (
    Deployment,
    Formats,
    Setting,
    Silicon,
    Workload,
    kinds_of,
    serving_family,
    silicon_of,
)
from waterline.performance.serving.software import ServingSoftware, assumed_drafts, serving_software
from waterline.performance.serving.workloads import Task, task_of
from waterline.performance.shapes import shape_of
from waterline.performance.table import stack


@dataclass(frozen=True)
class ServedCase:
    """A run in the engine's terms; `options` are the layouts that it may have had, `readers`
    beside each the layout of the chips that read its prompts (the same where all do both)."""

    run: ServedRun
    chip: Chip
    shape: Shape
    software: ServingSoftware
    silicon: Silicon
    formats: Formats
    family: str
    task: Task
    sparse_reach: float
    options: tuple[Deployment, ...]
    readers: tuple[Deployment, ...]


def case_of(run: ServedRun, chips: Mapping[str, Chip], models: Mapping[str, Model], constants: Constants) -> ServedCase:
    """The run in the engine's terms.

    The row's own columns come before the known model's. Raises InputError for an unknown chip, a model without
    architecture or size, or a layout that needs more chips than the row has.
    """
    chip = lookup(run.accelerator, chips)
    if chip is None:
        raise InputError(f"no facts about accelerator {run.accelerator!r}")
    model = as_served(
        sized_by_name(merged(run.model, lookup(run.model.name, models))), run.model, constants["usual_window"]
    )
    shape = shape_of(model, constants)
    software = serving_software(run.engine, run.published, constants)
    drafts = assumed_drafts(run.engine, run.published, bool(model.mtp_layers), constants)
    task = task_of(run, drafts, constants)
    family = serving_family(chip, constants)
    benchmark = run.kind.startswith("mlperf")
    precision = precision_of(
        chip,
        shape,
        released_precision(model, "" if benchmark else run.precision),
        run.cache_precision,
        engine=software.engine,
        default_bits=usual_bits(chip) if benchmark else native_bits(model),
        whole=native_bits(model) != 4 and not shape.experts,
    )
    return ServedCase(
        run,
        chip,
        shape,
        software,
        silicon_of(chip, precision.linear_rate, precision.expert_rate, constants),
        precision.formats,
        family,
        task,
        sparse_tokens(model, constants),
        *layouts(run, shape, task),
    )


def as_served(model: Model, stated: Model, usual_window: float) -> Model:
    """The model without a window that its card has but the run's own description of attention does not, and with the
    usual window where layers are local to one of unknown size."""
    windowed = re.search(r"sliding|swa|window|chunk|local", (model.attention or "").lower())
    if windowed:
        return replace(model, sliding_window=model.sliding_window or usual_window)
    return replace(model, sliding_window=None) if stated.attention else model


@dataclass(frozen=True)
class Batch:
    """Cases side by side: `setting` has one row per case and layout, `readers` the same with the layouts that read
    prompts, `owner` says of which case."""

    cases: tuple[ServedCase, ...]
    setting: Setting
    readers: Setting
    owner: np.ndarray


def batch_of(cases: Sequence[ServedCase], constants: Constants) -> Batch:
    """Cases laid out for one call of the engine."""
    rows = [
        (index, case, option, reader)
        for index, case in enumerate(cases)
        for option, reader in zip(case.options, case.readers, strict=True)
    ]
    return Batch(
        tuple(cases),
        setting_of([(case, option, case.task.workload) for _, case, option, _ in rows]),
        setting_of([(case, reader, case.task.workload) for _, case, _, reader in rows]),
        np.array([index for index, _, _, _ in rows], dtype=np.intp),
    )


def setting_of(rows: Sequence[tuple[ServedCase, Deployment, Workload]]) -> Setting:
    """The engine's input for cases in given deployments under given workloads."""
    return Setting(
        silicon=stack([case.silicon for case, _, _ in rows]),
        formats=stack([case.formats for case, _, _ in rows]),
        shape=stack([case.shape for case, _, _ in rows]),
        deployment=stack([option for _, option, _ in rows]),
        workload=stack([workload for _, _, workload in rows]),
        family=kinds_of([case.family for case, _, _ in rows]),
        engine=kinds_of([case.software.engine for case, _, _ in rows]),
        age=np.array([case.software.age for case, _, _ in rows]),
        sparse_reach=np.array([case.sparse_reach for case, _, _ in rows]),
    )
