"""How bound a code base is, in numbers that compare code bases: lock-in, portability, density of touchpoints."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import code


@quantity("hour", porting_effort="hour", accelerator_lines=code("count"), lines_per_thousand="count")
def lock_in(porting_effort: Samples, accelerator_lines: Samples, lines_per_thousand: Samples) -> Samples:
    """Person-hours to move each thousand lines of the files that touch the accelerator.

    lock_in = porting_effort ÷ (accelerator_lines ÷ lines_per_thousand)
    """
    return porting_effort / (accelerator_lines / lines_per_thousand)


@quantity("hour", code_touchpoint_hours="hour", unported_share="fraction", python_porting_hours="hour")
def touchpoint_hours(code_touchpoint_hours: Samples, unported_share: Samples, python_porting_hours: Samples) -> Samples:
    """Work on the touchpoints alone: without build, tuning and validation.

    touchpoint_hours = code_touchpoint_hours × unported_share + python_porting_hours
    """
    return code_touchpoint_hours * unported_share + python_porting_hours


@quantity(
    "count", direct_uses=code("count"), changed_uses=code("count"), unsupported_uses=code("count"),
    unknown_uses=code("count"), hardware_uses=code("count"), direct_repeats=code("count"),
    changed_repeats=code("count"), unsupported_repeats=code("count"), unknown_repeats=code("count"),
    hardware_repeats=code("count"), repeat_effort="fraction",
)  # fmt: skip
def plain_uses(
    direct_uses: Samples,
    changed_uses: Samples,
    unsupported_uses: Samples,
    unknown_uses: Samples,
    hardware_uses: Samples,
    direct_repeats: Samples,
    changed_repeats: Samples,
    unsupported_repeats: Samples,
    unknown_repeats: Samples,
    hardware_repeats: Samples,
    repeat_effort: Samples,
) -> Samples:
    """Uses of APIs and of the hardware's properties, repeats counted at their part.

    plain_uses = direct_uses + changed_uses + unsupported_uses + unknown_uses + hardware_uses
    + repeat_effort × (direct_repeats + changed_repeats + unsupported_repeats + unknown_repeats + hardware_repeats)
    """
    uses = direct_uses + changed_uses + unsupported_uses + unknown_uses + hardware_uses
    repeats = direct_repeats + changed_repeats + unsupported_repeats + unknown_repeats + hardware_repeats
    return uses + repeat_effort * repeats


@quantity(
    "hour", plain_uses="count", hours_per_unsupported_use="hour", assembly_porting_hours="hour",
    tensor_core_porting_hours="hour", template_porting_hours="hour", python_uses=code("count"),
    rewritten_python_weight="count", hours_per_python_weight="hour",
)  # fmt: skip
def rewrite_hours(
    plain_uses: Samples,
    hours_per_unsupported_use: Samples,
    assembly_porting_hours: Samples,
    tensor_core_porting_hours: Samples,
    template_porting_hours: Samples,
    python_uses: Samples,
    rewritten_python_weight: Samples,
    hours_per_python_weight: Samples,
) -> Samples:
    """Work on the touchpoints if nothing they use had an equal on the target.

    rewrite_hours = plain_uses × hours_per_unsupported_use + assembly_porting_hours + tensor_core_porting_hours
    + template_porting_hours + python_uses × rewritten_python_weight × hours_per_python_weight
    """
    code_hours = plain_uses * hours_per_unsupported_use + assembly_porting_hours + tensor_core_porting_hours
    return code_hours + template_porting_hours + python_uses * rewritten_python_weight * hours_per_python_weight


@quantity("fraction", touchpoint_hours="hour", rewrite_hours="hour")
def portability_score(touchpoint_hours: Samples, rewrite_hours: Samples) -> Samples:
    """Part of the work on the touchpoints that equals, tools and portability layers save.

    portability_score = max(0, 1 − touchpoint_hours ÷ rewrite_hours)

    1: nothing is left to do by hand; 0: every touchpoint is written anew. Never read it without the effort.
    """
    return np.maximum(0.0, 1 - touchpoint_hours / rewrite_hours)


@quantity("hour", touchpoint_hours="hour", accelerator_lines=code("count"), lines_per_thousand="count")
def touchpoint_density(touchpoint_hours: Samples, accelerator_lines: Samples, lines_per_thousand: Samples) -> Samples:
    """Hours on the touchpoints for each thousand lines of the files that touch the accelerator.

    touchpoint_density = touchpoint_hours ÷ (accelerator_lines ÷ lines_per_thousand)
    """
    return touchpoint_hours / (accelerator_lines / lines_per_thousand)
