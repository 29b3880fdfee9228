"""Number formats of serving: what a precision's name means for weights, products and cache on a chip."""

from __future__ import annotations

import re
from dataclasses import dataclass

from waterline.performance.chip import Chip
from waterline.performance.kernels import HALF
from waterline.performance.model import Model, Shape
from waterline.performance.serving.setting import Formats

EIGHT = 1.0  # bytes of an element
FOUR = {"nvfp4": 0.5625, "mxfp4": 0.53125}  # the same, with an 8-bit scale per 16 or 32 elements


def native_bits(model: Model) -> int:
    """Bits of the weights as released, where a row says nothing: from the model's card, or told by its family."""
    if model.released_bits:
        return int(model.released_bits)
    name = model.name.lower()
    if re.search(r"gpt-?oss", name):
        return 4
    return 8 if re.search(r"deepseek-?(v3|r1|v4)|fp8", name) else 16


def released_precision(model: Model, precision: str) -> str:
    """The precision of the weights: a model released in four bits keeps them whatever its cache and activations are
    called."""
    return "mxfp4" if native_bits(model) == 4 and bits_of(precision) == 8 else precision


@dataclass(frozen=True)
class Precision:
    """Formats, and the dense peaks at which linear layers and experts are multiplied, FLOP/s."""

    formats: Formats
    linear_rate: float
    expert_rate: float


def bits_of(text: str) -> int:
    """Bits of a weight: 4, 8 or 16 from names such as nvfp4, w4a16, awq, int8, fp8, bf16; 0 when unnamed."""
    name = text.lower()
    if re.search(r"fp4|int4|w4|awq|gptq|4.?bit|q4", name):
        return 4
    if re.search(r"fp8|int8|w8|e4m3|8.?bit|q8", name):
        return 8
    return 16 if re.search(r"16|half|32|float", name) else 0


def usual_bits(chip: Chip) -> int:
    """The narrowest weights that a chip multiplies at full rate: what a benchmark closed on speed uses."""
    if chip.fp4_flops:
        return 4
    return 8 if chip.fp8_flops else 16


def precision_of(
    chip: Chip, shape: Shape, precision: str, cache: str, *, engine: str, default_bits: int, whole: bool
) -> Precision:
    """What a precision means on a chip.

    Weights narrower than the chip multiplies are widened on the fly: they save bandwidth only. Four-bit weights of
    models with experts are those of the experts, the rest stays at 16 bits, unless `whole`. The cache follows
    its own name, else 8 bits where weights have 8 or fewer and the engine does so by default.
    """
    bits = bits_of(precision) or default_bits
    narrow = FOUR["mxfp4" if "mx" in precision.lower() else "nvfp4"]
    half = float(chip.bf16_flops or chip.fp16_flops or 0.0)
    eight = float(chip.fp8_flops or (chip.int8_ops if "int8" in precision.lower() else None) or half)
    mixed = bool(re.search(r"mxfp4|int4|w4|awq|gptq", precision.lower()))
    four = (half if not chip.fp4_flops else eight) if mixed else float(chip.fp4_flops or half)
    rates = {16: half, 8: eight if chip.fp8_flops else half, 4: four}
    widths = {16: HALF, 8: EIGHT, 4: narrow}
    linear = 16 if bits == 4 and shape.experts and not whole else bits
    cache_bits = bits_of(cache) or (8 if bits <= 8 and _narrow_cache(chip, engine) else 16)
    formats = Formats(
        linear_bytes=widths[linear],
        expert_bytes=widths[bits],
        cache_bytes=widths[cache_bits],
        narrow=float(linear < 16),
    )
    return Precision(formats, rates[linear], rates[bits])


def _narrow_cache(chip: Chip, engine: str) -> bool:
    """TensorRT-LLM checkpoints carry 8-bit cache scales; the others take them up on chips with 4-bit arithmetic."""
    return bool(chip.fp8_flops) and (engine == "tensorrt" or bool(chip.fp4_flops))
