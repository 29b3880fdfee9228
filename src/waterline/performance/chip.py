"""Accelerators: data-sheet figures, and the rates that they sustain in training."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from waterline.core.errors import InputError, UnknownNameError
from waterline.performance.constants import Constants
from waterline.performance.software import Software, decimal_year

NODE = 8.0  # accelerators of a server as most are built


@dataclass(frozen=True, kw_only=True)
class Chip:
    """An accelerator as its data sheet describes it; None where the sheet is silent.

    Rates are dense FLOP/s (or OP/s), `mem_capacity` bytes, `mem_bw` bytes/s, `scale_up_bw_bidir` bytes/s of all
    links of a chip in both directions together, `scale_up_domain` chips that those links join, `scale_out_bw`
    bytes/s of network per chip and direction, `tdp` watts, `released` a date such as "2022-10".
    """

    name: str = "chip"
    vendor: str
    released: str
    bf16_flops: float | None = None
    fp16_flops: float | None = None
    tf32_flops: float | None = None
    fp8_flops: float | None = None
    fp4_flops: float | None = None
    int8_ops: float | None = None
    mem_capacity: float
    mem_bw: float
    scale_up_bw_bidir: float | None = None
    scale_up_domain: float | None = None
    scale_out_bw: float | None = None
    tdp: float | None = None


@dataclass(frozen=True)
class Machine:
    """What a chip sustains at a precision under a software; floats, or arrays of shape (rows,) after `stack`.

    Rates in FLOP/s, bytes/s and seconds. `linear_rate` is the matrix rate at the precision of the linear layers,
    `half_rate` at 16 bits; `cast_bytes` are the bytes moved to convert one activation to the precision.
    """

    peak: float
    linear_rate: float
    half_rate: float
    attention_forward_rate: float
    attention_backward_rate: float
    softmax_width: float
    compute_units: float
    tile_rows: float
    tile_columns: float
    tile_overhead: float
    memory_rate: float
    memory_bytes: float
    link_rate: float
    link_latency: float
    domain: float
    network_rate: float
    network_latency: float
    linear_bytes: float
    cast_bytes: float
    launch: float


def family_of(chip: Chip, constants: Constants) -> str:
    """The family of a chip: the newest of its vendor that had appeared when it was released.

    Families of one vendor are told apart by date alone, so a new chip needs no code; a vendor without families
    falls into `generic`.
    """
    vendor = chip.vendor.lower()
    year = decimal_year(chip.released)
    known = [
        family
        for family in constants.families
        if re.search(family.vendor, vendor) and decimal_year(family.since) <= year
    ]
    return max(known, key=lambda family: decimal_year(family.since)).name if known else "generic"


def usual_date(chip: Chip) -> str:
    """When software on a chip is dated where nothing is said: a year after the chip was shown."""
    return f"{int(chip.released[:4]) + 1}-01"


PRECISION_PATTERNS = (
    ("fp4", r"fp4|nvfp4|mxfp4"),
    ("mxfp8", r"mxfp8|mx-?fp8|fp8-?mx|block|row"),
    ("int8", r"int8"),
    ("fp8", r"fp8|float8|e4m3|hybrid|8-?bit"),
    ("bf16", r"bf16|bfloat16"),
    ("fp16", r"fp16|float16|half"),
    ("tf32", r"tf32|fp32|float32"),
)


def precision_class(precision: str) -> str:
    """fp4, mxfp8 (any finely scaled 8-bit format), fp8 (one scale per tensor), int8, tf32, fp16 or bf16."""
    text = precision.lower().strip()
    for name, pattern in PRECISION_PATTERNS:
        if re.search(pattern, text):
            return name
    raise UnknownNameError(f"unknown precision {precision!r}; known: bf16, fp16, tf32, fp8, mxfp8, int8, nvfp4")


def peak_rate(chip: Chip, kind: str) -> float:
    """The chip's dense rate at a precision class, FLOP/s.

    Raises InputError when the chip has no such precision.
    """
    half = chip.bf16_flops or chip.fp16_flops
    by_kind = {
        "bf16": half,
        "fp16": chip.fp16_flops or half,
        "tf32": chip.tf32_flops,
        "fp8": chip.fp8_flops,
        "mxfp8": chip.fp8_flops,
        "int8": chip.int8_ops,
        "fp4": chip.fp4_flops,
    }
    rate = by_kind[kind]
    if rate is None or not math.isfinite(rate) or rate <= 0:
        offered = [name for name, value in by_kind.items() if value and name != "mxfp8"]
        raise InputError(f"{chip.name} has no {kind}; it offers {', '.join(offered) or 'no known precision'}")
    return float(rate)


def machine_of(chip: Chip, precision: str, software: Software, constants: Constants) -> Machine:
    """The rates that a chip sustains at a precision.

    Matrix rates are the dense peak times a fraction per family; the fraction falls with the watts per peak FLOP
    when the part is capped below its family's reference (`power_exponent`). Attention runs at 16 bits.

    Raises InputError when the chip lacks the precision or 16-bit matrix arithmetic.
    """
    family = family_of(chip, constants)
    kind = precision_class(precision)
    half_peak = peak_rate(chip, "bf16")
    peak = peak_rate(chip, kind)
    low = kind in ("fp8", "mxfp8", "int8", "fp4")
    power = power_factor(chip, half_peak, family, constants)
    half_rate = half_peak * constants.of("matmul_fraction", family) * power
    share = constants.of(f"{kind}_fraction", family) if low else 1.0
    attention = _attention_rate(half_peak * power, family, software, constants)
    domain = max(1.0, chip.scale_up_domain or 1.0)
    link = (chip.scale_up_bw_bidir or constants["default_link_bandwidth"]) / 2.0
    network = chip.scale_out_bw or constants.of("default_network_bandwidth", family)
    return Machine(
        peak=peak,
        linear_rate=peak * constants.of("matmul_fraction", family) * power * share,
        half_rate=half_rate,
        attention_forward_rate=attention,
        attention_backward_rate=attention * constants["attention_backward"],
        softmax_width=constants.of("softmax_width", family),
        compute_units=constants.of("compute_units", family),
        tile_rows=constants.of("tile_rows", family),
        tile_columns=constants.of("tile_columns", family),
        tile_overhead=constants.of("tile_overhead", family),
        memory_rate=chip.mem_bw * constants["memory_fraction"],
        memory_bytes=chip.mem_capacity,
        link_rate=link * constants.of("link_fraction", family),
        link_latency=constants["link_latency"],
        domain=domain,
        network_rate=network * constants["network_fraction"],
        network_latency=constants["network_latency"],
        linear_bytes={"fp4": 0.5}.get(kind, 1.0) if low else 2.0,
        cast_bytes=constants.of("cast_bytes", kind) if low else 0.0,
        launch=constants["launch"] * (constants["captured_launch"] if software.captured else 1.0),
    )


def _attention_rate(peak: float, family: str, software: Software, constants: Constants) -> float:
    """The rate of attention forward, from the 16-bit peak under the chip's power limit and the kernels there are."""
    rate = peak * constants.of("attention_fraction", family)
    if not software.tuned_attention:
        return rate * constants.of("portable_attention", family)
    return rate if software.mature_attention else rate * constants.of("early_attention", family)


def power_factor(chip: Chip, half_peak: float, family: str, constants: Constants) -> float:
    """Matrix rate under the chip's power limit relative to its family's reference part, at most 1.1."""
    reference = constants.of("watts_per_teraflop", family)
    if not chip.tdp or not math.isfinite(reference):
        return 1.0
    intensity = chip.tdp / (half_peak / 1e12)
    return float(min(1.1, (intensity / reference) ** constants["power_exponent"]))


def with_overrides(chip: Chip, **changes: float | None) -> Chip:
    """The chip as a run describes it: given figures (memory, bandwidth, network, power) replace the sheet's."""
    given = {name: value for name, value in changes.items() if value is not None}
    return replace(chip, **given) if given else chip  # type: ignore[arg-type]
