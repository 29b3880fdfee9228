"""The layers from above: every accelerator-hour of a year, allotted to what it was used for.

Users are five frontier laboratories (l), recommendation (r), driving and robots (a), media (v) and all others (o);
their shares of working accelerators sum to one, because the last is what the others leave. Laboratories and other
users split their hours between research and serving; research between final runs, post-training and experiments.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import NumberError
from waterline.core.quantity import of, quantity
from waterline.facts.roles import year


@quantity("hour", average_accelerators="count", length=year("hour"))
def accelerator_hours(average_accelerators: Samples, length: Samples) -> Samples:
    """Hours of all accelerators sold, over the year, in H100 equivalents.

    accelerator_hours = average_accelerators × length
    """
    return average_accelerators * length


@quantity("hour", accelerator_hours="hour", idle_share=year("fraction"))
def working_hours(accelerator_hours: Samples, idle_share: Samples) -> Samples:
    """Hours in which accelerators worked.

    working_hours = accelerator_hours × (1 − idle_share)
    """
    return accelerator_hours * (1 - idle_share)


# The two shares are opaque: the check of units runs on numbers that need not sum to less than the whole.
@quantity(
    "fraction", opaque=True, within=(0, 1), laboratory_accelerators="count", average_accelerators="count",
    recommendation_share=year("fraction"), driving_share=year("fraction"), media_share=year("fraction"),
)  # fmt: skip
def laboratory_share(
    laboratory_accelerators: Samples,
    average_accelerators: Samples,
    recommendation_share: Samples,
    driving_share: Samples,
    media_share: Samples,
) -> Samples:
    """Share of working hours that five frontier laboratories have.

    laboratory_share = min(laboratory_accelerators ÷ average_accelerators, 1 − recommendation_share −
    driving_share − media_share)

    The counts are drawn apart; a draw in which they leave the others nothing is cut at what is left. Raises NumberError
    naming the shares when the medians already sum past the whole.
    """
    counted = laboratory_accelerators / average_accelerators
    shares = {
        "laboratory_share": counted,
        "recommendation_share": recommendation_share,
        "driving_share": driving_share,
        "media_share": media_share,
    }
    left = 1 - recommendation_share - driving_share - media_share
    if np.median(left - counted) < 0:
        raise _past_the_whole(shares)
    return np.minimum(counted, np.maximum(left, 0.0))


@quantity(
    "fraction", opaque=True, within=(0, 1), laboratory_share="fraction",
    recommendation_share=year("fraction"), driving_share=year("fraction"), media_share=year("fraction"),
)  # fmt: skip
def other_users_share(
    laboratory_share: Samples, recommendation_share: Samples, driving_share: Samples, media_share: Samples
) -> Samples:
    """Share of working hours that other users have: clouds' customers, enterprises, states, China, smaller developers.

    other_users_share = 1 − laboratory_share − recommendation_share − driving_share − media_share

    Raises NumberError naming the shares when they sum past the whole.
    """
    shares = {
        "laboratory_share": laboratory_share,
        "recommendation_share": recommendation_share,
        "driving_share": driving_share,
        "media_share": media_share,
    }
    rest = 1 - (laboratory_share + recommendation_share + driving_share + media_share)
    if np.min(rest) < -1e-9:
        raise _past_the_whole(shares)
    return np.maximum(rest, 0.0)


def _past_the_whole(shares: Mapping[str, Samples]) -> NumberError:
    stated = ", ".join(f"{name} {np.median(share):.3g}" for name, share in shares.items())
    total = sum(float(np.median(share)) for share in shares.values())
    return NumberError(f"the layers sum past the whole: {stated} (medians; together {total:.3g})")


@quantity(
    "hour",
    working_hours="hour",
    laboratory_share="fraction",
    other_users_share="fraction",
    laboratory_research_share=year("fraction"),
    other_research_share=year("fraction"),
    laboratory_final_run_share="fraction",
    other_final_run_share="fraction",
)
def demand_of_final_runs(
    working_hours: Samples,
    laboratory_share: Samples,
    other_users_share: Samples,
    laboratory_research_share: Samples,
    other_research_share: Samples,
    laboratory_final_run_share: Samples,
    other_final_run_share: Samples,
) -> Samples:
    """Final training runs, by laboratories and by everybody else.

    demand_of_final_runs = working_hours × (laboratory_share × laboratory_research_share ×
    laboratory_final_run_share + other_users_share × other_research_share × other_final_run_share)
    """
    laboratories = laboratory_share * laboratory_research_share * laboratory_final_run_share
    others = other_users_share * other_research_share * other_final_run_share
    return working_hours * (laboratories + others)


@quantity(
    "hour",
    working_hours="hour",
    laboratory_share="fraction",
    other_users_share="fraction",
    laboratory_research_share=year("fraction"),
    other_research_share=year("fraction"),
)
def research_hours(
    working_hours: Samples,
    laboratory_share: Samples,
    other_users_share: Samples,
    laboratory_research_share: Samples,
    other_research_share: Samples,
) -> Samples:
    """Research and training of language and media models: final runs, post-training and experiments.

    research_hours = working_hours × (laboratory_share × laboratory_research_share + other_users_share ×
    other_research_share)
    """
    return working_hours * (laboratory_share * laboratory_research_share + other_users_share * other_research_share)


@quantity("hour", research_hours="hour", post_training_share="fraction")
def demand_of_post_training(research_hours: Samples, post_training_share: Samples) -> Samples:
    """Reinforcement learning and fine-tuning after pre-training.

    demand_of_post_training = research_hours × post_training_share
    """
    return research_hours * post_training_share


@quantity("hour", research_hours="hour", demand_of_final_runs="hour", demand_of_post_training="hour")
def demand_of_experiments(
    research_hours: Samples, demand_of_final_runs: Samples, demand_of_post_training: Samples
) -> Samples:
    """Experiments, ablations, smaller models and failed runs.

    demand_of_experiments = research_hours − demand_of_final_runs − demand_of_post_training
    """
    return research_hours - demand_of_final_runs - demand_of_post_training


@quantity(
    "hour",
    working_hours="hour",
    laboratory_share="fraction",
    other_users_share="fraction",
    research_hours="hour",
)
def token_serving_hours(
    working_hours: Samples, laboratory_share: Samples, other_users_share: Samples, research_hours: Samples
) -> Samples:
    """Serving of tokens, to readers and to agents.

    token_serving_hours = working_hours × (laboratory_share + other_users_share) − research_hours
    """
    return working_hours * (laboratory_share + other_users_share) - research_hours


@quantity("hour", token_serving_hours="hour", agent_share=year("fraction"))
def demand_of_text_inference(token_serving_hours: Samples, agent_share: Samples) -> Samples:
    """Text for readers: chat, search, documents, code completion.

    demand_of_text_inference = token_serving_hours × (1 − agent_share)
    """
    return token_serving_hours * (1 - agent_share)


@quantity("hour", token_serving_hours="hour", agent_share=year("fraction"))
def demand_of_agents(token_serving_hours: Samples, agent_share: Samples) -> Samples:
    """Tokens that agents read and write on their own.

    demand_of_agents = token_serving_hours × agent_share
    """
    return token_serving_hours * agent_share


@quantity("hour", working_hours="hour", media_share=year("fraction"))
def demand_of_media_generation(working_hours: Samples, media_share: Samples) -> Samples:
    """Making pictures, video and 3D.

    demand_of_media_generation = working_hours × media_share
    """
    return working_hours * media_share


@quantity("hour", working_hours="hour", driving_share=year("fraction"))
def demand_of_driving_and_robots(working_hours: Samples, driving_share: Samples) -> Samples:
    """Training and simulation for cars and robots.

    demand_of_driving_and_robots = working_hours × driving_share
    """
    return working_hours * driving_share


@quantity("hour", working_hours="hour", recommendation_share=year("fraction"))
def demand_of_recommendation(working_hours: Samples, recommendation_share: Samples) -> Samples:
    """Recommendation, ranking and advertising: training and serving.

    demand_of_recommendation = working_hours × recommendation_share
    """
    return working_hours * recommendation_share


@quantity("hour", accelerator_hours="hour", idle_share=year("fraction"))
def demand_of_idle_stock(accelerator_hours: Samples, idle_share: Samples) -> Samples:
    """Other: accelerators bought ahead of use, in transit, waiting for power, spare or idle.

    demand_of_idle_stock = accelerator_hours × idle_share
    """
    return accelerator_hours * idle_share


@quantity(
    "hour",
    demand_of_final_runs="hour",
    demand_of_experiments="hour",
    demand_of_post_training="hour",
    demand_of_text_inference="hour",
    demand_of_agents="hour",
    demand_of_media_generation="hour",
    demand_of_driving_and_robots="hour",
    demand_of_recommendation="hour",
    demand_of_idle_stock="hour",
)
def demand_layers(**layers: Samples) -> Samples:
    """Accelerator-hours of a year by what they were used for, from final runs to recommendation; in H100 equivalents.

    demand_layers = demand_of_final_runs + demand_of_experiments + demand_of_post_training +
    demand_of_text_inference + demand_of_agents + demand_of_media_generation + demand_of_driving_and_robots +
    demand_of_recommendation + demand_of_idle_stock
    """
    return sum(layers.values())  # type: ignore[return-value]


@quantity(
    "fraction",
    demand_of_media_generation="hour",
    year_before=of("demand_of_media_generation", "hour", year=year.via("previous")),
)
def media_generation_growth(demand_of_media_generation: Samples, year_before: Samples) -> Samples:
    """Compute for pictures, video and 3D over that of the year before.

    media_generation_growth = demand_of_media_generation ÷ year_before
    """
    return demand_of_media_generation / year_before
