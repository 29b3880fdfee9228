"""The layers in dollars: accelerator-hours at the rent of the market, and what was paid for chips that year."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, quantity
from waterline.demand.evidence import reference_chip
from waterline.facts.roles import year

vendor_year = Role("year.vendor_year", kind="fiscal_year", follows=(year, "vendor_year"))


@quantity("USD/hour", rental_price=reference_chip("USD/hour", on=(year, "year_end")))
def accelerator_hour_price(rental_price: Samples) -> Samples:
    """What an hour of an H100 rented for in the year.

    accelerator_hour_price = rental_price
    """
    return rental_price


@quantity("USD", demand_of_final_runs="hour", accelerator_hour_price="USD/hour")
def spending_on_final_runs(demand_of_final_runs: Samples, accelerator_hour_price: Samples) -> Samples:
    """Value of the compute used for final runs, at the market's rent.

    spending_on_final_runs = demand_of_final_runs × accelerator_hour_price
    """
    return demand_of_final_runs * accelerator_hour_price


@quantity("USD", demand_of_experiments="hour", accelerator_hour_price="USD/hour")
def spending_on_experiments(demand_of_experiments: Samples, accelerator_hour_price: Samples) -> Samples:
    """Value of the compute used for experiments, at the market's rent.

    spending_on_experiments = demand_of_experiments × accelerator_hour_price
    """
    return demand_of_experiments * accelerator_hour_price


@quantity("USD", demand_of_post_training="hour", accelerator_hour_price="USD/hour")
def spending_on_post_training(demand_of_post_training: Samples, accelerator_hour_price: Samples) -> Samples:
    """Value of the compute used for post-training, at the market's rent.

    spending_on_post_training = demand_of_post_training × accelerator_hour_price
    """
    return demand_of_post_training * accelerator_hour_price


@quantity("USD", demand_of_text_inference="hour", accelerator_hour_price="USD/hour")
def spending_on_text_inference(demand_of_text_inference: Samples, accelerator_hour_price: Samples) -> Samples:
    """Value of the compute used for text for readers, at the market's rent.

    spending_on_text_inference = demand_of_text_inference × accelerator_hour_price
    """
    return demand_of_text_inference * accelerator_hour_price


@quantity("USD", demand_of_agents="hour", accelerator_hour_price="USD/hour")
def spending_on_agents(demand_of_agents: Samples, accelerator_hour_price: Samples) -> Samples:
    """Value of the compute used for agents, at the market's rent.

    spending_on_agents = demand_of_agents × accelerator_hour_price
    """
    return demand_of_agents * accelerator_hour_price


@quantity("USD", demand_of_media_generation="hour", accelerator_hour_price="USD/hour")
def spending_on_media_generation(demand_of_media_generation: Samples, accelerator_hour_price: Samples) -> Samples:
    """Value of the compute used for pictures, video and 3D, at the market's rent.

    spending_on_media_generation = demand_of_media_generation × accelerator_hour_price
    """
    return demand_of_media_generation * accelerator_hour_price


@quantity("USD", demand_of_driving_and_robots="hour", accelerator_hour_price="USD/hour")
def spending_on_driving_and_robots(demand_of_driving_and_robots: Samples, accelerator_hour_price: Samples) -> Samples:
    """Value of the compute used for driving and robots, at the market's rent.

    spending_on_driving_and_robots = demand_of_driving_and_robots × accelerator_hour_price
    """
    return demand_of_driving_and_robots * accelerator_hour_price


@quantity("USD", demand_of_recommendation="hour", accelerator_hour_price="USD/hour")
def spending_on_recommendation(demand_of_recommendation: Samples, accelerator_hour_price: Samples) -> Samples:
    """Value of the compute used for recommendation and advertising, at the market's rent.

    spending_on_recommendation = demand_of_recommendation × accelerator_hour_price
    """
    return demand_of_recommendation * accelerator_hour_price


@quantity("USD", demand_of_idle_stock="hour", accelerator_hour_price="USD/hour")
def spending_on_idle_stock(demand_of_idle_stock: Samples, accelerator_hour_price: Samples) -> Samples:
    """Value of the hours of stock that does no work, at the market's rent.

    spending_on_idle_stock = demand_of_idle_stock × accelerator_hour_price
    """
    return demand_of_idle_stock * accelerator_hour_price


@quantity(
    "USD",
    spending_on_final_runs="USD",
    spending_on_experiments="USD",
    spending_on_post_training="USD",
    spending_on_text_inference="USD",
    spending_on_agents="USD",
    spending_on_media_generation="USD",
    spending_on_driving_and_robots="USD",
    spending_on_recommendation="USD",
    spending_on_idle_stock="USD",
)
def demand_spending(**spending: Samples) -> Samples:
    """Value of all compute of the year by what it was used for, at the market's rent.

    demand_spending = spending_on_final_runs + spending_on_experiments + spending_on_post_training +
    spending_on_text_inference + spending_on_agents + spending_on_media_generation +
    spending_on_driving_and_robots + spending_on_recommendation + spending_on_idle_stock
    """
    return sum(spending.values())  # type: ignore[return-value]


@quantity("fraction", data_center_revenue=vendor_year("USD"), demand_spending="USD")
def purchases_per_spending(data_center_revenue: Samples, demand_spending: Samples) -> Samples:
    """What the largest vendor sold in the year for every dollar of compute used in it.

    purchases_per_spending = data_center_revenue ÷ demand_spending

    Far above one third, which a life of three years would ask for: most was bought for growth.
    """
    return data_center_revenue / demand_spending
