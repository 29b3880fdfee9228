"""The arithmetic of a one-day fall: return, value lost, how much came back."""

from __future__ import annotations

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import episode


@quantity("fraction", close_before=episode("USD"), close_after=episode("USD"))
def one_day_return(close_before: Samples, close_after: Samples) -> Samples:
    """Change of the share price over the day, close to close.

    one_day_return = close_after ÷ close_before − 1
    """
    return close_after / close_before - 1


@quantity(
    "USD", close_before=episode("USD"), close_after=episode("USD"),
    shares_outstanding=episode("count", on=(episode, "event_date")),
)  # fmt: skip
def market_value_lost(close_before: Samples, close_after: Samples, shares_outstanding: Samples) -> Samples:
    """Market value that the day took away.

    market_value_lost = (close_before − close_after) × shares_outstanding

    Shares outstanding are those on the cover of the latest report before the day.
    """
    return (close_before - close_after) * shares_outstanding


@quantity(
    "fraction", close_before=episode("USD"), close_after=episode("USD"),
    best_close_within_month=episode("USD"),
)  # fmt: skip
def loss_recovered_within_month(
    close_before: Samples, close_after: Samples, best_close_within_month: Samples
) -> Samples:
    """Part of the day's loss that the best close of the following month had made up.

    loss_recovered_within_month = (best_close_within_month − close_after) ÷ (close_before − close_after)
    """
    return (best_close_within_month - close_after) / (close_before - close_after)


@quantity("fraction", close_before=episode("USD"), trough_close=episode("USD"))
def deepest_fall(close_before: Samples, trough_close: Samples) -> Samples:
    """Lowest close before the recovery against the last one before the fall.

    deepest_fall = trough_close ÷ close_before − 1
    """
    return trough_close / close_before - 1
