"""Price moves against each other: former records, and who led whom."""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Role, quantity

move, second_move, rival_move, record_move = (
    Role(name, kind="move") for name in ("move", "second_move", "rival_move", "record_move")
)


@quantity("fraction", market_value_lost="USD", market_value_loss=record_move("USD"))
def loss_against_record(market_value_lost: Samples, market_value_loss: Samples) -> Samples:
    """The day's loss of market value against the largest one before it.

    loss_against_record = market_value_lost ÷ market_value_loss
    """
    return market_value_lost / market_value_loss


@quantity(
    "fraction",
    total_return=move("fraction"),
    second_total_return=second_move("fraction", attribute="total_return"),
    rival_total_return=rival_move("fraction", attribute="total_return"),
)
def pair_lead(total_return: Samples, second_total_return: Samples, rival_total_return: Samples) -> Samples:
    """By how much the lesser of two returns beat a third share's.

    pair_lead = min(total_return, second_total_return) − rival_total_return
    """
    return np.minimum(total_return, second_total_return) - rival_total_return
