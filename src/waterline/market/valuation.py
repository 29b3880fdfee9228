"""Reverse discounted cash flow: what growth, margin or discount rate a price takes for granted, before and after a day.

    V − net cash = Σ t=1…H C (1 + g)^t ÷ (1 + w)^t + m × C (1 + g)^H (1 + T) ÷ ((w − T) (1 + w)^H)

C is the net income of the last four quarters (options paid to staff are a cost in it), g its growth over H years, w the
discount rate, T the growth after that, m what is left of the margin then. One price settles one of these given the
others: they cannot be told apart. The change over a day is much better known than the level.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import NumberError
from waterline.core.quantity import Role, of, quantity
from waterline.facts.roles import episode, quarter, ticker

first_before = quarter.via("previous")
second_before = first_before.via("previous")
third_before = second_before.via("previous")
reported_before = Role("episode.latest_quarter", kind="quarter", follows=(episode, "latest_quarter"))

LOWEST_GROWTH, HIGHEST_GROWTH = -0.9, 5.0
_STEPS = 100  # far more than a crossing needs
_CLOSE = 1e-12
_FLAT = 1e-9  # a logarithm of growth over discount below which the formulas divide nought by nought
_NEAR = 1e-8  # a step of Newton's method after which the next would be too small for the digits of a number


def growth_value(growth: Samples, rate: Samples, years: Samples) -> Samples:
    """Value of one dollar a year that grows for ``years`` from the next year on: q (1 − q^H) ÷ (1 − q)."""
    return _while_growing(_log_ratio(growth, rate), years)


def terminal_value(growth: Samples, rate: Samples, years: Samples, after: Samples) -> Samples:
    """Value of all that comes after ``years``, for one dollar a year today."""
    return _afterwards(_log_ratio(growth, rate), rate, years, after)


def cash_flow_value(growth: Samples, rate: Samples, years: Samples, after: Samples, margin: Samples) -> Samples:
    """Value of one dollar a year today: while it grows, and what ``margin`` leaves of it after that."""
    log_ratio = _log_ratio(growth, rate)
    return _while_growing(log_ratio, years) + margin * _afterwards(log_ratio, rate, years, after)


def _log_ratio(growth: Samples, rate: Samples) -> Samples:
    value: Samples = np.log((1 + growth) / (1 + rate))
    return value


def _while_growing(log_ratio: Samples, years: Samples) -> Samples:
    flat = np.abs(log_ratio) < _FLAT
    safe = np.where(flat, 1.0, log_ratio)
    value: Samples = np.exp(log_ratio) * np.where(flat, years, np.expm1(years * safe) / np.expm1(safe))
    return value


def _afterwards(log_ratio: Samples, rate: Samples, years: Samples, after: Samples) -> Samples:
    value: Samples = np.exp(years * log_ratio) * (1 + after) / (rate - after)
    return value


def solve(rises: Callable[[Samples], Samples], low: float, high: float, what: str) -> Samples:
    """Where an increasing function crosses zero, by regula falsi on all samples at once.

    An end that is kept again counts for less each time (Anderson and Björck, BIT 13, 1973), so that a bent function
    needs about ten steps. Raises NumberError naming ``what`` when a sample has no crossing between ``low`` and
    ``high``, or its crossing is not found.
    """
    lower, upper = np.array([low]), np.array([high])
    with np.errstate(invalid="ignore", divide="ignore"):
        below, above = rises(lower), rises(upper)
    if not (np.all(below <= 0) and np.all(above >= 0)):  # also where they are no numbers
        raise NumberError(f"no {what} between {low:g} and {high:g} gives this price")
    crossing, rose = lower, None
    for _ in range(_STEPS):
        span = above - below
        crossing = np.where(span > 0, lower - below * (upper - lower) / np.where(span > 0, span, 1.0), lower)
        found = rises(crossing)
        rising = found < 0
        kept = np.where(
            rising, 1 - found / np.where(below < 0, below, -1.0), 1 - found / np.where(above > 0, above, 1.0)
        )
        again = False if rose is None else rising == rose
        kept, rose = np.where(again, np.where(kept > 0, kept, 0.5), 1.0), rising
        lower, upper = np.where(rising, crossing, lower), np.where(rising, upper, crossing)
        below, above = np.where(rising, found, below * kept), np.where(rising, above * kept, found)
        if np.all((np.abs(found) < _CLOSE) | (upper - lower < _CLOSE)):
            return crossing
    raise NumberError(f"the {what} that gives this price was not found in {_STEPS} steps")


def implied_growth(
    enterprise: Samples, income: Samples, rate: Samples, years: Samples, after: Samples, margin: Samples
) -> Samples:
    """Growth at which the cash flows are worth ``enterprise``, by Newton's method.

    In the logarithm of (1 + growth) ÷ (1 + rate) that of the value rises by one at least and bends upwards, being that
    of a sum of exponentials: after its first step the method comes down on the crossing and cannot miss it. Raises
    NumberError when a sample has none between `LOWEST_GROWTH` and `HIGHEST_GROWTH`.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        wanted = np.log(enterprise / income)
        forever = margin * (1 + after) / (rate - after)  # value then of what comes after
        log_ratio, step = np.zeros(1), np.ones(1)
        while np.any(np.abs(step) > _NEAR):
            log_ratio = np.where(np.abs(log_ratio) < _FLAT, _FLAT, log_ratio)
            whole, once = np.expm1(years * log_ratio), np.expm1(log_ratio)
            growing = (1 + once) * whole / once
            total = growing + forever * (1 + whole)
            slope = years + growing * (years / whole - 1 / once) / total
            step = (np.log(total) - wanted) / slope
            log_ratio = log_ratio - step
        growth: Samples = np.exp(log_ratio) * (1 + rate) - 1
    if not (np.all(growth >= LOWEST_GROWTH) and np.all(growth <= HIGHEST_GROWTH)):  # also where it is no number
        raise NumberError(f"no growth between {LOWEST_GROWTH:g} and {HIGHEST_GROWTH:g} gives this price")
    return growth


