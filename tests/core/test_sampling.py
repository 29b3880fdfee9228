"""Draws, what is kept of them, and what they say about the inputs that matter."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waterline.core.distribution import Point, interval
from waterline.core.draws import draw, draw_correlated
from waterline.core.errors import InputError
from waterline.core.evaluate import Evaluation, SampleMemory
from waterline.core.graph import Graph, Node
from waterline.core.knowledge import Leaf
from waterline.core.scenario import Scenario, parse_magnitude
from waterline.core.sensitivity import influences, variance_share


def test_draws_are_the_same_for_ever() -> None:
    # Figures already published would change with these.
    assert draw("h800.rental_price", 4, 1) == pytest.approx([0.9735261939, 0.1353786178, 0.3267586340, 0.6007640822])
    assert not np.array_equal(draw("a", 8, 1, 0), draw("a", 8, 1, 1))
    assert draw("a", 1, 1).shape == (1,)


@given(st.floats(-0.95, 0.95))
def test_rank_correlation_is_as_stated_either_way(rank: float) -> None:
    drawn = draw_correlated(["b", "a", "c"], {("a", "b"): rank}, 4096, 1)
    assert set(drawn) == {"a", "b", "c"}
    ranks = {name: np.argsort(np.argsort(values)) for name, values in drawn.items()}
    assert np.corrcoef(ranks["a"], ranks["b"])[0, 1] == pytest.approx(rank, abs=0.05)
    assert np.corrcoef(ranks["a"], ranks["c"])[0, 1] == pytest.approx(0.0, abs=0.05)


def test_samples_are_held_up_to_a_size_the_latest_longest() -> None:
    memory = SampleMemory(limit=8 * 10)
    for name in (b"a", b"b"):
        memory.put(name, np.ones(5))
    assert memory.get(b"a") is not None  # used: b is now the oldest
    memory.put(b"c", np.ones(5))
    assert (memory.get(b"a") is None, memory.get(b"b") is None, memory.get(b"c") is None) == (False, True, False)
    memory.put(b"c", np.ones(1))  # replaced by a smaller one: there is room for four more
    memory.put(b"d", np.ones(4))
    assert memory.get(b"a") is not None
    memory.put(b"e", np.ones(100))  # the last one is held whatever its size
    assert memory.get(b"e") is not None
    assert memory.get(b"d") is None
    held = memory.get(b"e")
    assert held is not None
    with pytest.raises(ValueError, match="read-only"):
        held[0] = 2.0


def test_what_was_worked_out_is_held_up_to_a_number() -> None:
    memory, made = SampleMemory(derived=2), []
    for name in ("a", "b", "a", "c", "a", "b"):
        memory.derived(("x", name, b""), lambda name=name: made.append(name))
    assert made == ["a", "b", "c", "b"]


def test_shares_of_the_variance_of_a_sum() -> None:
    # y = 2 a + b with uniform a and b: 4/5 and 1/5 of the variance.
    a, b, other = (draw(name, 8192, 1) for name in "abc")
    answer = 2 * a + b
    assert [variance_share(leaf, answer) for leaf in (a, b, other)] == pytest.approx([0.8, 0.2, 0.0], abs=0.01)
    few = draw("a", 64, 1)
    assert variance_share(few, few) == pytest.approx(1.0, abs=0.09)
    assert variance_share(draw("b", 64, 1), few) < 0.3


def test_influences_leave_out_what_is_certain() -> None:
    leaves = {name: Node(name, name, "USD", leaf=Leaf(name, leaf, "USD", reason="r"))
              for name, leaf in (("a", interval(1.0, None, 3.0)), ("b", Point(1.0)))}  # fmt: skip
    evaluation = Evaluation(Graph(leaves), 1024, 1)
    assert influences(evaluation, "b") == []
    (found,) = influences(evaluation, "a")
    tenth = np.sort(evaluation["a"])[:102]
    assert found.when_low == np.median(tenth)
    assert found.when_high == np.median(np.sort(evaluation["a"])[-102:])


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [("1e3 x", 1000.0, "x"), ("2K", 2000.0, ""), ("3 B", 3e9, ""), ("1_000.5", 1000.5, ""), (".5", 0.5, ""),
     ("+2. USD", 2.0, "USD"), ("5% rest", 0.05, "rest"), ("2 MW", 2.0, "MW")],
)  # fmt: skip
def test_numbers_read_with_their_multiples(text: str, number: float, rest: str) -> None:
    assert parse_magnitude(text) == (pytest.approx(number), rest)


def test_sample_counts_from_16_to_ten_million() -> None:
    day = date(2025, 1, 1)
    assert Scenario(day, samples=16).samples == 16
    assert Scenario(day, samples=10_000_000).seed == 1
    assert Scenario(day).samples == 8192
    for count in (15, 10_000_001):
        with pytest.raises(InputError, match="samples must be between 16 and 10,000,000"):
            Scenario(day, samples=count)
