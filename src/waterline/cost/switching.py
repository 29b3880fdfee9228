"""Does moving to another chip pay? What the move costs once, what it saves by the year, and for whom that is enough.

``mover`` is whoever moves: it has a fleet, owned or rented, and staff; ``code`` is what it runs.
"""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.facts.roles import chip, from_chip, moved_model, mover, to_chip

NEVER_MONTHS = 1200.0  # stands for never: what has not paid for itself in a hundred years
NO_FLEET = 1e9  # a fleet that nobody has


@quantity(
    "fraction", performance_parity="fraction",
    speed_before=of("serving_throughput", "token/s", chip=from_chip, model=moved_model),
    speed_after=of("serving_throughput", "token/s", chip=to_chip, model=moved_model),
)  # fmt: skip
def switching_speed_ratio(speed_before: Samples, speed_after: Samples, performance_parity: Samples) -> Samples:
    """Work of one accelerator after the move over that of one before it, at the same effort of tuning.

    switching_speed_ratio = speed_after × performance_parity ÷ speed_before

    `performance_parity` is the part of what the new chip could do that the moved code reaches.
    """
    return speed_after * performance_parity / speed_before


@quantity("count", fleet=mover("count"))
def moving_fleet(fleet: Samples) -> Samples:
    """Accelerators in use before the move.

    moving_fleet = fleet
    """
    return fleet * 1.0


@quantity(
    "USD/year", owned_share=mover("fraction"), ownership_cost_per_year="USD/year", rental_price=chip("USD/hour"),
    hours_per_year="hour/year",
)  # fmt: skip
def accelerator_cost_per_year(
    owned_share: Samples, ownership_cost_per_year: Samples, rental_price: Samples, hours_per_year: Samples
) -> Samples:
    """What an accelerator costs its user for a year, rented or owned.

    accelerator_cost_per_year = owned_share × ownership_cost_per_year
    + (1 − owned_share) × rental_price × hours_per_year
    """
    return owned_share * ownership_cost_per_year + (1 - owned_share) * rental_price * hours_per_year


@quantity(
    "USD/year", cost_before=of("accelerator_cost_per_year", "USD/year", chip=from_chip),
    cost_after=of("accelerator_cost_per_year", "USD/year", chip=to_chip), switching_speed_ratio="fraction",
)  # fmt: skip
def switching_saving_per_chip(cost_before: Samples, cost_after: Samples, switching_speed_ratio: Samples) -> Samples:
    """Saved in a year for each accelerator left behind; negative where the new chip is dearer for the same work.

    switching_saving_per_chip = cost_before − cost_after ÷ switching_speed_ratio
    """
    return cost_before - cost_after / switching_speed_ratio


@quantity("USD", staff_retrained=mover("count"), retraining_time="hour", engineer_cost="USD/hour")
def retraining_cost(staff_retrained: Samples, retraining_time: Samples, engineer_cost: Samples) -> Samples:
    """Pay of the staff while they learn the other system.

    retraining_cost = staff_retrained × retraining_time × engineer_cost
    """
    return staff_retrained * retraining_time * engineer_cost


@quantity(
    "USD", moving_fleet="count", overlap_time="year",
    cost_before=of("accelerator_cost_per_year", "USD/year", chip=from_chip),
)  # fmt: skip
def overlap_cost(moving_fleet: Samples, cost_before: Samples, overlap_time: Samples) -> Samples:
    """The old fleet while the new one runs beside it to be tried.

    overlap_cost = moving_fleet × cost_before × overlap_time
    """
    return moving_fleet * cost_before * overlap_time


@quantity("USD", porting_cost="USD", retraining_cost="USD", overlap_cost="USD")
def switching_cost(porting_cost: Samples, retraining_cost: Samples, overlap_cost: Samples) -> Samples:
    """What the move costs once.

    switching_cost = porting_cost + retraining_cost + overlap_cost
    """
    return porting_cost + retraining_cost + overlap_cost


@quantity(
    "USD/year", moving_fleet="count", switching_saving_per_chip="USD/year", failed_port_share="fraction",
    porting_cost="USD", port_upkeep_rate="1/year",
)  # fmt: skip
def switching_saving_per_year(
    moving_fleet: Samples,
    switching_saving_per_chip: Samples,
    failed_port_share: Samples,
    porting_cost: Samples,
    port_upkeep_rate: Samples,
) -> Samples:
    """What the whole fleet saves in a year, less the upkeep of the second code, and less the chance that it fails.

    switching_saving_per_year = moving_fleet × switching_saving_per_chip × (1 − failed_port_share)
    − porting_cost × port_upkeep_rate
    """
    return moving_fleet * switching_saving_per_chip * (1 - failed_port_share) - porting_cost * port_upkeep_rate


@quantity("month", switching_cost="USD", switching_saving_per_year="USD/month", opaque=True)
def switching_break_even(switching_cost: Samples, switching_saving_per_year: Samples) -> Samples:
    """Months until the move has paid for itself; 1,200 stands for never.

    switching_break_even = switching_cost ÷ switching_saving_per_year, 1,200 where nothing is saved
    """
    saving = np.maximum(switching_saving_per_year, 1e-9)
    return np.minimum(np.where(switching_saving_per_year > 0, switching_cost / saving, NEVER_MONTHS), NEVER_MONTHS)


@quantity("probability", switching_break_even="month", switching_horizon="month")
def switching_pays(switching_break_even: Samples, switching_horizon: Samples) -> Samples:
    """Chance that the move pays for itself within the horizon of whoever decides.

    switching_pays = share of samples with switching_break_even below switching_horizon
    """
    return np.where(switching_break_even < switching_horizon, 1.0, 0.0)


@quantity(
    "count", porting_cost="USD", retraining_cost="USD", port_upkeep_rate="1/year", switching_horizon="year",
    switching_saving_per_chip="USD/year", failed_port_share="fraction",
    cost_before=of("accelerator_cost_per_year", "USD/year", chip=from_chip), overlap_time="year", opaque=True,
)  # fmt: skip
def smallest_fleet_worth_moving(
    porting_cost: Samples,
    retraining_cost: Samples,
    port_upkeep_rate: Samples,
    switching_horizon: Samples,
    switching_saving_per_chip: Samples,
    failed_port_share: Samples,
    cost_before: Samples,
    overlap_time: Samples,
) -> Samples:
    """Fleet under which the move does not pay within the horizon; a billion stands for no fleet at all.

    smallest_fleet_worth_moving = (porting_cost × (1 + port_upkeep_rate × switching_horizon) + retraining_cost)
    ÷ (switching_saving_per_chip × (1 − failed_port_share) × switching_horizon − cost_before × overlap_time)

    Follows from switching_break_even = switching_horizon, solved for moving_fleet.
    """
    fixed = porting_cost * (1 + port_upkeep_rate * switching_horizon) + retraining_cost
    each = switching_saving_per_chip * (1 - failed_port_share) * switching_horizon - cost_before * overlap_time
    return np.minimum(np.where(each > 0, fixed / np.maximum(each, 1e-9), NO_FLEET), NO_FLEET)
