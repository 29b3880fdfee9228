"""The model against the one port whose work was published: what it says of it when it has not seen it.

``code`` is the code base that was ported, as a scan counts it; ``port`` the report of the port.
"""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import port


@quantity("hour", touchpoint_hours="hour", build_porting_hours="hour")
def running_port_hours(touchpoint_hours: Samples, build_porting_hours: Samples) -> Samples:
    """Work until the code runs on the target: before it is as fast as it was, and before that is shown.

    running_port_hours = touchpoint_hours + build_porting_hours
    """
    return touchpoint_hours + build_porting_hours


@quantity(
    "hour", running_port_hours="hour", direct_hours_by_hand="hour", converted_share="fraction",
    conversion_rank="probability", unported_share="fraction",
)  # fmt: skip
def left_out_port_hours(
    running_port_hours: Samples,
    direct_hours_by_hand: Samples,
    converted_share: Samples,
    conversion_rank: Samples,
    unported_share: Samples,
) -> Samples:
    """What the model says of a port when the published one, which anchors it, is left out.

    left_out_port_hours = running_port_hours
    + direct_hours_by_hand × (converted_share − conversion_rank) × unported_share

    With no port to tell how many uses a tool gets right, any share is as likely: `conversion_rank` takes the place of
    `converted_share`.
    """
    return running_port_hours + direct_hours_by_hand * (converted_share - conversion_rank) * unported_share


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
