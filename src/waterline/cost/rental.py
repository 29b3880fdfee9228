"""The headline's way to price a model: rent for the accelerators of the final run, and nothing else."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.facts.roles import base_model, chip, model, rival_chip, rival_model


@quantity("USD", training_gpu_hours="hour", rental_price=chip("USD/hour", on=(model, "released")))
def rental_cost(training_gpu_hours: Samples, rental_price: Samples) -> Samples:
    """Rent of the accelerators for the final training run.

    rental_cost = training_gpu_hours × rental_price

    Leaves out failed runs, experiments, staff, data and the hardware's capital cost: see `programme_cost`.
    The price is that of the year before the model's release.
    Source: DeepSeek-V3 Technical Report, table 1.
    """
    return training_gpu_hours * rental_price


@quantity("USD", rental_cost="USD", base_rental_cost=of("rental_cost", "USD", model=base_model))
def rental_cost_with_base(rental_cost: Samples, base_rental_cost: Samples) -> Samples:
    """Rent of the final run and of the model that it was trained on top of.

    rental_cost_with_base = rental_cost + base_rental_cost
    """
    return rental_cost + base_rental_cost


@quantity("fraction", rental_cost="USD", rival_rental_cost=of("rental_cost", "USD", model=rival_model, chip=rival_chip))
def rental_cost_ratio(rental_cost: Samples, rival_rental_cost: Samples) -> Samples:
    """Rent of the final run against that of another model, like for like.

    rental_cost_ratio = rental_cost ÷ rival_rental_cost
    """
    return rental_cost / rival_rental_cost


@quantity(
    "fraction",
    stated_training_cost=model("USD"),
    rival_stated_training_cost=rival_model("USD", attribute="stated_training_cost"),
)
def stated_cost_ratio(stated_training_cost: Samples, rival_stated_training_cost: Samples) -> Samples:
    """The two developers' own cost figures against each other, whatever each of them covers.

    stated_cost_ratio = stated_training_cost ÷ rival_stated_training_cost
    """
    return stated_training_cost / rival_stated_training_cost


@quantity("fraction", stated_training_cost=model("USD"), rental_cost="USD")
def stated_cost_coverage(stated_training_cost: Samples, rental_cost: Samples) -> Samples:
    """The developer's cost figure against the rent of the final run: 1 means that it covers rent and nothing else.

    stated_cost_coverage = stated_training_cost ÷ rental_cost
    """
    return stated_training_cost / rental_cost