@quantity(
    "USD",
    net_income=quarter("USD"),
    first_before_income=first_before("USD", attribute="net_income"),
    second_before_income=second_before("USD", attribute="net_income"),
    third_before_income=third_before("USD", attribute="net_income"),
)
def trailing_net_income(
    net_income: Samples, first_before_income: Samples, second_before_income: Samples, third_before_income: Samples
) -> Samples:
    """Net income of the four quarters up to the one named.

    trailing_net_income = net_income + first_before_income + second_before_income + third_before_income
    """
    return net_income + first_before_income + second_before_income + third_before_income


@quantity("USD", close=ticker("USD"), shares_outstanding=ticker("count"))
def equity_value(close: Samples, shares_outstanding: Samples) -> Samples:
    """Market value of a company at the latest close known.

    equity_value = close × shares_outstanding
    """
    return close * shares_outstanding


# Opaque, like all below: the price is solved for step by step, which numbers with units cannot go through.
@quantity(
    "1/year",
    opaque=True,
    equity_value="USD",
    net_cash=quarter("USD"),
    trailing_net_income="USD",
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_revenue_growth(
    equity_value: Samples,
    net_cash: Samples,
    trailing_net_income: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """Yearly growth of revenue that the price takes for granted, at today's net margin, over the years of growth.

    implied_revenue_growth = g such that trailing_net_income × (Σ ((1 + g) ÷ (1 + discount_rate))^t over growth_years
        + terminal_margin_ratio × terminal value) = equity_value − net_cash
    """
    return implied_growth(
        equity_value - net_cash,
        trailing_net_income,
        discount_rate,
        growth_years,
        terminal_growth,
        terminal_margin_ratio,
    )


@quantity(
    "USD", close_before=episode("USD"), shares_outstanding=episode("count", on=(episode, "event_date")),
    net_cash=reported_before("USD"),
)  # fmt: skip
def enterprise_value_before_fall(close_before: Samples, shares_outstanding: Samples, net_cash: Samples) -> Samples:
    """Value of the business at the last close before the fall.

    enterprise_value_before_fall = close_before × shares_outstanding − net_cash
    """
    return close_before * shares_outstanding - net_cash


@quantity("USD", enterprise_value_before_fall="USD", market_value_lost="USD")
def enterprise_value_after_fall(enterprise_value_before_fall: Samples, market_value_lost: Samples) -> Samples:
    """Value of the business at the close of the day of the fall.

    enterprise_value_after_fall = enterprise_value_before_fall − market_value_lost
    """
    return enterprise_value_before_fall - market_value_lost


@quantity(
    "1/year",
    opaque=True,
    enterprise_value_before_fall="USD",
    income=of("trailing_net_income", "USD", quarter=reported_before),
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_growth_before_fall(
    enterprise_value_before_fall: Samples,
    income: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """Yearly growth that the price took for granted before the fall.

    implied_growth_before_fall = g such that the cash flows are worth enterprise_value_before_fall
    """
    return implied_growth(
        enterprise_value_before_fall, income, discount_rate, growth_years, terminal_growth, terminal_margin_ratio
    )


@quantity(
    "1/year",
    opaque=True,
    enterprise_value_after_fall="USD",
    income=of("trailing_net_income", "USD", quarter=reported_before),
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_growth_after_fall(
    enterprise_value_after_fall: Samples,
    income: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """Yearly growth that the price took for granted after the fall.

    implied_growth_after_fall = g such that the cash flows are worth enterprise_value_after_fall
    """
    return implied_growth(
        enterprise_value_after_fall, income, discount_rate, growth_years, terminal_growth, terminal_margin_ratio
    )


@quantity("1/year", implied_growth_before_fall="1/year", implied_growth_after_fall="1/year")
def implied_growth_change(implied_growth_before_fall: Samples, implied_growth_after_fall: Samples) -> Samples:
    """How much yearly growth the day took out of expectations, if it took nothing else.

    implied_growth_change = implied_growth_after_fall − implied_growth_before_fall
    """
    return implied_growth_after_fall - implied_growth_before_fall


@quantity("fraction", market_value_lost="USD", enterprise_value_before_fall="USD")
def implied_cash_flow_cut(market_value_lost: Samples, enterprise_value_before_fall: Samples) -> Samples:
    """The part of all future cash flows that the day took away, if it took the same part of each.

    implied_cash_flow_cut = market_value_lost ÷ enterprise_value_before_fall
    """
    return market_value_lost / enterprise_value_before_fall


@quantity(
    "fraction",
    opaque=True,
    market_value_lost="USD",
    income=of("trailing_net_income", "USD", quarter=reported_before),
    implied_growth_before_fall="1/year",
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_margin_cut(
    market_value_lost: Samples,
    income: Samples,
    implied_growth_before_fall: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """The part of the margin after the years of growth that the day took away, if it took nothing else.

    implied_margin_cut = market_value_lost ÷ (trailing_net_income × terminal_margin_ratio × terminal value)
    """
    after = terminal_value(implied_growth_before_fall, discount_rate, growth_years, terminal_growth)
    return market_value_lost / (income * terminal_margin_ratio * after)


@quantity(
    "1/year",
    opaque=True,
    enterprise_value_after_fall="USD",
    income=of("trailing_net_income", "USD", quarter=reported_before),
    implied_growth_before_fall="1/year",
    discount_rate="1/year",
    growth_years="year",
    terminal_growth="1/year",
    terminal_margin_ratio="fraction",
)
def implied_discount_rise(
    enterprise_value_after_fall: Samples,
    income: Samples,
    implied_growth_before_fall: Samples,
    discount_rate: Samples,
    growth_years: Samples,
    terminal_growth: Samples,
    terminal_margin_ratio: Samples,
) -> Samples:
    """How much more the business was discounted by after the fall, if expectations stayed as they were.

    implied_discount_rise = w such that the cash flows at implied_growth_before_fall are worth
        enterprise_value_after_fall, less discount_rate
    """
    inputs = (
        enterprise_value_after_fall, income, implied_growth_before_fall, discount_rate, growth_years, terminal_growth,
        terminal_margin_ratio,
    )  # fmt: skip
    value, paid, growth, rate, *terms = (np.asarray(part) for part in inputs)

    def shortfall(rise: Samples) -> Samples:
        return np.asarray(np.log(value / (paid * cash_flow_value(growth, rate + rise, *terms))))

    return solve(shortfall, 0.0, 1.0, "rise of the discount rate")
