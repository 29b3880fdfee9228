"""Base rates of recovery after a one-day fall: how often the old close was reached again, and whether buying paid.

The base rates are facts about a universe of companies, by size of fall (10% to 15%, 15% to 20%, 20% or more):
Kaplan and Meier's estimates with their intervals. A number of days between two tabulated ones is interpolated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, quantity
from waterline.facts.roles import ticker

SIZES = (10, 15, 20)  # percent: the lower ends of the classes of falls
HORIZONS = (1, 5, 10, 21, 42, 63, 126, 252, 504)  # trading days
PARTS = (10, 25, 50, 75, 90)  # percent of falls that had made up less

universe = Role("universe", follows=(ticker, "universe"))


def _of_each_size(name: str, unit: str) -> dict[str, Any]:
    return {f"{name}_of_{size}": universe(unit) for size in SIZES}


_RECOVERED: dict[str, Any] = {
    name: read for days in HORIZONS for name, read in _of_each_size(f"recovered_{days}", "fraction").items()
}
_MADE_UP: dict[str, Any] = {
    name: read for part in PARTS for name, read in _of_each_size(f"made_up_p{part}", "fraction").items()
}


@quantity("probability", opaque=True, drop="fraction", days="day", trading_day_share="fraction", **_RECOVERED)
def recovery_probability(drop: Samples, days: Samples, trading_day_share: Samples, **recovered: Samples) -> Samples:
    """Chance that a share is back at its old close some days after a one-day fall.

    recovery_probability = recovered(drop, days × trading_day_share)

    Base rates of companies that still exist: see `recovery_probability_with_vanished`.
    Source: Kaplan & Meier (1958).
    """
    known = [np.zeros(1)] + [_by_size(drop, f"recovered_{horizon}", recovered) for horizon in HORIZONS]
    return _between((0, *HORIZONS), known, days * trading_day_share)


@quantity("probability", recovery_probability="probability", vanished_share="fraction")
def recovery_probability_with_vanished(recovery_probability: Samples, vanished_share: Samples) -> Samples:
    """Chance of recovery with an allowance for companies that fell and vanished, which base rates cannot see.

    recovery_probability_with_vanished = recovery_probability × (1 − vanished_share)
    """
    return recovery_probability * (1 - vanished_share)


@quantity("day", opaque=True, drop="fraction", **_of_each_size("median_recovery", "day"))
def median_recovery_time(drop: Samples, **median: Samples) -> Samples:
    """Trading days until half of the falls of the size had recovered.

    median_recovery_time = median_recovery(drop)
    """
    return _by_size(drop, "median_recovery", median)


@quantity(
    "probability", opaque=True, one_day_return="fraction", loss_recovered_within_month="fraction", **_MADE_UP
)  # fmt: skip
def month_rank(one_day_return: Samples, loss_recovered_within_month: Samples, **made_up: Samples) -> Samples:
    """Share of falls of the same size whose best close of the month after had made up less of the loss.

    month_rank = rank(loss_recovered_within_month, made_up(−one_day_return))

    Interpolated between the tabulated shares; never below 10% or above 90%, where the table ends.
    """
    levels = [_by_size(-one_day_return, f"made_up_p{part}", made_up) for part in PARTS]
    found = np.full(np.broadcast_shapes(*(np.shape(level) for level in levels)), PARTS[0] / 100)
    for lower, upper, low, high in zip(PARTS[:-1], PARTS[1:], levels[:-1], levels[1:], strict=True):
        width = np.where(high > low, high - low, 1.0)
        inside = np.clip((loss_recovered_within_month - low) / width, 0, 1)
        found = found + (upper - lower) / 100 * inside
    return found


@quantity(
    "fraction", opaque=True, drop="fraction", holding_cost="fraction", survivorship_gain="fraction",
    **_of_each_size("held_excess", "fraction"),
)  # fmt: skip
def buy_the_fall_return(drop: Samples, holding_cost: Samples, survivorship_gain: Samples, **excess: Samples) -> Samples:
    """What buying at the close of the day after a fall earned beyond the market in a month, after costs.

    buy_the_fall_return = held_excess(drop) − holding_cost − survivorship_gain

    A mean over past falls with its 90% interval, not a forecast for one share.
    """
    return _by_size(drop, "held_excess", excess) - holding_cost - survivorship_gain


@quantity("probability", opaque=True, drop="fraction", **_of_each_size("held_luck", "fraction"))
def buy_the_fall_luck(drop: Samples, **luck: Samples) -> Samples:
    """Chance that a rule without any merit would have earned as much, before costs, over the falls counted.

    buy_the_fall_luck = held_luck(drop)

    From resampling whole calendar months of falls. Source: Künsch (1989).
    """
    return _by_size(drop, "held_luck", luck)


def _by_size(drop: Samples, name: str, values: dict[str, Samples]) -> Samples:
    """The value of the class of falls that a drop belongs to."""
    found = values[f"{name}_of_{SIZES[0]}"]
    for size in SIZES[1:]:
        found = np.where(drop >= size / 100, values[f"{name}_of_{size}"], found)
    return np.asarray(found)


def _between(times: tuple[int, ...], values: list[Samples], time: Samples) -> Samples:
    """Linear interpolation of values (one for each time) at a time; constant after the last."""
    found = values[0]
    for early, late, before, after in zip(times[:-1], times[1:], values[:-1], values[1:], strict=True):
        found = found + (after - before) * np.clip((time - early) / (late - early), 0, 1)
    return np.asarray(found)
