"""A day of serving as a laboratory published it: margin, rates of each stage, and the mean request that they imply."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, lab


@quantity("fraction", daily_serving_cost=lab("USD/day"), daily_list_revenue=lab("USD/day"))
def published_serving_margin(daily_serving_cost: Samples, daily_list_revenue: Samples) -> Samples:
    """Margin of a day of serving, as the laboratory published it, all tokens at list price.

    published_serving_margin = 1 − daily_serving_cost ÷ daily_list_revenue
    """
    return 1 - daily_serving_cost / daily_list_revenue


@quantity("token/s", daily_output_tokens=lab("token/s"), serving_chips=lab("count"))
def published_serving_rate(daily_output_tokens: Samples, serving_chips: Samples) -> Samples:
    """Output tokens a second of each accelerator over a day of serving, as the laboratory published it.

    published_serving_rate = daily_output_tokens ÷ serving_chips

    To be held against `serving_throughput` of the same workload.
    """
    return daily_output_tokens / serving_chips


@quantity("token/s", server_decode_rate=lab("token/s"), chips_per_server=chip("count"))
def published_output_rate(server_decode_rate: Samples, chips_per_server: Samples) -> Samples:
    """Output tokens a second of each accelerator that decodes, as the laboratory published it.

    published_output_rate = server_decode_rate ÷ chips_per_server

    To be held against `serving_output_rate` of the same workload.
    """
    return server_decode_rate / chips_per_server


@quantity("token/s", server_prefill_rate=lab("token/s"), cached_share=lab("fraction"), chips_per_server=chip("count"))
def published_input_rate(server_prefill_rate: Samples, cached_share: Samples, chips_per_server: Samples) -> Samples:
    """Input tokens a second that each accelerator for prompts reads, those found in the cache left out.

    published_input_rate = server_prefill_rate × (1 − cached_share) ÷ chips_per_server

    To be held against `serving_input_rate` of the same workload.
    """
    return server_prefill_rate * (1 - cached_share) / chips_per_server


@quantity(
    "token", mean_cache_length=lab("token"), daily_input_tokens=lab("token/s"), daily_output_tokens=lab("token/s")
)
def published_output_length(
    mean_cache_length: Samples, daily_input_tokens: Samples, daily_output_tokens: Samples
) -> Samples:
    """Output of a request if all of the day's requests had been alike.

    published_output_length = mean_cache_length ÷ (daily_input_tokens ÷ daily_output_tokens + 1/2)

    While it writes, such a request has its whole input and on average half of its output in the cache. Long requests
    weigh more in the mean over tokens, so that the mean request was shorter.
    """
    return mean_cache_length / (daily_input_tokens / daily_output_tokens + 0.5)


@quantity(
    "token", published_output_length="token", daily_input_tokens=lab("token/s"), daily_output_tokens=lab("token/s"),
    cached_share=lab("fraction"),
)  # fmt: skip
def published_input_length(
    published_output_length: Samples, daily_input_tokens: Samples, daily_output_tokens: Samples, cached_share: Samples
) -> Samples:
    """Input tokens that are read for a request if all of the day's requests had been alike.

    published_input_length = published_output_length × daily_input_tokens ÷ daily_output_tokens × (1 − cached_share)
    """
    return published_output_length * daily_input_tokens / daily_output_tokens * (1 - cached_share)
