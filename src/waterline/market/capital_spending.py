"""Capital spending of the buyers: trailing years and their sum."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import quarter

first_before = quarter.via("previous")
second_before = first_before.via("previous")
third_before = second_before.via("previous")


@quantity(
    "USD",
    capex=quarter("USD"),
    capex_first_before=first_before("USD", attribute="capex"),
    capex_second_before=second_before("USD", attribute="capex"),
    capex_third_before=third_before("USD", attribute="capex"),
)
def trailing_capex(
    capex: Samples, capex_first_before: Samples, capex_second_before: Samples, capex_third_before: Samples
) -> Samples:
    """Capital spending of one buyer over the four quarters up to the one named.

    trailing_capex = capex + capex_first_before + capex_second_before + capex_third_before
    """
    return capex + capex_first_before + capex_second_before + capex_third_before
