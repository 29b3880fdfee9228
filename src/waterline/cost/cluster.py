"""The bill of materials of a cluster: every line a quantity, from accelerators to the power supply."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, model, operator, region, switch


@quantity(
    "USD", reported=chip("USD", attribute="price_in_server", on=(model, "released")),
    price=chip("USD", on=(model, "released")), server_price_ratio="fraction",
)  # fmt: skip
def offered_server_price(price: Samples, server_price_ratio: Samples) -> Samples:
    """Price at which a server or rack is offered, divided by its accelerators, network cards included.

    offered_server_price = price × server_price_ratio

    Offers of servers where there are any; the formula stands in for chips that are offered, or built, alone.
    """
    return price * server_price_ratio


@quantity("USD", offered_server_price="USD", negotiated_price_ratio=operator("fraction"))
def server_price_per_chip(offered_server_price: Samples, negotiated_price_ratio: Samples) -> Samples:
    """What a buyer pays for a server or rack, divided by its accelerators.

    server_price_per_chip = offered_server_price × negotiated_price_ratio
    """
    return offered_server_price * negotiated_price_ratio


@quantity("USD", count="count", server_price_per_chip="USD", server_price_ratio="fraction")
def accelerator_capital(count: Samples, server_price_per_chip: Samples, server_price_ratio: Samples) -> Samples:
    """The accelerators alone.

    accelerator_capital = count × server_price_per_chip ÷ server_price_ratio
    """
    return count * server_price_per_chip / server_price_ratio


@quantity("USD", count="count", server_price_per_chip="USD", server_price_ratio="fraction")
def server_capital(count: Samples, server_price_per_chip: Samples, server_price_ratio: Samples) -> Samples:
    """What the servers hold besides the accelerators: processors, memory, scale-up switches, network cards, chassis.

    server_capital = count × server_price_per_chip × (1 − 1 ÷ server_price_ratio)
    """
    return count * server_price_per_chip * (1 - 1 / server_price_ratio)


@quantity(
    "USD", torus_electrical_links="count", torus_optical_links="count", optical_circuit_switches="count",
    copper_cable_price="USD", cable_price="USD", torus_link_rate="Gbit/s", transceiver_price_per_rate="USD*s/Gbit",
    optical_switch_price="USD",
)  # fmt: skip
def torus_capital(
    torus_electrical_links: Samples,
    torus_optical_links: Samples,
    optical_circuit_switches: Samples,
    copper_cable_price: Samples,
    cable_price: Samples,
    torus_link_rate: Samples,
    transceiver_price_per_rate: Samples,
    optical_switch_price: Samples,
) -> Samples:
    """Scale-up network of chips wired as a torus; zero where the scale-up switches come with the server.

    torus_capital = torus_electrical_links × copper_cable_price
    + torus_optical_links × (2 × torus_link_rate × transceiver_price_per_rate + cable_price)
    + optical_circuit_switches × optical_switch_price
    """
    optical = 2 * torus_link_rate * transceiver_price_per_rate + cable_price
    copper = torus_electrical_links * copper_cable_price
    return copper + torus_optical_links * optical + optical_circuit_switches * optical_switch_price


@quantity("USD", scale_out_switches="count", unit_price=switch("USD"))
def switch_capital(scale_out_switches: Samples, unit_price: Samples) -> Samples:
    """Switches of the network between servers.

    switch_capital = scale_out_switches × unit_price
    """
    return scale_out_switches * unit_price


@quantity("count", scale_out_links="count")
def transceivers(scale_out_links: Samples) -> Samples:
    """Optical transceivers of the network between servers.

    transceivers = 2 × scale_out_links
    """
    return 2 * scale_out_links


@quantity("USD", transceivers="count", port_rate=switch("Gbit/s"), transceiver_price_per_rate="USD*s/Gbit")
def transceiver_capital(transceivers: Samples, port_rate: Samples, transceiver_price_per_rate: Samples) -> Samples:
    """Optical transceivers of the network between servers, bought.

    transceiver_capital = transceivers × port_rate × transceiver_price_per_rate
    """
    return transceivers * port_rate * transceiver_price_per_rate


@quantity("USD", scale_out_links="count", cable_price="USD")
def cable_capital(scale_out_links: Samples, cable_price: Samples) -> Samples:
    """Fibre of the network between servers.

    cable_capital = scale_out_links × cable_price
    """
    return scale_out_links * cable_price


@quantity(
    "USD", switch_capital="USD", transceiver_capital="USD", cable_capital="USD", front_end_ratio="fraction",
)  # fmt: skip
def front_end_capital(
    switch_capital: Samples, transceiver_capital: Samples, cable_capital: Samples, front_end_ratio: Samples
) -> Samples:
    """The other network of the servers: to storage, to management, and out of the cluster.

    front_end_capital = (switch_capital + transceiver_capital + cable_capital) × front_end_ratio
    """
    return (switch_capital + transceiver_capital + cable_capital) * front_end_ratio


@quantity(
    "USD", torus_capital="USD", switch_capital="USD", transceiver_capital="USD", cable_capital="USD",
    front_end_capital="USD",
)  # fmt: skip
def network_capital(
    torus_capital: Samples,
    switch_capital: Samples,
    transceiver_capital: Samples,
    cable_capital: Samples,
    front_end_capital: Samples,
) -> Samples:
    """All networks of the cluster, as far as they do not come with the servers.

    network_capital = torus_capital + switch_capital + transceiver_capital + cable_capital + front_end_capital
    """
    return torus_capital + switch_capital + transceiver_capital + cable_capital + front_end_capital


@quantity("USD", count="count", storage_per_chip="TB", storage_price="USD/TB")
def storage_capital(count: Samples, storage_per_chip: Samples, storage_price: Samples) -> Samples:
    """Shared flash storage for data and checkpoints.

    storage_capital = count × storage_per_chip × storage_price
    """
    return count * storage_per_chip * storage_price


@quantity("USD", rack_count="count", rack_price="USD")
def rack_capital(rack_count: Samples, rack_price: Samples) -> Samples:
    """Racks with power distribution, manifolds and cooling doors.

    rack_capital = rack_count × rack_price
    """
    return rack_count * rack_price


@quantity("fraction", chip_failure_rate=chip("1/year"), repair_time="year")
def spare_ratio(chip_failure_rate: Samples, repair_time: Samples) -> Samples:
    """Spare accelerators for each one in use, so that a failed one is replaced while it is repaired.

    spare_ratio = chip_failure_rate × repair_time
    """
    return chip_failure_rate * repair_time


@quantity("USD", count="count", server_price_per_chip="USD", spare_ratio="fraction")
def spares_capital(count: Samples, server_price_per_chip: Samples, spare_ratio: Samples) -> Samples:
    """Spare servers kept for repair.

    spares_capital = count × server_price_per_chip × spare_ratio
    """
    return count * server_price_per_chip * spare_ratio


@quantity(
    "USD", count="count", server_price_per_chip="USD", network_capital="USD", installation_rate="fraction",
)  # fmt: skip
def installation_capital(
    count: Samples, server_price_per_chip: Samples, network_capital: Samples, installation_rate: Samples
) -> Samples:
    """Freight, cabling, burn-in and commissioning.

    installation_capital = (count × server_price_per_chip + network_capital) × installation_rate
    """
    return (count * server_price_per_chip + network_capital) * installation_rate


@quantity(
    "USD", accelerator_capital="USD", server_capital="USD", network_capital="USD", storage_capital="USD",
    rack_capital="USD", spares_capital="USD", installation_capital="USD",
)  # fmt: skip
def cluster_equipment_cost(
    accelerator_capital: Samples,
    server_capital: Samples,
    network_capital: Samples,
    storage_capital: Samples,
    rack_capital: Samples,
    spares_capital: Samples,
    installation_capital: Samples,
) -> Samples:
    """Everything that stands in the building and is written off with the servers.

    cluster_equipment_cost = accelerator_capital + server_capital + network_capital + storage_capital + rack_capital
    + spares_capital + installation_capital
    """
    servers = accelerator_capital + server_capital + spares_capital + installation_capital
    return servers + network_capital + storage_capital + rack_capital


@quantity("USD", cluster_it_power="kW", construction_cost=region("USD/kW"))
def site_capital(cluster_it_power: Samples, construction_cost: Samples) -> Samples:
    """Buildings with their electrical and cooling plant.

    site_capital = cluster_it_power × construction_cost
    """
    return cluster_it_power * construction_cost


@quantity("USD", cluster_site_power="kW", power_supply_cost="USD/kW")
def power_supply_capital(cluster_site_power: Samples, power_supply_cost: Samples) -> Samples:
    """Grid connection and substation, or a power plant of the site's own.

    power_supply_capital = cluster_site_power × power_supply_cost
    """
    return cluster_site_power * power_supply_cost


@quantity("USD", cluster_equipment_cost="USD", site_capital="USD", power_supply_capital="USD")
def cluster_capital_cost(
    cluster_equipment_cost: Samples, site_capital: Samples, power_supply_capital: Samples
) -> Samples:
    """What it costs to build a cluster from nothing: equipment, site and power.

    cluster_capital_cost = cluster_equipment_cost + site_capital + power_supply_capital

    Leaves out land, the network between sites, taxes and the buyer's own staff.
    """
    return cluster_equipment_cost + site_capital + power_supply_capital


@quantity("USD", cluster_equipment_cost="USD", count="count")
def capital_per_chip(cluster_equipment_cost: Samples, count: Samples) -> Samples:
    """Price of one accelerator with its part of servers, networks, storage, racks, spares and installation.

    capital_per_chip = cluster_equipment_cost ÷ count
    """
    return cluster_equipment_cost / count


@quantity("USD/W", cluster_capital_cost="USD", cluster_site_power="W")
def cluster_cost_per_watt(cluster_capital_cost: Samples, cluster_site_power: Samples) -> Samples:
    """What a cluster costs for each watt that its site draws; 1 USD/W is a billion dollars a gigawatt.

    cluster_cost_per_watt = cluster_capital_cost ÷ cluster_site_power
    """
    return cluster_capital_cost / cluster_site_power
