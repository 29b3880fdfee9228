"""The model against the one port whose work was published: what it says of it when it has not seen it.

``code`` is the code base that was ported, as a scan counts it; ``port`` the report of the port.
"""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import code, port


@quantity("hour", touchpoint_hours="hour", build_porting_hours="hour")
def running_port_hours(touchpoint_hours: Samples, build_porting_hours: Samples) -> Samples:
    """Work until the code runs on the target: before it is as fast as it was, and before that is shown.

    running_port_hours = touchpoint_hours + build_porting_hours
    """
    return touchpoint_hours + build_porting_hours


@quantity(
    "hour", direct_uses=code("count"), direct_repeats=code("count"), repeat_effort="fraction",
    conversion_rank="probability", hours_per_direct_use="hour",
)  # fmt: skip
def unanchored_direct_hours(
    direct_uses: Samples,
    direct_repeats: Samples,
    repeat_effort: Samples,
    conversion_rank: Samples,
    hours_per_direct_use: Samples,
) -> Samples:
    """Work on APIs that have an equal, if no port had told how many of them a tool gets right: any share is as likely.

    unanchored_direct_hours = (direct_uses + repeat_effort × direct_repeats) × (1 − conversion_rank)
    × hours_per_direct_use
    """
    return (direct_uses + repeat_effort * direct_repeats) * (1 - conversion_rank) * hours_per_direct_use


@quantity(
    "hour", running_port_hours="hour", direct_porting_hours="hour", unanchored_direct_hours="hour",
    unported_share="fraction",
)  # fmt: skip
def left_out_port_hours(
    running_port_hours: Samples,
    direct_porting_hours: Samples,
    unanchored_direct_hours: Samples,
    unported_share: Samples,
) -> Samples:
    """What the model says of a port when the published one, which anchors it, is left out.

    left_out_port_hours = running_port_hours + (unanchored_direct_hours − direct_porting_hours) × unported_share
    """
    return running_port_hours + (unanchored_direct_hours - direct_porting_hours) * unported_share


@quantity("hour", effort=port("week"), working_hours_per_week="hour/week")
def reported_port_hours(effort: Samples, working_hours_per_week: Samples) -> Samples:
    """Hours that a published port took, as its report says; where it says "less than", at most these.

    reported_port_hours = effort × working_hours_per_week
    """
    return effort * working_hours_per_week


@quantity("fraction", left_out_port_hours="hour", reported_port_hours="hour")
def left_out_port_ratio(left_out_port_hours: Samples, reported_port_hours: Samples) -> Samples:
    """Predicted over reported hours of the published port with that port left out of the model.

    left_out_port_ratio = left_out_port_hours ÷ reported_port_hours
    """
    return left_out_port_hours / reported_port_hours
