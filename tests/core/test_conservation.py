"""Money and energy come out of the graph as they went in, in whatever unit each of them is stated."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waterline.core.catalogue import Catalogue
from waterline.core.distribution import Point
from waterline.core.evaluate import Evaluation
from waterline.core.graph_builder import GraphBuilder
from waterline.core.knowledge import Leaf
from waterline.core.quantity import Quantity, quantity
from waterline.core.scenario import Scenario
from waterline.core.units import conversion_factor

MONEY = ("USD", "kUSD", "GUSD")
TIME = ("hour", "s", "day", "year")
POWER = ("W", "kW", "MW", "J/s", "kWh/day")
amounts = st.floats(1e-3, 1e9)


@quantity("USD", first="USD", second="USD")
def both(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Both.

    both = first + second
    """
    return first + second


@quantity("J", power="W", time="s")
def energy(power: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Energy.

    energy = power × time
    """
    return power * time


class Stated:
    """Free assumptions with their units."""

    def __init__(self, **leaves: tuple[float, str]) -> None:
        self._leaves = {name: Leaf(name, Point(value), unit, reason="r") for name, (value, unit) in leaves.items()}

    def assumption(self, name: str) -> Leaf | None:
        return self._leaves.get(name)

    def correlations(self) -> dict[tuple[str, str], float]:
        return {}


def answered(found: Quantity, world: Stated) -> float:
    catalogue = Catalogue()
    catalogue.add(found)
    builder = GraphBuilder(catalogue, world, Scenario(date(2025, 1, 1)))  # type: ignore[arg-type]
    node = builder.add(found.name, {})
    return float(Evaluation(builder.graph(), 16, 1)[node.id][0])


@given(amounts, amounts, st.sampled_from(MONEY), st.sampled_from(MONEY))
def test_money_is_the_same_in_whatever_unit_it_is_stated(first: float, second: float, one: str, other: str) -> None:
    stated = Stated(
        first=(first * conversion_factor("USD", one), one), second=(second * conversion_factor("USD", other), other)
    )
    assert answered(both, stated) == pytest.approx(first + second, rel=1e-12)


@given(amounts, amounts, st.sampled_from(POWER), st.sampled_from(TIME))
def test_energy_is_the_same_in_whatever_units_it_is_stated(power: float, time: float, one: str, other: str) -> None:
    stated = Stated(
        power=(power * conversion_factor("W", one), one), time=(time * conversion_factor("s", other), other)
    )
    assert answered(energy, stated) == pytest.approx(power * time, rel=1e-12)
