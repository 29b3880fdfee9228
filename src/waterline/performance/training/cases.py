"""Published runs made ready for the engine: chip, software, shape, job, and the plans that a source leaves open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from waterline.core.errors import InputError
from waterline.performance.chip import (
    Chip,
    family_of,
    machine_of,
    peak_rate,
    precision_class,
    usual_date,
    with_overrides,
)
from waterline.performance.constants import Constants
from waterline.performance.model import Model, Shape
from waterline.performance.names import lookup, merged, same_size, sized_by_name
from waterline.performance.shapes import shape_of
from waterline.performance.software import Software, software_of
from waterline.performance.training.open_plans import Setting, open_plans
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.practice import practice_of
from waterline.performance.training.runs import Run

# What a chip computes in that lacks the precision stated
STEPS_DOWN = {"fp4": "fp8", "mxfp8": "bf16", "fp8": "bf16", "int8": "bf16", "tf32": "bf16"}


@dataclass(frozen=True)
class Case:
    """A run made ready for the engine, with the table of plans that its source leaves open.

    `unsaid` names what the source is silent about (architecture, plan, sequence, software); `doubt` says in words
    what of it contradicts itself, and was set aside.
    """

    run: Run
    chip: Chip
    precision: str
    software: Software
    shape: Shape
    job: Job
    plans: Plans
    unsaid: frozenset[str]
    doubt: str


def case_of(run: Run, chips: Mapping[str, Chip], models: Mapping[str, Model], constants: Constants) -> Case:
    """What the engine needs of a run; raises InputError with the reason when it cannot be represented."""
    chip = _chip(run, chips)
    precision, unable = _precision(run.precision, chip)
    software = software_of(
        run.framework, run.published or usual_date(chip), constants, run.remarks, family_of(chip, constants)
    )
    model = _model(run, models)
    shape = shape_of(model, constants)
    job = _job(run, constants)
    setting = Setting(
        replace(run, model=model),
        software,
        machine_of(chip, precision, software, constants),
        practice_of(software, constants),
        shape,
        job,
    )
    plans, contradiction = open_plans(setting, constants)
    doubt = "; ".join(text for text in (unable, contradiction) if text)
    return Case(run, chip, precision, software, shape, job, plans, _unsaid(run, model), doubt)


def _chip(run: Run, chips: Mapping[str, Chip]) -> Chip:
    chip = lookup(run.accelerator, chips)
    if chip is None:
        raise InputError(f"accelerator {run.accelerator!r} is not known")
    return with_overrides(
        chip,
        scale_out_bw=run.network,
        tdp=run.power,
        mem_bw=run.bandwidth,
        mem_capacity=run.capacity,
        scale_up_domain=run.domain,
    )


def _precision(stated: str, chip: Chip) -> tuple[str, str]:
    """The precision to compute with, and what is wrong with the stated one: the next that the chip has stands in."""
    try:
        kind, doubt = precision_class(stated), ""
    except InputError as error:
        return "bf16", f"{error}; taken as bf16"
    taken = stated
    while True:
        try:
            peak_rate(chip, kind)
        except InputError as error:
            if kind not in STEPS_DOWN:
                raise
            kind = taken = STEPS_DOWN[kind]
            doubt = doubt or str(error)
        else:
            return taken, f"{doubt}; taken as {taken}" if doubt else ""


def _model(run: Run, models: Mapping[str, Model]) -> Model:
    known = lookup(run.model.name, models, lambda entry: same_size(run.model, entry))
    model = sized_by_name(merged(run.model, known))
    without = re.search(r"w/o mtp", run.remarks.lower())
    return replace(model, mtp_layers=None) if without else model


def _job(run: Run, constants: Constants) -> Job:
    sequence = run.sequence or constants["default_sequence"]
    capacity = re.search(r"capacity factor (\d+(?:\.\d+)?)", run.remarks.lower())
    lora = "lora" in run.finetune or "peft" in run.finetune
    return Job(
        sequence=sequence,
        global_batch=run.global_batch or _usual_batch(run, sequence, constants),
        packed=constants["packed_document"] if "packed" in run.remarks.lower() else 0.0,
        weight_gradients=0.0 if lora else 1.0,
        imbalance=max(float(capacity.group(1)) if capacity else constants["expert_imbalance"], 1.0),
    )


def _usual_batch(run: Run, sequence: float, constants: Constants) -> float:
    """Sequences of a step of the usual number of tokens per chip, in whole micro-batches of the stated plan."""
    plan = run.plan
    stages = plan.get("pp", 1.0)
    replicas = plan.get("dp", max(1.0, run.chips // (plan.get("tp", 1.0) * plan.get("cp", 1.0) * stages)))
    unit = replicas * plan.get("micro_batch", 1.0) * stages
    return float(unit * max(1.0, round(run.chips * constants["default_step_tokens"] / sequence / unit)))


def _unsaid(run: Run, model: Model) -> frozenset[str]:
    missing = {
        "architecture": model.layers is None or model.hidden is None,
        "plan": not {"tp", "micro_batch"} <= set(run.plan),
        "sequence": run.sequence is None,
        "software": not run.framework or not run.published,
    }
    return frozenset(name for name, absent in missing.items() if absent)
