"""Hours of work by kind of touchpoint, from what a scan counts in a code base.

A *use* is a distinct pair of name and file; a *repeat* is each further occurrence in that file, which costs only a
small part of the first (`repeat_effort`). Where no scan has counted, the counts are assumed for the kind of user.
"""

from __future__ import annotations

from waterline.core.beta import beta_quantile
from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import code, port


@quantity(
    "fraction", opaque=True, lines_automatic=port("count"), lines_manual=port("count"),
    port_weight="fraction", conversion_rank="probability",
)  # fmt: skip
def converted_share(
    lines_automatic: Samples, lines_manual: Samples, port_weight: Samples, conversion_rank: Samples
) -> Samples:
    """Part of the touchpoints with an equal API that a conversion tool gets right.

    converted_share = Beta⁻¹(conversion_rank; lines_automatic × port_weight, lines_manual × port_weight)

    `port_weight` makes one project count as few observations: how well a tool does varies between projects, not
    between lines. Opaque because the quantile function of the beta distribution takes plain numbers.
    """
    return beta_quantile(lines_automatic * port_weight, lines_manual * port_weight, conversion_rank)


@quantity(
    "hour", direct_uses=code("count"), direct_repeats=code("count"), repeat_effort="fraction",
    hours_per_direct_use="hour",
)  # fmt: skip
def direct_hours_by_hand(
    direct_uses: Samples, direct_repeats: Samples, repeat_effort: Samples, hours_per_direct_use: Samples
) -> Samples:
    """Work on APIs that have an equal on the target, if no tool put it in their place.

    direct_hours_by_hand = (direct_uses + repeat_effort × direct_repeats) × hours_per_direct_use
    """
    return (direct_uses + repeat_effort * direct_repeats) * hours_per_direct_use


@quantity("hour", direct_hours_by_hand="hour", converted_share="fraction")
def direct_porting_hours(direct_hours_by_hand: Samples, converted_share: Samples) -> Samples:
    """Work on APIs that have an equal on the target, where the tool fails.

    direct_porting_hours = direct_hours_by_hand × (1 − converted_share)
    """
    return direct_hours_by_hand * (1 - converted_share)


@quantity(
    "hour", changed_uses=code("count"), changed_repeats=code("count"), repeat_effort="fraction",
    hours_per_changed_use="hour",
)  # fmt: skip
def changed_porting_hours(
    changed_uses: Samples, changed_repeats: Samples, repeat_effort: Samples, hours_per_changed_use: Samples
) -> Samples:
    """Work on APIs whose equal on the target is called in another way, or is deprecated.

    changed_porting_hours = (changed_uses + repeat_effort × changed_repeats) × hours_per_changed_use
    """
    return (changed_uses + repeat_effort * changed_repeats) * hours_per_changed_use


@quantity(
    "hour", unsupported_uses=code("count"), unsupported_repeats=code("count"), repeat_effort="fraction",
    hours_per_unsupported_use="hour",
)  # fmt: skip
def unsupported_porting_hours(
    unsupported_uses: Samples, unsupported_repeats: Samples, repeat_effort: Samples, hours_per_unsupported_use: Samples
) -> Samples:
    """Work on APIs that the target lacks.

    unsupported_porting_hours = (unsupported_uses + repeat_effort × unsupported_repeats) × hours_per_unsupported_use
    """
    return (unsupported_uses + repeat_effort * unsupported_repeats) * hours_per_unsupported_use


@quantity(
    "hour", unknown_uses=code("count"), unknown_repeats=code("count"), repeat_effort="fraction",
    unknown_unsupported_share="fraction", hours_per_unsupported_use="hour", hours_per_changed_use="hour",
)  # fmt: skip
def unknown_porting_hours(
    unknown_uses: Samples,
    unknown_repeats: Samples,
    repeat_effort: Samples,
    unknown_unsupported_share: Samples,
    hours_per_unsupported_use: Samples,
    hours_per_changed_use: Samples,
) -> Samples:
    """Work on CUDA names that the API map does not know, or knows no status of for the target.

    unknown_porting_hours = (unknown_uses + repeat_effort × unknown_repeats)
    × (unknown_unsupported_share × hours_per_unsupported_use + (1 − unknown_unsupported_share) × hours_per_changed_use)
    """
    each = unknown_unsupported_share * hours_per_unsupported_use
    each = each + (1 - unknown_unsupported_share) * hours_per_changed_use
    return (unknown_uses + repeat_effort * unknown_repeats) * each


