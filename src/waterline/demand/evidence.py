"""The layers from below: what published tokens, power, chips and operations account for, and the gap to the whole."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, of, quantity
from waterline.facts.roles import year

token_provider = Role("token_provider", kind="provider", default="google")
reference_chip = Role("reference_chip", kind="chip", default="h100-sxm")
served_at_scale = Role("served_at_scale", kind="model", default="deepseek-v3")
driving_remark = Role("driving_remark", kind="remark", default="tesla-cortex-2024")


@quantity(
    "token/s",
    output_rate=of("serving_throughput", "token/s", chip=reference_chip, model=served_at_scale),
    serving_input_length="token",
    serving_output_length="token",
    served_tokens_ratio="fraction",
    serving_load="fraction",
)
def tokens_per_accelerator_second(
    output_rate: Samples,
    serving_input_length: Samples,
    serving_output_length: Samples,
    served_tokens_ratio: Samples,
    serving_load: Samples,
) -> Samples:
    """Tokens read and written a second by an H100 equivalent over a whole day, from the serving engine.

    tokens_per_accelerator_second = output_rate × (1 + serving_input_length ÷ serving_output_length)
        × served_tokens_ratio × serving_load

    The engine serves one named model on one named chip at full load. What services count on average (smaller models,
    tokens out of a cache) over that is `served_tokens_ratio`.
    """
    tokens = output_rate * (1 + serving_input_length / serving_output_length)
    return tokens * served_tokens_ratio * serving_load


@quantity(
    "hour", tokens_per_month=token_provider("token/hour", on=(year, "middle")),
    google_token_share="fraction", length=year("hour"), tokens_per_accelerator_second="token/hour",
)  # fmt: skip
def evidence_of_token_serving(
    tokens_per_month: Samples, google_token_share: Samples, length: Samples, tokens_per_accelerator_second: Samples
) -> Samples:
    """Accelerator-hours that the tokens of the year take, from one provider's published count and its share.

    evidence_of_token_serving = tokens_per_month ÷ google_token_share × length ÷ tokens_per_accelerator_second

    Both rates are taken by the hour.
    """
    return tokens_per_month / google_token_share * length / tokens_per_accelerator_second


@quantity("hour", laboratory_accelerators="count", laboratory_research_share=year("fraction"), length=year("hour"))
def evidence_of_research(
    laboratory_accelerators: Samples, laboratory_research_share: Samples, length: Samples
) -> Samples:
    """Accelerator-hours that five laboratories put into research and training, from counts of their compute.

    evidence_of_research = laboratory_accelerators × laboratory_research_share × length
    """
    return laboratory_accelerators * laboratory_research_share * length


@quantity("hour", media_power=year("kW"), site_power_per_accelerator="kW", length=year("hour"))
def evidence_of_media_generation(media_power: Samples, site_power_per_accelerator: Samples, length: Samples) -> Samples:
    """Accelerator-hours behind the power that picture and video services draw.

    evidence_of_media_generation = media_power ÷ site_power_per_accelerator × length
    """
    return media_power / site_power_per_accelerator * length


@quantity("hour", accelerators=driving_remark("count"), named_driving_share="fraction", length=year("hour"))
def evidence_of_driving_and_robots(accelerators: Samples, named_driving_share: Samples, length: Samples) -> Samples:
    """Accelerator-hours of driving and robots, from one named cluster and its share of all such clusters.

    evidence_of_driving_and_robots = accelerators ÷ named_driving_share × length
    """
    return accelerators / named_driving_share * length


@quantity("hour", recommendation_accelerators=year("count"), length=year("hour"))
def evidence_of_recommendation(recommendation_accelerators: Samples, length: Samples) -> Samples:
    """Accelerator-hours of recommendation at the one platform that names its fleet.

    evidence_of_recommendation = recommendation_accelerators × length
    """
    return recommendation_accelerators * length


@quantity(
    "hour",
    evidence_of_token_serving="hour",
    evidence_of_research="hour",
    evidence_of_media_generation="hour",
    evidence_of_driving_and_robots="hour",
    evidence_of_recommendation="hour",
)
def demand_evidenced(**parts: Samples) -> Samples:
    """Accelerator-hours that published evidence of use accounts for.

    demand_evidenced = evidence_of_token_serving + evidence_of_research + evidence_of_media_generation +
    evidence_of_driving_and_robots + evidence_of_recommendation
    """
    return sum(parts.values())  # type: ignore[return-value]


@quantity(
    "USD", evidence_of_token_serving="hour",
    hour_cost=of("ownership_cost_per_gpu_hour", "USD/hour", chip=reference_chip),
)  # fmt: skip
def evidence_of_token_spending(evidence_of_token_serving: Samples, hour_cost: Samples) -> Samples:
    """What the accelerators behind the tokens of the year cost their owners.

    evidence_of_token_spending = evidence_of_token_serving × hour_cost
    """
    return evidence_of_token_serving * hour_cost


@quantity("fraction", token_serving_hours="hour", evidence_of_token_serving="hour")
def token_serving_gap_share(token_serving_hours: Samples, evidence_of_token_serving: Samples) -> Samples:
    """The part of the hours allotted to serving tokens that no published token accounts for; negative where more do.

    token_serving_gap_share = 1 − evidence_of_token_serving ÷ token_serving_hours
    """
    return 1 - evidence_of_token_serving / token_serving_hours


@quantity("hour", demand_layers="hour", demand_evidenced="hour")
def demand_gap(demand_layers: Samples, demand_evidenced: Samples) -> Samples:
    """Accelerator-hours sold that no published evidence of use accounts for.

    demand_gap = demand_layers − demand_evidenced
    """
    return demand_layers - demand_evidenced


@quantity("fraction", demand_gap="hour", demand_layers="hour")
def demand_gap_share(demand_gap: Samples, demand_layers: Samples) -> Samples:
    """The part of all accelerator-hours for which there is no published evidence of use.

    demand_gap_share = demand_gap ÷ demand_layers
    """
    return demand_gap / demand_layers


@quantity(
    "hour", frontier_run_compute=year("FLOP"), bf16_flops=reference_chip("FLOP/hour"), final_run_mfu="fraction",
)  # fmt: skip
def evidence_of_final_runs(frontier_run_compute: Samples, bf16_flops: Samples, final_run_mfu: Samples) -> Samples:
    """Accelerator-hours of the frontier's final runs, from their operations; a check on the layer, not a part of it.

    evidence_of_final_runs = frontier_run_compute ÷ (bf16_flops × final_run_mfu)

    Runs of small developers are not in the operations, so this is the lower of the two.
    """
    return frontier_run_compute / (bf16_flops * final_run_mfu)
