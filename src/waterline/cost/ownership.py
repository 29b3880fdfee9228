"""The owner's way to price a model: the share of servers, network, site and energy that the run used up."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, model, operator, region


def capital_recovery_factor(rate: Samples, years: Samples) -> Samples:
    """Yearly payment that repays one unit of capital with interest ``rate`` per year over ``years``.

    rate ÷ (1 − (1 + rate)^−years), and 1 ÷ years at a rate of zero.
    """
    positive = np.maximum(rate, 1e-9)  # so small that the limit at zero is met to nine digits
    return positive / -np.expm1(-years * np.log1p(positive))


@quantity("fraction", residual_value=chip("fraction"), server_life=operator("year"), residual_age="year", opaque=True)
def residual_share(residual_value: Samples, server_life: Samples, residual_age: Samples) -> Samples:
    """What a server fetches at the end of its life, as a part of its price.

    residual_share = residual_value^(server_life ÷ residual_age)

    `residual_value` is the resale value at `residual_age`; the same part is lost each year.
    """
    return residual_value ** (server_life / residual_age)


@quantity(
    "1/year", cost_of_capital=operator("fraction"), server_life=operator("year"), residual_share="fraction",
    opaque=True,
)  # fmt: skip
def server_annuity(cost_of_capital: Samples, server_life: Samples, residual_share: Samples) -> Samples:
    """Yearly cost of one dollar of servers and network, interest and repayment together, resale taken off.

    server_annuity = (1 − residual_share × (1 + cost_of_capital)^−server_life)
    × cost_of_capital ÷ (1 − (1 + cost_of_capital)^−server_life)
    """
    resale = residual_share * (1 + cost_of_capital) ** -server_life
    return (1 - resale) * capital_recovery_factor(cost_of_capital, server_life)


@quantity("1/year", cost_of_capital=operator("fraction"), site_life="year", opaque=True)
def site_annuity(cost_of_capital: Samples, site_life: Samples) -> Samples:
    """Yearly cost of one dollar of buildings, power and cooling plant.

    site_annuity = cost_of_capital ÷ (1 − (1 + cost_of_capital)^−site_life)
    """
    return capital_recovery_factor(cost_of_capital, site_life)


@quantity("USD/year", capital_per_chip="USD", server_annuity="1/year")
def server_cost_per_year(capital_per_chip: Samples, server_annuity: Samples) -> Samples:
    """Capital cost of one accelerator with server and network, by the year.

    server_cost_per_year = capital_per_chip × server_annuity
    """
    return capital_per_chip * server_annuity


@quantity("kW", cluster_it_power="kW", count="count")
def it_power_per_chip(cluster_it_power: Samples, count: Samples) -> Samples:
    """Power of one accelerator with its part of network, optics and storage.

    it_power_per_chip = cluster_it_power ÷ count
    """
    return cluster_it_power / count


@quantity("USD/year", site_capital="USD", power_supply_capital="USD", count="count", site_annuity="1/year")
def site_cost_per_year(
    site_capital: Samples, power_supply_capital: Samples, count: Samples, site_annuity: Samples
) -> Samples:
    """Capital cost of the data centre around one accelerator, by the year.

    site_cost_per_year = (site_capital + power_supply_capital) ÷ count × site_annuity
    """
    return (site_capital + power_supply_capital) / count * site_annuity


@quantity(
    "USD/year", it_power_per_chip="kW", pue=operator("fraction"),
    electricity_price=region("USD/kW/hour", on=(model, "released")), hours_per_year="hour/year",
)  # fmt: skip
def energy_cost_per_year(
    it_power_per_chip: Samples, pue: Samples, electricity_price: Samples, hours_per_year: Samples
) -> Samples:
    """Electricity of one accelerator with its share of network, cooling and losses, running all year.

    energy_cost_per_year = it_power_per_chip × pue × electricity_price × hours_per_year
    """
    return it_power_per_chip * pue * electricity_price * hours_per_year


@quantity("USD/year", capital_per_chip="USD", operations_rate="1/year")
def operations_cost_per_year(capital_per_chip: Samples, operations_rate: Samples) -> Samples:
    """Staff, repair and spares of the cluster for one accelerator, by the year.

    operations_cost_per_year = capital_per_chip × operations_rate
    """
    return capital_per_chip * operations_rate


@quantity("USD/year", software_licence=chip("USD/year", optional=True), licence_share="fraction")
def licence_cost_per_year(licence_share: Samples, software_licence: Samples | None = None) -> Samples:
    """Licence of the maker's software for one accelerator, by the year; nothing where the maker sells none.

    licence_cost_per_year = software_licence × licence_share
    """
    return 0.0 * licence_share if software_licence is None else software_licence * licence_share


@quantity(
    "USD/year", site_cost_per_year="USD/year", energy_cost_per_year="USD/year",
    operations_cost_per_year="USD/year", licence_cost_per_year="USD/year",
)  # fmt: skip
def running_cost_per_year(
    site_cost_per_year: Samples,
    energy_cost_per_year: Samples,
    operations_cost_per_year: Samples,
    licence_cost_per_year: Samples,
) -> Samples:
    """What one accelerator costs its owner in a year besides itself.

    running_cost_per_year = site_cost_per_year + energy_cost_per_year + operations_cost_per_year
    + licence_cost_per_year
    """
    return site_cost_per_year + energy_cost_per_year + operations_cost_per_year + licence_cost_per_year


@quantity("USD/year", server_cost_per_year="USD/year", running_cost_per_year="USD/year")
def ownership_cost_per_year(server_cost_per_year: Samples, running_cost_per_year: Samples) -> Samples:
    """What it costs to own and run one accelerator for a year.

    ownership_cost_per_year = server_cost_per_year + running_cost_per_year
    """
    return server_cost_per_year + running_cost_per_year


@quantity("fraction", failure_rate=chip("1/year"), outage_time="year")
def availability(failure_rate: Samples, outage_time: Samples) -> Samples:
    """Part of the time in which an accelerator works, after failures of its own and of what it hangs on.

    availability = 1 − failure_rate × outage_time

    Work that other accelerators lose when one of them stops is in `modelled_goodput`.
    Source of the rate: The Llama 3 Herd of Models, table 5.
    """
    return 1 - failure_rate * outage_time


@quantity("hour/year", hours_per_year="hour/year", utilisation="fraction", availability="fraction")
def useful_hours_per_year(hours_per_year: Samples, utilisation: Samples, availability: Samples) -> Samples:
    """Hours in a year in which an accelerator does work that somebody wants.

    useful_hours_per_year = hours_per_year × utilisation × availability
    """
    return hours_per_year * utilisation * availability


@quantity("USD/hour", ownership_cost_per_year="USD/year", useful_hours_per_year="hour/year")
def ownership_cost_per_gpu_hour(ownership_cost_per_year: Samples, useful_hours_per_year: Samples) -> Samples:
    """What an hour of work costs the owner of the accelerator.

    ownership_cost_per_gpu_hour = ownership_cost_per_year ÷ useful_hours_per_year
    """
    return ownership_cost_per_year / useful_hours_per_year


@quantity("USD", training_gpu_hours="hour", ownership_cost_per_gpu_hour="USD/hour")
def ownership_cost(training_gpu_hours: Samples, ownership_cost_per_gpu_hour: Samples) -> Samples:
    """The final run as its owner's accounts show it: the part of the cluster's cost that the run used up.

    ownership_cost = training_gpu_hours × ownership_cost_per_gpu_hour
    """
    return training_gpu_hours * ownership_cost_per_gpu_hour


@quantity("USD", training_chips="count", capital_per_chip="USD")
def training_cluster_capital(training_chips: Samples, capital_per_chip: Samples) -> Samples:
    """What it cost to buy the cluster that ran the final run.

    training_cluster_capital = training_chips × capital_per_chip
    """
    return training_chips * capital_per_chip
