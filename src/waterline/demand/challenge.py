"""How fast a challenger's accelerators gain on the incumbent's in a group of buyers: what cost pulls, what binds.

Cost is that of a served and of a trained token on the newest chips of both, as the engines and the cost of ownership
have it. What binds is the break-even of a move, for whoever moves in the group.
"""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, of, quantity
from waterline.facts.roles import served_model, vendor

incumbent = Role("incumbent", kind="vendor", default="nvda")
incumbent_chip = Role("incumbent_chip", kind="chip", follows=(incumbent, "current_chip"))
challenger = Role("challenger", kind="vendor", follows=(vendor, "challenger"))
challenger_chip = Role("challenger_chip", kind="chip", follows=(challenger, "current_chip"))
buyer_type = Role("buyer_type", default="hyperscaler")
deciding_mover = Role("deciding_mover", kind="mover", default="cloud-owner")


@quantity(
    "fraction",
    ratio=of("token_cost_ratio", "fraction", chip=challenger_chip, rival_chip=incumbent_chip, model=served_model),
)
def served_cost_ratio(ratio: Samples) -> Samples:
    """What a served token costs on the challenger's newest chip over what it costs on the incumbent's.

    served_cost_ratio = ratio
    """
    return ratio


@quantity(
    "fraction",
    challenger_cost=of("usd_per_training_token", "USD/Mtoken", chip=challenger_chip, model=served_model),
    incumbent_cost=of("usd_per_training_token", "USD/Mtoken", chip=incumbent_chip, model=served_model),
)
def trained_cost_ratio(challenger_cost: Samples, incumbent_cost: Samples) -> Samples:
    """What a token of training costs on the challenger's newest chip over what it costs on the incumbent's.

    trained_cost_ratio = challenger_cost ÷ incumbent_cost
    """
    return challenger_cost / incumbent_cost


@quantity(
    "fraction", opaque=True, within=(0.01, 100),
    served_cost_ratio="fraction", trained_cost_ratio="fraction", training_part=buyer_type("fraction"),
)  # fmt: skip
def rival_cost_ratio(served_cost_ratio: Samples, trained_cost_ratio: Samples, training_part: Samples) -> Samples:
    """What a group's work costs on the challenger's chips over what it costs on the incumbent's.

    rival_cost_ratio = served_cost_ratio × (trained_cost_ratio ÷ served_cost_ratio)^training_part
    """
    return served_cost_ratio * (trained_cost_ratio / served_cost_ratio) ** training_part


@quantity("1/year", cost_response="1/year", rival_cost_ratio="fraction")
def cost_pull(cost_response: Samples, rival_cost_ratio: Samples) -> Samples:
    """How fast the odds of the challenger would grow if nothing bound the buyers; below zero, it loses.

    cost_pull = −cost_response × ln(rival_cost_ratio)
    """
    return -cost_response * np.log(rival_cost_ratio)


@quantity(
    "fraction", within=(0, 1), moved_share=buyer_type("fraction"), switching_horizon="month",
    break_even=of(
        "switching_break_even", "month",
        **{"from": incumbent_chip, "to": challenger_chip, "mover": deciding_mover, "model": served_model},
    ),
)  # fmt: skip
def switching_freedom(moved_share: Samples, switching_horizon: Samples, break_even: Samples) -> Samples:
    """How freely a group follows cost: 1 as the cost alone would have it, 0 not at all.

    switching_freedom = moved_share + (1 − moved_share) × switching_horizon ÷ (switching_horizon + break_even)

    Work that already runs on other chips is free to follow. The rest follows the faster, the sooner a move pays.
    """
    return moved_share + (1 - moved_share) * switching_horizon / (switching_horizon + break_even)


@quantity(
    "1/year", switching_freedom="fraction", cost_pull="1/year", policy_push=buyer_type("1/year"),
    rival_supply_lead="1/year",
)  # fmt: skip
def challenger_drift(
    switching_freedom: Samples, cost_pull: Samples, policy_push: Samples, rival_supply_lead: Samples
) -> Samples:
    """How fast the odds of the challenger against the incumbent grow in a group of buyers, logarithmic.

    challenger_drift = min(switching_freedom × cost_pull + policy_push, rival_supply_lead)
    """
    return np.minimum(switching_freedom * cost_pull + policy_push, rival_supply_lead)
