"""What binds a chip to its system: the links between chips, against another maker's."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, rival_chip


@quantity(
    "fraction",
    scale_up_bw_bidir=chip("byte/s"),
    rival_scale_up_bw_bidir=rival_chip("byte/s", attribute="scale_up_bw_bidir"),
)
def scale_up_bandwidth_ratio(scale_up_bw_bidir: Samples, rival_scale_up_bw_bidir: Samples) -> Samples:
    """Bandwidth of a chip's links inside the scale-up domain against another chip's.

    scale_up_bandwidth_ratio = scale_up_bw_bidir ÷ rival_scale_up_bw_bidir
    """
    return scale_up_bw_bidir / rival_scale_up_bw_bidir


@quantity(
    "fraction", scale_up_domain=chip("count"), rival_scale_up_domain=rival_chip("count", attribute="scale_up_domain")
)
def scale_up_domain_ratio(scale_up_domain: Samples, rival_scale_up_domain: Samples) -> Samples:
    """Number of chips in the scale-up domain against another chip's.

    scale_up_domain_ratio = scale_up_domain ÷ rival_scale_up_domain
    """
    return scale_up_domain / rival_scale_up_domain
