"""Training software: which framework, of which year, and what it could do by then.

Published runs of one configuration differ by framework and release. A few capabilities, each with the year in
which a framework gained it, stand for that: overlap of each kind of communication, fused element-wise kernels,
attention kernels tuned to the chip, grouped expert kernels, captured launches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from waterline.performance.constants import Constants


@dataclass(frozen=True)
class Software:
    """What a framework of a date does; shares and switches are between 0 and 1.

    engine: the framework family (`megatron`, `fsdp`, `xla`, `neuron`); year: decimal year of the release.
    tensor_overlap, data_overlap, pipeline_overlap, expert_overlap: whether each communication runs beside compute.
    fused: whether element-wise operations are fused; tuned_attention: attention kernels written for the chip rather
    than portable ones, mature_attention: their second generation; flash: attention that never writes the score
    matrix; sequence_parallel: activations between tensor-parallel blocks are split; grouped_experts: one kernel for
    all local experts in low precision; captured: launches are captured in graphs; distributed_optimizer: optimiser
    state is split over replicas; half_gradients: gradients are kept and reduced at 16 bits; half_states: parameters
    and optimiser moments at 16 bits, without a master copy; node_dispatch: a token crosses the network once per
    node, however many of its experts are there; sync_free: routing does not stop the host until token counts are
    known; split_backward: pipeline schedules that fill the bubble with weight gradients; owner_broadcast: sharded
    weights are broadcast by their owners in turn; fused_routing: tokens are permuted, padded and cast by fused
    kernels; fused_loss: the loss is computed in place on 16-bit logits.
    """

    engine: str
    year: float
    tensor_overlap: float
    data_overlap: float
    pipeline_overlap: float
    expert_overlap: float
    fused: float
    tuned_attention: float
    mature_attention: float
    flash: float
    sequence_parallel: float
    grouped_experts: float
    captured: float
    distributed_optimizer: float
    half_gradients: float
    half_states: float
    node_dispatch: float
    sync_free: float
    split_backward: float
    owner_broadcast: float
    fused_routing: float
    fused_loss: float


EXPERT_KERNELS = ("fused_routing", "grouped_experts", "sync_free")


@cache
def decimal_year(text: str) -> float:
    """The decimal year of "2024", "2024-06", "2024-06-15" or "2025-H2"; quarters and halves by their start."""
    found = re.match(r"(\d{4})(?:-(\d{1,2})|-Q(\d)|-H(\d))?", text)
    if not found:
        raise ValueError(f"not a date: {text!r}")
    year, month, quarter, half = found.groups()
    part = int(month) - 1 if month else 3 * (int(quarter) - 1) if quarter else 6 * (int(half) - 1) if half else 6
    return int(year) + part / 12.0


def software_of(framework: str, date: str, constants: Constants, remarks: str = "", family: str = "") -> Software:
    """The software that a framework's name, a date and remarks describe.

    Names and dates are matched against `software.yaml`: the first engine one of whose
    patterns occurs in the name; capabilities whose date has come; and phrases of the name or remarks that switch
    a capability on or off, such as "async TP" or "CUDA graphs". On a chip `family` that an engine has no expert
    kernels for, routing stays as it was.
    """
    rules = constants.software
    name = framework.lower()
    engine = next((engine for engine in rules["engines"] if re.search(engine["match"], name)), rules["engines"][-1])
    year = decimal_year(date) if date else rules["default_year"]
    switches = {
        capability: float(since is not None and year >= float(since)) for capability, since in engine["since"].items()
    }
    if family and family not in engine.get("expert_kernels_for", [family]):
        switches.update(dict.fromkeys(EXPERT_KERNELS, 0.0))
    text = f"{name} | {remarks.lower()}"
    for phrase in rules["phrases"]:
        if re.search(phrase["match"], text):
            switches.update({capability: float(value) for capability, value in phrase["sets"].items()})
    return Software(engine=engine["name"], year=year, **switches)
