"""Rent against ownership: the margin of whoever rents out, when a purchase pays for itself, when to buy."""

from __future__ import annotations

from typing import Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import InputError
from waterline.core.quantity import quantity
from waterline.cost.switching import NEVER_MONTHS
from waterline.facts.roles import chip, operator, purchase

_HALVES = 8
_HALF_YEARS = [purchase]
for _ in range(_HALVES - 1):
    _HALF_YEARS.append(_HALF_YEARS[-1].via("next"))
_RENTS: dict[str, Any] = {
    f"rent_{number}": chip("USD/hour", attribute="rental_price", on=(half, "middle"))
    for number, half in enumerate(_HALF_YEARS)
}


@quantity("USD/hour", rent=chip("USD/hour", attribute="rental_price", on=(purchase, "middle")))
def rental_price_then(rent: Samples) -> Samples:
    """What an accelerator-hour was offered for in a half-year: offers of the year before its middle.

    rental_price_then = rent

    Compared over half-years it is an index; as wide as providers are apart where few of them offer the chip.
    """
    return rent * 1.0


@quantity("fraction", ownership_cost_per_gpu_hour="USD/hour", rental_price=chip("USD/hour"))
def rental_margin(ownership_cost_per_gpu_hour: Samples, rental_price: Samples) -> Samples:
    """Part of the rent that is left to an owner at the offers of the year before the as-of date.

    rental_margin = 1 − ownership_cost_per_gpu_hour ÷ rental_price

    As a history: ask it as of one day after another.
    """
    return 1 - ownership_cost_per_gpu_hour / rental_price


@quantity(
    "fraction", ownership_cost_per_year="USD/year", hours_per_year="hour/year", availability="fraction",
    rental_price=chip("USD/hour"),
)  # fmt: skip
def rent_or_buy_utilisation(
    ownership_cost_per_year: Samples, hours_per_year: Samples, availability: Samples, rental_price: Samples
) -> Samples:
    """Part of the hours that must have work for buying to cost no more than renting by the hour; above 1, rent.

    rent_or_buy_utilisation = ownership_cost_per_year ÷ (hours_per_year × availability × rental_price)
    """
    return ownership_cost_per_year / (hours_per_year * availability * rental_price)


@quantity(
    "USD", price_then=chip("USD", attribute="price_in_server", on=(purchase, "middle")),
    negotiated_price_ratio=operator("fraction"), server_price_per_chip="USD", capital_per_chip="USD",
)  # fmt: skip
def purchase_capital(
    price_then: Samples, negotiated_price_ratio: Samples, server_price_per_chip: Samples, capital_per_chip: Samples
) -> Samples:
    """Price of an accelerator with its part of everything around it, in the half-year of the purchase.

    purchase_capital = capital_per_chip + price_then × negotiated_price_ratio − server_price_per_chip

    Servers are priced by the offers of the year before; what stands around them, as today.
    """
    return capital_per_chip + price_then * negotiated_price_ratio - server_price_per_chip


@quantity("month", purchase_capital="USD", rent_received_share="fraction", useful_hours_per_year="hour/year",
          running_cost_per_year="USD/year", opaque=True, **_RENTS)  # fmt: skip
def payback_months(
    purchase_capital: Samples,
    rent_received_share: Samples,
    useful_hours_per_year: Samples,
    running_cost_per_year: Samples,
    **rents: Samples,
) -> Samples:
    """Months until an accelerator bought in the half-year `purchase` and rented out has paid for itself.

    payback_months = first month in which rent received less running cost, added up, reaches purchase_capital;
    1,200 stands for never

    The rent of each half-year is that of the offers of the year before its middle, known by the as-of date; after
    the newest offers, and after four years, the last rent goes on. No interest is counted.
    """
    paths = [rents[f"rent_{number}"] * rent_received_share for number in range(_HALVES)]
    income = [path * useful_hours_per_year / 12 - running_cost_per_year / 12 for path in paths]
    months = np.full(np.broadcast_shapes(*(part.shape for part in (*income, purchase_capital))), np.nan)
    owed = purchase_capital * np.ones_like(months)
    for number, monthly in enumerate(income):
        last = number == _HALVES - 1
        needed = np.where(monthly > 0, owed / np.where(monthly > 0, monthly, 1.0), np.inf)
        done = np.isnan(months) & ((needed <= 6) | last)
        months = np.where(done, 6 * number + needed, months)
        owed = owed - 6 * monthly
    return np.asarray(np.minimum(months, NEVER_MONTHS))


@quantity(
    "USD", capital_per_chip="USD", residual_value=chip("fraction"), residual_age="year",
    running_cost_per_year="USD/year", study_duration="year", server_life=operator("year"), opaque=True,
)  # fmt: skip
def total_cost_of_ownership(
    capital_per_chip: Samples,
    residual_value: Samples,
    residual_age: Samples,
    running_cost_per_year: Samples,
    study_duration: Samples,
    server_life: Samples,
) -> Samples:
    """What one accelerator costs its owner over a study's years: bought, run, sold again; no interest.

    total_cost_of_ownership = capital_per_chip × (1 − residual_value^(study_duration ÷ residual_age))
    + running_cost_per_year × study_duration

    Raises InputError when the study is longer than the servers live.
    """
    life, years = float(np.median(server_life)), float(np.median(study_duration))
    if years > life:
        raise InputError(
            f"a study of {years:g} years is longer than the servers' life of {life:.3g}: "
            "give a shorter study_duration, or another server_life"
        )
    kept = residual_value ** (study_duration / residual_age)
    return capital_per_chip * (1 - kept) + running_cost_per_year * study_duration
