"""What is served, on what, and how: the inputs of the serving engine as records of arrays.

Every field is a float, or an array of shape (rows,) after `stack`; NumPy broadcasting lets one machine meet a
thousand deployments. A search lays its layouts along the first axis, shape (layouts, 1), and their batches along the
second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waterline.performance.chip import Chip, family_of
from waterline.performance.constants import Constants
from waterline.performance.model import Shape
from waterline.performance.table import Array

BUS_RATE = 64e9  # bytes/s per direction of PCIe 5: links no faster are no switched fabric


@dataclass(frozen=True)
class Silicon:
    """A chip's data sheet at the formats of a run.

    Rates in FLOP/s (dense peaks: `half_rate` at 16 bits, `linear_rate` and `expert_rate` at the format in which
    linear layers and experts are multiplied), `memory_rate` and link rates in bytes/s per direction,
    `memory_bytes` in bytes, `domain` chips joined by links, `switched` 1 where the links are faster than PCIe.
    """

    half_rate: float
    linear_rate: float
    expert_rate: float
    memory_rate: float
    memory_bytes: float | Array
    link_rate: float
    domain: float
    network_rate: float
    switched: float


@dataclass(frozen=True)
class Formats:
    """Bytes per element of the weights of linear layers and experts, and of the cache.

    `narrow` is 1 where linear layers are multiplied below 16 bits.
    """

    linear_bytes: float
    expert_bytes: float
    cache_bytes: float
    narrow: float


@dataclass(frozen=True)
class Deployment:
    """How a model lies over chips.

    `tensor` ranks split each layer, `attention_data` groups hold whole attention layers and split the requests,
    `expert` ranks hold whole experts (the rest of `tensor` × `attention_data` ranks splits each expert), `pipeline`
    stages; `replicas` whole copies.
    """

    tensor: float
    attention_data: float
    expert: float
    pipeline: float
    replicas: float | Array

    @property
    def degrees(self) -> tuple[Any, Any, Any, Any]:
        """Degrees of tensor, attention-data, expert and pipeline parallelism, each of shape (layouts,)."""
        return np.ravel(self.tensor), np.ravel(self.attention_data), np.ravel(self.expert), np.ravel(self.pipeline)

    @property
    def stage_chips(self) -> Array:
        """Chips of one pipeline stage of one copy."""
        return np.asarray(self.tensor * np.asarray(self.attention_data))

    @property
    def chips(self) -> Array:
        """All chips."""
        return np.asarray(self.stage_chips * self.pipeline * self.replicas)


@dataclass(frozen=True)
class Workload:
    """What is asked of all chips together.

    Mean `input` tokens of a request that are read and `output` tokens that are written, `concurrency` requests in
    flight, `spread` relative width of the lengths' distribution (0: all equal), `waves` requests sent per slot, so that
    the first burst counts 1/waves (0: as many as benchmarks usually send).
    `draft` tokens proposed by speculative decoding per step and `accepted` tokens kept per step (1 without).
    `cached` further input tokens are found in a prefix cache: held and attended to, not read.
    """

    input: float
    output: float
    concurrency: float | Array
    spread: float
    waves: float
    draft: float
    accepted: float
    cached: float = 0.0

    @property
    def prompt(self) -> Array:
        """Tokens of a whole prompt, those found in a cache included."""
        return np.asarray(self.input + np.asarray(self.cached, dtype=float))


@dataclass(frozen=True)
class Kinds:
    """Names of which constants differ, once each, and which of them each row has: `index` of shape (rows,)."""

    names: tuple[str, ...]
    index: NDArray[np.intp]

    def values(self, constants: Constants, name: str) -> Array | float:
        """The constant `name` of each row; one number where all are of one kind."""
        if len(self.names) == 1:
            return constants.of(name, self.names[0])
        return np.array([constants.of(name, kind) for kind in self.names])[self.index]


def kinds_of(names: Sequence[str]) -> Kinds:
    """Kinds of rows from the name of each."""
    unique = tuple(dict.fromkeys(names))
    return Kinds(unique, np.array([unique.index(name) for name in names], dtype=np.intp))


@dataclass(frozen=True)
class Setting:
    """Everything that the engine needs of some rows.

    `family` names chip families, `engine` serving software, `age` years from the software's release to the
    reference year of the constants (positive: older). `sparse_reach` tokens that sparse attention keeps (0: all).
    """

    silicon: Silicon
    formats: Formats
    shape: Shape
    deployment: Deployment
    workload: Workload
    family: Kinds
    engine: Kinds
    age: Array
    sparse_reach: Array


GIB = 2.0**30


def memory_bytes(stated: float) -> float:
    """Bytes of a memory whose data sheet says "80 GB" and means 80 × 2^30; those already stated in GiB stay."""
    return stated if stated % GIB == 0 else stated * GIB / 1e9


def serving_family(chip: Chip, constants: Constants) -> str:
    """The chip's family; NVIDIA's cards without links (workstation designs with graphics memory) are one of their
    own, since their matrix units and memory differ from those of the data-centre parts of their year."""
    family = family_of(chip, constants)
    nvidia = family in ("ampere", "hopper", "blackwell", "blackwell_ultra")
    return "card" if nvidia and (chip.scale_up_domain or 1.0) <= 1.0 else family


def silicon_of(chip: Chip, linear_rate: float, expert_rate: float, constants: Constants) -> Silicon:
    """The chip's data sheet in the engine's terms."""
    link = (chip.scale_up_bw_bidir or constants["default_link_bandwidth"]) / 2.0
    domain = max(1.0, chip.scale_up_domain or 1.0)
    return Silicon(
        half_rate=float(chip.bf16_flops or chip.fp16_flops or 0.0),
        linear_rate=linear_rate,
        expert_rate=expert_rate,
        memory_rate=chip.mem_bw,
        memory_bytes=memory_bytes(chip.mem_capacity),
        link_rate=link,
        domain=domain,
        network_rate=chip.scale_out_bw or constants["default_network_bandwidth"],
        switched=float(domain > 1 and link > BUS_RATE),
    )
