"""What a subscription's month costs to serve, and what the same use would cost elsewhere."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import subscription


@quantity("USD/month", subscriber_output_tokens="Mtoken/month", usd_per_mtok_served="USD/Mtoken")
def subscription_cost_to_serve(subscriber_output_tokens: Samples, usd_per_mtok_served: Samples) -> Samples:
    """What the accelerators for one subscriber's month cost, if the service runs the model in question.

    subscription_cost_to_serve = subscriber_output_tokens × usd_per_mtok_served
    """
    return subscriber_output_tokens * usd_per_mtok_served


@quantity("fraction", subscription_cost_to_serve="USD/month", subscription_price=subscription("USD/month"))
def subscription_margin(subscription_cost_to_serve: Samples, subscription_price: Samples) -> Samples:
    """Part of a subscription's price that is left after its accelerators; negative where use exceeds the price.

    subscription_margin = 1 − subscription_cost_to_serve ÷ subscription_price
    """
    return 1 - subscription_cost_to_serve / subscription_price


@quantity("Mtoken/month", subscription_price=subscription("USD/month"), usd_per_mtok_served="USD/Mtoken")
def subscription_break_even_tokens(subscription_price: Samples, usd_per_mtok_served: Samples) -> Samples:
    """Output tokens a month that a subscription's price pays for at cost: beyond them the subscriber costs money.

    subscription_break_even_tokens = subscription_price ÷ usd_per_mtok_served
    """
    return subscription_price / usd_per_mtok_served


@quantity("USD/month", subscriber_output_tokens="Mtoken/month", blended_token_price="USD/Mtoken")
def open_model_bill(subscriber_output_tokens: Samples, blended_token_price: Samples) -> Samples:
    """What the subscriber's month would cost through an open model's interface at list price.

    open_model_bill = subscriber_output_tokens × blended_token_price
    """
    return subscriber_output_tokens * blended_token_price


@quantity("fraction", subscription_price=subscription("USD/month"), open_model_bill="USD/month")
def subscription_premium(subscription_price: Samples, open_model_bill: Samples) -> Samples:
    """A subscription's price over the bill of an open model for the same use.

    subscription_premium = subscription_price ÷ open_model_bill
    """
    return subscription_price / open_model_bill
