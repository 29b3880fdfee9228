"""What it takes to move a code base off CUDA: touchpoints, Python, build and validation together."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import code


@quantity("fraction", portable_share=code("fraction"), portable_layer_saving="fraction")
def unported_share(portable_share: Samples, portable_layer_saving: Samples) -> Samples:
    """Part of the work on C++ and CUDA that a portability layer already in the code does not save.

    unported_share = 1 − portable_share × portable_layer_saving
    """
    return 1 - portable_share * portable_layer_saving


@quantity("hour", code_touchpoint_hours="hour", tuning_hours="hour", unported_share="fraction")
def device_porting_hours(code_touchpoint_hours: Samples, tuning_hours: Samples, unported_share: Samples) -> Samples:
    """Work on the C++ and CUDA code, less what a portability layer that is there already saves.

    device_porting_hours = (code_touchpoint_hours + tuning_hours) × unported_share
    """
    return (code_touchpoint_hours + tuning_hours) * unported_share


@quantity("hour", python_weight=code("count"), hours_per_python_weight="hour")
def python_porting_hours(python_weight: Samples, hours_per_python_weight: Samples) -> Samples:
    """Work on the Python surface: torch.cuda, extensions, and packages that exist for CUDA alone.

    python_porting_hours = python_weight × hours_per_python_weight

    `python_weight` adds up the weight of each name and file: 0.1 for `torch.cuda.synchronize`, 6 for `cudf`.
    """
    return python_weight * hours_per_python_weight


@quantity("hour", build_uses=code("count"), hours_per_build_use="hour", build_setup_hours=code("hour"))
def build_porting_hours(build_uses: Samples, hours_per_build_use: Samples, build_setup_hours: Samples) -> Samples:
    """Build files, images and continuous integration on the target.

    build_porting_hours = build_setup_hours + build_uses × hours_per_build_use
    """
    return build_setup_hours + build_uses * hours_per_build_use


@quantity(
    "hour", device_porting_hours="hour", python_porting_hours="hour", build_porting_hours="hour",
    validation_share="fraction",
)  # fmt: skip
def validation_hours(
    device_porting_hours: Samples,
    python_porting_hours: Samples,
    build_porting_hours: Samples,
    validation_share: Samples,
) -> Samples:
    """Showing that the port computes the same and keeps its speed.

    validation_hours = (device_porting_hours + python_porting_hours + build_porting_hours) × validation_share
    """
    return (device_porting_hours + python_porting_hours + build_porting_hours) * validation_share


@quantity(
    "hour", device_porting_hours="hour", python_porting_hours="hour", build_porting_hours="hour",
    validation_hours="hour",
)  # fmt: skip
def porting_effort(
    device_porting_hours: Samples,
    python_porting_hours: Samples,
    build_porting_hours: Samples,
    validation_hours: Samples,
) -> Samples:
    """Person-hours to move a code base off CUDA once.

    porting_effort = device_porting_hours + python_porting_hours + build_porting_hours + validation_hours

    Leaves out keeping two code paths alive afterwards. All hours per use are judged; only `converted_share` is
    anchored, and to one vendor's project.
    """
    return device_porting_hours + python_porting_hours + build_porting_hours + validation_hours


@quantity("week", porting_effort="hour", working_hours_per_week="hour/week")
def porting_weeks(porting_effort: Samples, working_hours_per_week: Samples) -> Samples:
    """Person-weeks to move a code base off CUDA once.

    porting_weeks = porting_effort ÷ working_hours_per_week
    """
    return porting_effort / working_hours_per_week


@quantity("USD", porting_effort="hour", engineer_cost="USD/hour")
def porting_cost(porting_effort: Samples, engineer_cost: Samples) -> Samples:
    """Engineers' cost of moving a code base off CUDA once.

    porting_cost = porting_effort × engineer_cost
    """
    return porting_effort * engineer_cost
