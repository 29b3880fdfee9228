"""Chance that a price which stands below a level touches it at a close within so many trading days."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.normal import normal_probability
from waterline.core.quantity import quantity
from waterline.facts.roles import episode, ticker

_DISCRETE = 0.5826  # ζ(1/2) ÷ √(2π): closes are watched once a day (Broadie, Glasserman and Kou 1997)


@quantity(
    "probability", opaque=True,
    close=ticker("USD"), close_before=episode("USD"), daily_volatility="fraction", trading_days_left="count",
)  # fmt: skip
def level_regained_chance(
    close: Samples, close_before: Samples, daily_volatility: Samples, trading_days_left: Samples
) -> Samples:
    """Chance that the share closes at or above its level before the fall within the trading days left.

    level_regained_chance = min(1, 2 × (1 − Φ((ln(close_before ÷ close) + 0.5826 × daily_volatility)
        ÷ (daily_volatility × √trading_days_left))))

    A random walk without drift, by the reflection principle, with the barrier moved for one look a day.
    Source: Broadie, Glasserman and Kou, A continuity correction for discrete barrier options (1997).
    """
    distance = np.log(close_before / close) + _DISCRETE * daily_volatility
    reach = distance / (daily_volatility * np.sqrt(trading_days_left))
    chance: Samples = np.minimum(2 * (1 - normal_probability(reach)), 1.0)
    return chance
