"""The owner's way to price a model: the share of servers, network, site and energy that the run used up."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, model, operator, region


def capital_recovery_factor(rate: Samples, years: Samples) -> Samples:
    """Yearly payment that repays one unit of capital with interest ``rate`` per year over ``years``.

    rate ÷ (1 − (1 + rate)^−years), and 1 ÷ years at a rate of zero.
    """
    return rate / (1 - (1 + rate) ** -years)


@quantity("1/year", capital_cost_rate="fraction", server_life=operator("year"), opaque=True)
def server_annuity(capital_cost_rate: Samples, server_life: Samples) -> Samples:
    """Yearly cost of one dollar of servers and network, interest and repayment together.

    server_annuity = capital_cost_rate ÷ (1 − (1 + capital_cost_rate)^−server_life)
    """
    return capital_recovery_factor(capital_cost_rate, server_life)


@quantity("1/year", capital_cost_rate="fraction", site_life="year", opaque=True)
def site_annuity(capital_cost_rate: Samples, site_life: Samples) -> Samples:
    """Yearly cost of one dollar of buildings, power and cooling plant.

    site_annuity = capital_cost_rate ÷ (1 − (1 + capital_cost_rate)^−site_life)
    """
    return capital_recovery_factor(capital_cost_rate, site_life)


@quantity(
    "USD", price=chip("USD", on=(model, "released")), server_price_ratio="fraction",
    network_price_ratio="fraction",
)  # fmt: skip
def capital_per_chip(price: Samples, server_price_ratio: Samples, network_price_ratio: Samples) -> Samples:
    """Price of one accelerator with its part of the server and of the cluster network.

    capital_per_chip = price × (server_price_ratio + network_price_ratio)
    """
    return price * (server_price_ratio + network_price_ratio)


@quantity("kW", tdp=chip("kW"), server_power_ratio="fraction")
def power_per_chip(tdp: Samples, server_power_ratio: Samples) -> Samples:
    """Power drawn at the wall of the server, for one accelerator.

    power_per_chip = tdp × server_power_ratio
    """
    return tdp * server_power_ratio


@quantity("USD/year", capital_per_chip="USD", server_annuity="1/year")
def server_cost_per_year(capital_per_chip: Samples, server_annuity: Samples) -> Samples:
    """Capital cost of one accelerator with server and network, by the year.

    server_cost_per_year = capital_per_chip × server_annuity
    """
    return capital_per_chip * server_annuity


@quantity("USD/year", power_per_chip="kW", construction_cost=region("USD/kW"), site_annuity="1/year")
def site_cost_per_year(power_per_chip: Samples, construction_cost: Samples, site_annuity: Samples) -> Samples:
    """Capital cost of the data centre around one accelerator, by the year.

    site_cost_per_year = power_per_chip × construction_cost × site_annuity
    """
    return power_per_chip * construction_cost * site_annuity


@quantity(
    "USD/year", power_per_chip="kW", pue=operator("fraction"),
    electricity_price=region("USD/kW/hour", on=(model, "released")), hours_per_year="hour/year",
)  # fmt: skip
def energy_cost_per_year(
    power_per_chip: Samples, pue: Samples, electricity_price: Samples, hours_per_year: Samples
) -> Samples:
    """Electricity of one accelerator with its share of cooling and losses, running all year.

    energy_cost_per_year = power_per_chip × pue × electricity_price × hours_per_year
    """
    return power_per_chip * pue * electricity_price * hours_per_year


@quantity("USD/year", capital_per_chip="USD", operations_rate="1/year")
def operations_cost_per_year(capital_per_chip: Samples, operations_rate: Samples) -> Samples:
    """Staff, repair and spares of the cluster for one accelerator, by the year.

    operations_cost_per_year = capital_per_chip × operations_rate
    """
    return capital_per_chip * operations_rate


@quantity(
    "USD/year", server_cost_per_year="USD/year", site_cost_per_year="USD/year", energy_cost_per_year="USD/year",
    operations_cost_per_year="USD/year",
)  # fmt: skip
def ownership_cost_per_year(
    server_cost_per_year: Samples,
    site_cost_per_year: Samples,
    energy_cost_per_year: Samples,
    operations_cost_per_year: Samples,
) -> Samples:
    """What it costs to own and run one accelerator for a year.

    ownership_cost_per_year = server_cost_per_year + site_cost_per_year + energy_cost_per_year
    + operations_cost_per_year
    """
    return server_cost_per_year + site_cost_per_year + energy_cost_per_year + operations_cost_per_year


@quantity("USD/hour", ownership_cost_per_year="USD/year", hours_per_year="hour/year", utilisation="fraction")
def ownership_cost_per_gpu_hour(
    ownership_cost_per_year: Samples, hours_per_year: Samples, utilisation: Samples
) -> Samples:
    """What an hour of work costs the owner of the accelerator.

    ownership_cost_per_gpu_hour = ownership_cost_per_year ÷ (hours_per_year × utilisation)
    """
    return ownership_cost_per_year / (hours_per_year * utilisation)


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
