"""What a token costs to make, served or trained, and what is left of the price that it is sold at."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.facts.roles import chip, price_trend, seller, token_offer


@quantity("USD/Mtoken", ownership_cost_per_gpu_hour="USD/hour", serving_output_rate="Mtoken/hour")
def usd_per_mtok_output(ownership_cost_per_gpu_hour: Samples, serving_output_rate: Samples) -> Samples:
    """What a million output tokens cost the owner of the accelerators.

    usd_per_mtok_output = ownership_cost_per_gpu_hour ÷ serving_output_rate

    The time that reads prompts is in `usd_per_mtok_input`; the two add up to what the accelerators cost.
    """
    return ownership_cost_per_gpu_hour / serving_output_rate


@quantity("USD/Mtoken", ownership_cost_per_gpu_hour="USD/hour", serving_input_rate="Mtoken/hour")
def usd_per_mtok_input(ownership_cost_per_gpu_hour: Samples, serving_input_rate: Samples) -> Samples:
    """What a million input tokens that are in no cache cost the owner of the accelerators.

    usd_per_mtok_input = ownership_cost_per_gpu_hour ÷ serving_input_rate
    """
    return ownership_cost_per_gpu_hour / serving_input_rate


@quantity("USD/Mtoken", ownership_cost_per_gpu_hour="USD/hour", serving_throughput="Mtoken/hour")
def usd_per_mtok_served(ownership_cost_per_gpu_hour: Samples, serving_throughput: Samples) -> Samples:
    """What a million output tokens cost the owner together with the prompts that they answer.

    usd_per_mtok_served = ownership_cost_per_gpu_hour ÷ serving_throughput
    """
    return ownership_cost_per_gpu_hour / serving_throughput


@quantity("USD/Mtoken", rental_price=chip("USD/hour"), serving_output_rate="Mtoken/hour", rented_share="fraction")
def rented_usd_per_mtok_output(rental_price: Samples, serving_output_rate: Samples, rented_share: Samples) -> Samples:
    """What a million output tokens cost somebody who rents the accelerators.

    rented_usd_per_mtok_output = rental_price ÷ (serving_output_rate × rented_share)

    `rented_share` is the part of the hours paid for in which there is work.
    """
    return rental_price / (serving_output_rate * rented_share)


@quantity("USD/Mtoken", rental_price=chip("USD/hour"), serving_input_rate="Mtoken/hour", rented_share="fraction")
def rented_usd_per_mtok_input(rental_price: Samples, serving_input_rate: Samples, rented_share: Samples) -> Samples:
    """What a million input tokens that are in no cache cost somebody who rents the accelerators.

    rented_usd_per_mtok_input = rental_price ÷ (serving_input_rate × rented_share)
    """
    return rental_price / (serving_input_rate * rented_share)


@quantity(
    "USD/Mtoken", ownership_cost_per_gpu_hour="USD/hour", modelled_training_rate="Mtoken/hour",
    modelled_goodput="fraction",
)  # fmt: skip
def usd_per_training_token(
    ownership_cost_per_gpu_hour: Samples, modelled_training_rate: Samples, modelled_goodput: Samples
) -> Samples:
    """What it costs the owner to train on a million tokens, interruptions included.

    usd_per_training_token = ownership_cost_per_gpu_hour ÷ (modelled_training_rate × modelled_goodput)
    """
    return ownership_cost_per_gpu_hour / (modelled_training_rate * modelled_goodput)


@quantity(
    "USD", serving_input_length="token", serving_output_length="token",
    cached_input_length=of("cached_input_length", "token", lab=seller),
    input_price=token_offer("USD/token"), output_price=token_offer("USD/token"),
    cached_input_price=token_offer("USD/token", optional=True),
)  # fmt: skip
def revenue_per_request(
    serving_input_length: Samples,
    serving_output_length: Samples,
    cached_input_length: Samples,
    input_price: Samples,
    output_price: Samples,
    cached_input_price: Samples | None = None,
) -> Samples:
    """What a request brings in at list price.

    revenue_per_request = serving_input_length × input_price + cached_input_length × cached_input_price
    + serving_output_length × output_price

    Input in the cache is sold as any other where the offer has no price of its own for it.
    """
    cached = input_price if cached_input_price is None else cached_input_price
    return serving_input_length * input_price + cached_input_length * cached + serving_output_length * output_price


@quantity(
    "USD", serving_input_length="token", serving_output_length="token",
    usd_per_mtok_input=of("usd_per_mtok_input", "USD/token", lab=seller),
    usd_per_mtok_output=of("usd_per_mtok_output", "USD/token", lab=seller),
)  # fmt: skip
def cost_per_request(
    serving_input_length: Samples,
    serving_output_length: Samples,
    usd_per_mtok_input: Samples,
    usd_per_mtok_output: Samples,
) -> Samples:
    """What a request costs in accelerators; what is in the cache costs only the room and the time that it takes from
    others while output is written.

    cost_per_request = serving_input_length × usd_per_mtok_input + serving_output_length × usd_per_mtok_output
    """
    return serving_input_length * usd_per_mtok_input + serving_output_length * usd_per_mtok_output


@quantity("fraction", cost_per_request="USD", revenue_per_request="USD")
def serving_margin(cost_per_request: Samples, revenue_per_request: Samples) -> Samples:
    """Part of the list price of a request that is left after its accelerators.

    serving_margin = 1 − cost_per_request ÷ revenue_per_request

    Leaves out staff, free use, discounts, and what the model cost to make.
    """
    return 1 - cost_per_request / revenue_per_request


@quantity("USD/Mtoken", input_price=token_offer("USD/Mtoken"), output_price=token_offer("USD/Mtoken"),
          input_tokens_per_output="fraction")  # fmt: skip
def blended_token_price(input_price: Samples, output_price: Samples, input_tokens_per_output: Samples) -> Samples:
    """Price of a million output tokens at list price with the input that goes with them.

    blended_token_price = output_price + input_price × input_tokens_per_output
    """
    return output_price + input_price * input_tokens_per_output


@quantity("USD/Mtoken", blended_token_price="USD/Mtoken", yearly_fall=price_trend("fraction"), price_horizon="year",
          opaque=True)  # fmt: skip
def quality_constant_price(blended_token_price: Samples, yearly_fall: Samples, price_horizon: Samples) -> Samples:
    """What the same quality will sell for some years after the offer, if prices go on falling as they did.

    quality_constant_price = blended_token_price ÷ yearly_fall^price_horizon
    """
    return blended_token_price / np.power(yearly_fall, price_horizon)
