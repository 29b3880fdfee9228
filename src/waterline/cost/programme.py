"""The laboratory's way to price a model: the programme over its years, whatever came out of it."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import lab


@quantity("count", reported=lab("count", attribute="accelerators_held"), training_chips="count", fleet_ratio="fraction")
def fleet_size(training_chips: Samples, fleet_ratio: Samples) -> Samples:
    """Accelerators that the laboratory owns or has the use of.

    fleet_size = training_chips × fleet_ratio

    A published or estimated count where there is one.
    """
    return training_chips * fleet_ratio


@quantity("USD", fleet_size="count", capital_per_chip="USD", fleet_price_ratio=lab("fraction"))
def fleet_capital(fleet_size: Samples, capital_per_chip: Samples, fleet_price_ratio: Samples) -> Samples:
    """Servers and network of the whole fleet, bought.

    fleet_capital = fleet_size × capital_per_chip × fleet_price_ratio

    `fleet_price_ratio` is what the fleet's average accelerator costs against the one in question.
    """
    return fleet_size * capital_per_chip * fleet_price_ratio


@quantity(
    "USD", fleet_size="count", site_cost_per_year="USD/year", energy_cost_per_year="USD/year",
    operations_cost_per_year="USD/year", programme_duration="year",
)  # fmt: skip
def fleet_operating_cost(
    fleet_size: Samples,
    site_cost_per_year: Samples,
    energy_cost_per_year: Samples,
    operations_cost_per_year: Samples,
    programme_duration: Samples,
) -> Samples:
    """Running the fleet over the programme's years: site, energy, operations.

    fleet_operating_cost = fleet_size × (site_cost_per_year + energy_cost_per_year + operations_cost_per_year)
    × programme_duration
    """
    return fleet_size * (site_cost_per_year + energy_cost_per_year + operations_cost_per_year) * programme_duration


@quantity("USD", research_staff=lab("count"), staff_cost_per_person=lab("USD/year"), programme_duration="year")
def programme_staff_cost(
    research_staff: Samples, staff_cost_per_person: Samples, programme_duration: Samples
) -> Samples:
    """Research staff over the programme's years.

    programme_staff_cost = research_staff × staff_cost_per_person × programme_duration
    """
    return research_staff * staff_cost_per_person * programme_duration


@quantity("USD", fleet_capital="USD", fleet_operating_cost="USD", programme_staff_cost="USD", data_cost=lab("USD"))
def programme_cost(
    fleet_capital: Samples, fleet_operating_cost: Samples, programme_staff_cost: Samples, data_cost: Samples
) -> Samples:
    """The research programme over its years: the fleet, its running, the staff, the data.

    programme_cost = fleet_capital + fleet_operating_cost + programme_staff_cost + data_cost

    Covers every model the laboratory made in that time, and whatever else the fleet did.
    """
    return fleet_capital + fleet_operating_cost + programme_staff_cost + data_cost