@quantity(
    "hour", assembly_uses=code("count"), assembly_repeats=code("count"), repeat_effort="fraction",
    hours_per_assembly_use="hour",
)  # fmt: skip
def assembly_porting_hours(
    assembly_uses: Samples, assembly_repeats: Samples, repeat_effort: Samples, hours_per_assembly_use: Samples
) -> Samples:
    """Work on inline PTX, by instruction.

    assembly_porting_hours = (assembly_uses + repeat_effort × assembly_repeats) × hours_per_assembly_use
    """
    return (assembly_uses + repeat_effort * assembly_repeats) * hours_per_assembly_use


@quantity(
    "hour", tensor_core_uses=code("count"), tensor_core_repeats=code("count"), repeat_effort="fraction",
    hours_per_tensor_core_use="hour",
)  # fmt: skip
def tensor_core_porting_hours(
    tensor_core_uses: Samples, tensor_core_repeats: Samples, repeat_effort: Samples, hours_per_tensor_core_use: Samples
) -> Samples:
    """Work on matrix-unit code: wmma, mma, wgmma, tcgen05 and the asynchronous copies that feed them.

    tensor_core_porting_hours = (tensor_core_uses + repeat_effort × tensor_core_repeats) × hours_per_tensor_core_use
    """
    return (tensor_core_uses + repeat_effort * tensor_core_repeats) * hours_per_tensor_core_use


@quantity(
    "hour", template_uses=code("count"), template_repeats=code("count"), repeat_effort="fraction",
    hours_per_template_use="hour",
)  # fmt: skip
def template_porting_hours(
    template_uses: Samples, template_repeats: Samples, repeat_effort: Samples, hours_per_template_use: Samples
) -> Samples:
    """Work on code written against CUTLASS or CuTe templates, which an API count does not see.

    template_porting_hours = (template_uses + repeat_effort × template_repeats) × hours_per_template_use
    """
    return (template_uses + repeat_effort * template_repeats) * hours_per_template_use


@quantity(
    "hour", hardware_uses=code("count"), hardware_repeats=code("count"), repeat_effort="fraction",
    hours_per_hardware_use="hour",
)  # fmt: skip
def hardware_porting_hours(
    hardware_uses: Samples, hardware_repeats: Samples, repeat_effort: Samples, hours_per_hardware_use: Samples
) -> Samples:
    """Work on assumptions about the hardware: 32 lanes a warp, lane masks, sizes of shared memory.

    hardware_porting_hours = (hardware_uses + repeat_effort × hardware_repeats) × hours_per_hardware_use
    """
    return (hardware_uses + repeat_effort * hardware_repeats) * hours_per_hardware_use


@quantity(
    "hour", kernels=code("count"), tuned_kernel_share="fraction", hours_per_tuned_kernel="hour",
    device_lines=code("count"), hours_per_device_line="hour",
)  # fmt: skip
def tuning_hours(
    kernels: Samples,
    tuned_kernel_share: Samples,
    hours_per_tuned_kernel: Samples,
    device_lines: Samples,
    hours_per_device_line: Samples,
) -> Samples:
    """Regaining the speed of the kernels that matter, and reading the device code.

    tuning_hours = kernels × tuned_kernel_share × hours_per_tuned_kernel + device_lines × hours_per_device_line
    """
    return kernels * tuned_kernel_share * hours_per_tuned_kernel + device_lines * hours_per_device_line


@quantity(
    "hour",
    direct_porting_hours="hour",
    changed_porting_hours="hour",
    unsupported_porting_hours="hour",
    unknown_porting_hours="hour",
    assembly_porting_hours="hour",
    tensor_core_porting_hours="hour",
    template_porting_hours="hour",
    hardware_porting_hours="hour",
)
def code_touchpoint_hours(
    direct_porting_hours: Samples,
    changed_porting_hours: Samples,
    unsupported_porting_hours: Samples,
    unknown_porting_hours: Samples,
    assembly_porting_hours: Samples,
    tensor_core_porting_hours: Samples,
    template_porting_hours: Samples,
    hardware_porting_hours: Samples,
) -> Samples:
    """Work on every touchpoint of the C++ and CUDA code, as if no portability layer were there.

    code_touchpoint_hours = direct_porting_hours + changed_porting_hours + unsupported_porting_hours
    + unknown_porting_hours + assembly_porting_hours + tensor_core_porting_hours + template_porting_hours
    + hardware_porting_hours
    """
    host = direct_porting_hours + changed_porting_hours + unsupported_porting_hours + unknown_porting_hours
    device = assembly_porting_hours + tensor_core_porting_hours + template_porting_hours + hardware_porting_hours
    return host + device
