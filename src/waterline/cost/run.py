"""The training run itself: how many accelerator-hours, on how many chips, for how long."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, model


@quantity(
    "FLOP",
    active_parameters=model("count"),
    training_tokens=model("token"),
    flop_per_parameter_token="FLOP/token",
)
def training_flop(active_parameters: Samples, training_tokens: Samples, flop_per_parameter_token: Samples) -> Samples:
    """Arithmetic of the final training run.

    training_flop = flop_per_parameter_token × active_parameters × training_tokens

    Counts the matrix work of the active parameters, forward and backward; attention over long contexts is left out.
    Source: Kaplan et al. 2020, Scaling Laws for Neural Language Models, section 2.1.
    """
    return flop_per_parameter_token * active_parameters * training_tokens


@quantity("FLOP/s", reported=chip("FLOP/s", attribute="bf16_flops"), fp16_flops=chip("FLOP/s"))
def half_precision_flops(fp16_flops: Samples) -> Samples:
    """Dense 16-bit matrix rate of the accelerator.

    half_precision_flops = fp16_flops

    The BF16 rate where the data sheet gives one, the FP16 rate for older chips.
    """
    return fp16_flops


@quantity(
    "hour", reported=model, training_flop="FLOP", half_precision_flops="FLOP/hour", assumed_training_mfu="fraction"
)
def training_gpu_hours(training_flop: Samples, half_precision_flops: Samples, assumed_training_mfu: Samples) -> Samples:
    """Accelerator-hours of the final training run.

    training_gpu_hours = training_flop ÷ (half_precision_flops × assumed_training_mfu)

    The developer's own figure where there is one; the formula stands in where there is none.
    """
    return training_flop / (half_precision_flops * assumed_training_mfu)


@quantity("count", reported=model, training_gpu_hours="hour", assumed_training_days="hour")
def training_chips(training_gpu_hours: Samples, assumed_training_days: Samples) -> Samples:
    """Accelerators that the final run used at once.

    training_chips = training_gpu_hours ÷ assumed_training_days

    The developer's own figure where there is one.
    """
    return training_gpu_hours / assumed_training_days


@quantity("day", training_gpu_hours="day", training_chips="count")
def training_days(training_gpu_hours: Samples, training_chips: Samples) -> Samples:
    """How long the final run took if every accelerator ran without a break.

    training_days = training_gpu_hours ÷ training_chips
    """
    return training_gpu_hours / training_chips
