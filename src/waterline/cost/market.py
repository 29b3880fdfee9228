"""The market's way to price a model: what it would cost to buy all that its making took."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, lab, model, survey


@quantity(
    "USD/hour", reported=chip("USD/hour", attribute="market_rental_price"),
    rental_price=chip("USD/hour", on=(model, "released")),
)  # fmt: skip
def market_rental_price(rental_price: Samples) -> Samples:
    """What an accelerator-hour rented for at the time.

    market_rental_price = rental_price

    A chip without public offers has a stated assumption in their place.
    """
    return rental_price


@quantity("hour", training_gpu_hours="hour", failed_run_ratio="fraction")
def failed_run_gpu_hours(training_gpu_hours: Samples, failed_run_ratio: Samples) -> Samples:
    """Accelerator-hours lost to restarts, rollbacks and abandoned attempts at the final run.

    failed_run_gpu_hours = training_gpu_hours × failed_run_ratio
    """
    return training_gpu_hours * failed_run_ratio


@quantity("hour", training_gpu_hours="hour", final_run_share=survey("fraction"))
def experiment_gpu_hours(training_gpu_hours: Samples, final_run_share: Samples) -> Samples:
    """Accelerator-hours of experiments, ablations and smaller models before the final run.

    experiment_gpu_hours = training_gpu_hours × (1 ÷ final_run_share − 1)

    `final_run_share` is the part of a laboratory's research compute that its final runs take.
    Source: Epoch AI, Final training runs account for a minority of R&D compute spending (2026).
    """
    return training_gpu_hours * (1 / final_run_share - 1)


@quantity("USD", failed_run_gpu_hours="hour", market_rental_price="USD/hour")
def failed_run_cost(failed_run_gpu_hours: Samples, market_rental_price: Samples) -> Samples:
    """Failed runs at the market's rental price.

    failed_run_cost = failed_run_gpu_hours × market_rental_price
    """
    return failed_run_gpu_hours * market_rental_price


@quantity("USD", experiment_gpu_hours="hour", market_rental_price="USD/hour")
def experiment_cost(experiment_gpu_hours: Samples, market_rental_price: Samples) -> Samples:
    """Experiments at the market's rental price.

    experiment_cost = experiment_gpu_hours × market_rental_price
    """
    return experiment_gpu_hours * market_rental_price


@quantity("USD", training_gpu_hours="hour", market_rental_price="USD/hour")
def final_run_cost(training_gpu_hours: Samples, market_rental_price: Samples) -> Samples:
    """The final run at the market's rental price.

    final_run_cost = training_gpu_hours × market_rental_price
    """
    return training_gpu_hours * market_rental_price


@quantity("USD", research_staff=lab("count"), staff_cost_per_person=lab("USD/year"), project_duration="year")
def staff_cost(research_staff: Samples, staff_cost_per_person: Samples, project_duration: Samples) -> Samples:
    """Pay, equity and overhead of the research staff for the time that the model took.

    staff_cost = research_staff × staff_cost_per_person × project_duration
    """
    return research_staff * staff_cost_per_person * project_duration


@quantity(
    "USD", final_run_cost="USD", failed_run_cost="USD", experiment_cost="USD", staff_cost="USD",
    data_cost=lab("USD"),
)  # fmt: skip
def market_cost(
    final_run_cost: Samples,
    failed_run_cost: Samples,
    experiment_cost: Samples,
    staff_cost: Samples,
    data_cost: Samples,
) -> Samples:
    """What making the model cost at market prices: all compute rented, staff paid, data bought.

    market_cost = final_run_cost + failed_run_cost + experiment_cost + staff_cost + data_cost
    """
    return final_run_cost + failed_run_cost + experiment_cost + staff_cost + data_cost
