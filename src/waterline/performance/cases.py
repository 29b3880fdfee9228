"""Published runs made ready for the engine: chip, software, shape, job, and the plans that a source leaves open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar

from waterline.core.errors import InputError
from waterline.performance.chip import Chip, machine_of, with_overrides
from waterline.performance.constants import Constants
from waterline.performance.model import Model, Shape
from waterline.performance.open_plans import Setting, open_plans
from waterline.performance.plan import Job, Plans
from waterline.performance.runs import Run
from waterline.performance.shapes import shape_of
from waterline.performance.software import Software, practice_of, software_of

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Case:
    """A run made ready for the engine, with the table of plans that its source leaves open."""

    run: Run
    chip: Chip
    software: Software
    shape: Shape
    job: Job
    plans: Plans


def lookup(name: str, known: Mapping[str, Entry]) -> Entry | None:
    """The entry whose name has the same words and numbers, or the nearest whose words contain or are contained.

    "Nemotron_3_Nano" finds "Nemotron-3-Nano-30B-A3B", "Llama-3-70B-12layers" finds "Llama-3-70B".
    """
    wanted = _words(name)
    best: tuple[int, str] | None = None
    for key in known:
        words = _words(key)
        if words and (words <= wanted or wanted <= words):
            apart = len(words ^ wanted)
            if best is None or apart < best[0]:
                best = (apart, key)
    return known[best[1]] if best else None


@cache
def _words(name: str) -> frozenset[str]:
    """Words and numbers of a name; a size such as 70B stays one word, a version's "v" is dropped."""
    found = re.findall(r"\d+[bm](?![a-z])|[a-z]+|\d+", re.sub(r"\bv(?=\d)", "", name.lower().replace("_", " ")))
    return frozenset(found)


def sized_by_name(model: Model) -> Model:
    """The model with the size that its name states, as "31b" or "120B-A12B", where nothing else is known."""
    if model.parameters or model.layers:
        return model
    sizes = {
        letter: float(number)
        for letter, number in re.findall(r"(?:^|[^a-z0-9.])(a?)(\d+(?:\.\d+)?)b(?![a-z])", model.name.lower())
    }
    if "" not in sizes:
        return model
    return replace(
        model,
        parameters=1e9 * sizes[""],
        active_parameters=1e9 * sizes["a"] if "a" in sizes else model.active_parameters,
    )


def merged(row: Model, known: Model | None) -> Model:
    """The row's model with what it leaves unsaid taken from a known model, when their hidden widths agree."""
    if known is None or (row.hidden and known.hidden and row.hidden != known.hidden):
        return row
    reduced = bool(row.layers and known.layers and row.layers != known.layers)
    skip = {"name", "parameters", "active_parameters", "dense_layers", "mtp_layers"} if reduced else {"name"}
    if row.heads:
        skip |= {"head_dim", "ffn_hidden"}  # stated or deliberately absent
    changes = {
        field: value
        for field, value in vars(known).items()
        if field not in skip and getattr(row, field) is None and value is not None
    }
    return replace(row, **changes)


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
