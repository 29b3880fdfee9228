"""What can be supplied: the scarcest of packaging, memory and power, times what each unit of them yields."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity


@quantity(
    "fraction", packaging_growth="fraction", memory_growth="fraction", power_growth="fraction",
    performance_per_package_growth="fraction",
)  # fmt: skip
def supply_growth(
    packaging_growth: Samples,
    memory_growth: Samples,
    power_growth: Samples,
    performance_per_package_growth: Samples,
) -> Samples:
    """Compute that can be supplied in a year over that of the year before.

    supply_growth = min(packaging_growth, memory_growth, power_growth) × performance_per_package_growth
    """
    scarcest = np.minimum(packaging_growth, np.minimum(memory_growth, power_growth))
    return scarcest * performance_per_package_growth


@quantity("fraction", supply_growth="fraction", horizon="year", opaque=True)
def supply_limit(supply_growth: Samples, horizon: Samples) -> Samples:
    """Compute that can be supplied at the horizon over that of today.

    supply_limit = supply_growth^horizon
    """
    return supply_growth**horizon
