"""How much of working compute is training, by three definitions, and what the largest vendor says of inference."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, quantity

stated_quarter = Role("stated_quarter", kind="quarter", default="nvda-q2-fy2025")


@quantity("fraction", demand_of_final_runs="hour", working_hours="hour", within=(0, 1))
def final_run_demand_share(demand_of_final_runs: Samples, working_hours: Samples) -> Samples:
    """Training as final runs alone (first definition), over all working compute.

    final_run_demand_share = demand_of_final_runs ÷ working_hours
    """
    return demand_of_final_runs / working_hours


@quantity("fraction", research_hours="hour", working_hours="hour", within=(0, 1))
def research_demand_share(research_hours: Samples, working_hours: Samples) -> Samples:
    """Training with its experiments and post-training (second definition), over all working compute.

    research_demand_share = research_hours ÷ working_hours
    """
    return research_hours / working_hours


@quantity(
    "fraction", within=(0, 1),
    research_hours="hour", demand_of_recommendation="hour", demand_of_driving_and_robots="hour",
    recommendation_training_share="fraction", driving_training_share="fraction", working_hours="hour",
)  # fmt: skip
def training_demand_share(
    research_hours: Samples,
    demand_of_recommendation: Samples,
    demand_of_driving_and_robots: Samples,
    recommendation_training_share: Samples,
    driving_training_share: Samples,
    working_hours: Samples,
) -> Samples:
    """Training as everything that is not inference (third definition, the usual one), over all working compute.

    training_demand_share = (research_hours + demand_of_recommendation × recommendation_training_share +
    demand_of_driving_and_robots × driving_training_share) ÷ working_hours
    """
    ranking = demand_of_recommendation * recommendation_training_share
    driving = demand_of_driving_and_robots * driving_training_share
    return (research_hours + ranking + driving) / working_hours


@quantity("fraction", training_demand_share="fraction", inference_share_of_data_center=stated_quarter("fraction"))
def inference_share_gap(training_demand_share: Samples, inference_share_of_data_center: Samples) -> Samples:
    """Inference by these layers less what the largest vendor ascribed to it of its revenue.

    inference_share_gap = 1 − training_demand_share − inference_share_of_data_center

    The vendor said "more than", over four quarters, of sales rather than of use; a gap above zero is no contradiction.
    """
    return 1 - training_demand_share - inference_share_of_data_center
