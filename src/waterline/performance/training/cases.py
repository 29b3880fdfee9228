"""Published runs made ready for the engine: chip, software, shape, job, and the plans that a source leaves open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from waterline.core.errors import InputError
from waterline.performance.chip import Chip, machine_of, with_overrides
from waterline.performance.constants import Constants
from waterline.performance.model import Model, Shape
from waterline.performance.names import lookup, merged, sized_by_name
from waterline.performance.shapes import shape_of
from waterline.performance.software import Software, software_of
from waterline.performance.training.open_plans import Setting, open_plans
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.practice import practice_of
from waterline.performance.training.runs import Run


@dataclass(frozen=True)
class Case:
    """A run made ready for the engine, with the table of plans that its source leaves open."""

    run: Run
    chip: Chip
    software: Software
    shape: Shape
    job: Job
    plans: Plans


def case_of(run: Run, chips: Mapping[str, Chip], models: Mapping[str, Model], constants: Constants) -> Case:
    """What the engine needs of a run; raises InputError with the reason when it cannot be represented."""
    chip = lookup(run.accelerator, chips)
    if chip is None:
        raise InputError(f"accelerator {run.accelerator!r} is not known")
    chip = with_overrides(
        chip,
        scale_out_bw=run.network,
        tdp=run.power,
        mem_bw=run.bandwidth,
        mem_capacity=run.capacity,
        scale_up_domain=run.domain,
    )
    software = software_of(run.framework, run.published, constants, run.remarks)
    model = sized_by_name(merged(run.model, lookup(run.model.name, models)))
    if re.search(r"w/o mtp", run.remarks.lower()):
        model = replace(model, mtp_layers=None)
    shape = shape_of(model, constants)
    sequence = run.sequence or constants["default_sequence"]
    # with no batch stated, a step of the usual number of tokens per accelerator
    batch = run.global_batch or max(1.0, round(run.chips * constants["default_step_tokens"] / sequence))
    capacity = re.search(r"capacity factor (\d+(?:\.\d+)?)", run.remarks.lower())
    lora = "lora" in run.finetune or "peft" in run.finetune
    job = Job(
        sequence=sequence,
        global_batch=batch,
        packed=constants["packed_document"] if "packed" in run.remarks.lower() else 0.0,
        weight_gradients=0.0 if lora else 1.0,
        imbalance=max(float(capacity.group(1)) if capacity else constants["expert_imbalance"], 1.0),
    )
    setting = Setting(
        run,
        software,
        machine_of(chip, run.precision, software, constants),
        practice_of(software, constants),
        shape,
        job,
    )
    return Case(run, chip, software, shape, job, open_plans(setting, constants))
