"""What the same work costs on one chip and on another: speed, price of an hour, and both together."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.facts.roles import rival_chip


@quantity(
    "fraction", serving_throughput="token/s", rival_throughput=of("serving_throughput", "token/s", chip=rival_chip),
)  # fmt: skip
def inference_speedup(serving_throughput: Samples, rival_throughput: Samples) -> Samples:
    """Output tokens a second of one chip over those of another, the same model served within the same limits.

    inference_speedup = serving_throughput ÷ rival_throughput

    What the engine is off by for both chips alike cancels; what it is off by for each of them does not.
    """
    return serving_throughput / rival_throughput


@quantity(
    "fraction", ownership_cost_per_gpu_hour="USD/hour",
    rival_hour_cost=of("ownership_cost_per_gpu_hour", "USD/hour", chip=rival_chip),
)  # fmt: skip
def hour_cost_ratio(ownership_cost_per_gpu_hour: Samples, rival_hour_cost: Samples) -> Samples:
    """What an hour of one chip costs its owner over what an hour of another does.

    hour_cost_ratio = ownership_cost_per_gpu_hour ÷ rival_hour_cost
    """
    return ownership_cost_per_gpu_hour / rival_hour_cost


@quantity("FLOP/s/USD", half_precision_flops="FLOP/s", server_price_per_chip="USD")
def operations_per_dollar(half_precision_flops: Samples, server_price_per_chip: Samples) -> Samples:
    """Peak 16-bit rate that a dollar of servers buys; over chips and days, the learning curve of accelerators.

    operations_per_dollar = half_precision_flops ÷ server_price_per_chip
    """
    return half_precision_flops / server_price_per_chip


@quantity("fraction", hour_cost_ratio="fraction", inference_speedup="fraction")
def token_cost_ratio(hour_cost_ratio: Samples, inference_speedup: Samples) -> Samples:
    """What a served token costs on one chip over what it costs on another: 0.5 is "50% better".

    token_cost_ratio = hour_cost_ratio ÷ inference_speedup
    """
    return hour_cost_ratio / inference_speedup
