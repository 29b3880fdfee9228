"""What makes evaluation fast changes no number: unwatched formulas, blocks of samples, graphs of any depth."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waterline.core import evaluate
from waterline.core.catalogue import Catalogue
from waterline.core.distribution import Point, Samples, Uniform, interval
from waterline.core.draws import draw
from waterline.core.errors import GraphError, NumberError
from waterline.core.evaluate import Evaluation
from waterline.core.graph import Graph, Node
from waterline.core.graph_builder import GraphBuilder
from waterline.core.knowledge import Leaf
from waterline.core.percentiles import percentiles
from waterline.core.quantity import Quantity, quantity
from waterline.core.scenario import Scenario
from waterline.core.signs import keeps_sign, never_divides

DAY = date(2025, 1, 27)


class Assumptions:
    """Free assumptions by name."""

    def __init__(self, **leaves: object) -> None:
        self._leaves = {name: Leaf(name, leaf, "fraction", reason="test") for name, leaf in leaves.items()}  # type: ignore[arg-type]

    def assumption(self, name: str) -> Leaf | None:
        return self._leaves.get(name)

    def correlations(self) -> dict[tuple[str, str], float]:
        return {}


def declared(name: str, arguments: list[str], body: str) -> Quantity:
    scope: dict[str, Callable[..., Samples]] = {}
    exec(f"def {name}({', '.join(arguments)}):\n    return {body}", {"np": np}, scope)
    function = scope[name]
    function.__doc__ = f"Made.\n\n{name} = {body}"
    function.__module__ = "waterline.test"
    return quantity("fraction", **dict.fromkeys(arguments, "fraction"))(function)


def answered(found: list[Quantity], world: Assumptions, samples: int = 1024) -> tuple[Evaluation, str]:
    catalogue = Catalogue()
    for one in found:
        catalogue.add(one)
    builder = GraphBuilder(catalogue, world, Scenario(DAY))  # type: ignore[arg-type]
    node = builder.add(found[-1].name, {})
    return Evaluation(builder.graph(), samples, 1), node.id


@pytest.mark.parametrize(
    ("formula", "safe"),
    [
        (lambda a, b: a * b / (a + 2.0), True),
        (lambda a, b: a**2 // b, True),
        (lambda a, b: a - b, False),
        (lambda a, b: a / -b, False),
        (lambda a, b: a * -1.0, False),
        (lambda a, b: a * 0, False),
        (lambda a, b: a % b, False),
        (lambda a, b: np.log(a), False),
        (lambda a, b: a if b.all() else b, False),
    ],
)
def test_only_sums_products_quotients_and_powers_of_positives_keep_signs(formula: object, safe: bool) -> None:
    assert keeps_sign(formula.__code__) is safe  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("formula", "safe"),
    [
        (lambda a, b: np.where(a > b, a - b, 0.0) * np.log(a) ** 2, True),
        (lambda a, b: a / b, False),
        (lambda a, b: a % b, False),
        (lambda a, b: np.divide(a, b) + a, False),
        (lambda a, b: declared(a, b, ""), False),
        (lambda a, b: sum(part for part in (a, b)), False),
    ],
)
def test_only_what_neither_divides_nor_calls_what_may_goes_without_a_watch(formula: object, safe: bool) -> None:
    assert never_divides(formula.__code__) is safe  # type: ignore[attr-defined]


@pytest.mark.parametrize("low", [1.0, -1.0])
def test_formulas_that_keep_signs_are_watched_where_an_input_may_be_negative(low: float) -> None:
    evaluation, node = answered(
        [declared("ratio", ["a", "b"], "a / b")], Assumptions(a=Point(1.0), b=Uniform(low, 2.0))
    )
    if low > 0:
        np.testing.assert_array_equal(evaluation[node], 1.0 / evaluation["b"])
    else:
        with pytest.raises(NumberError, match=r"ratio divides by a range that spans zero; its inputs: a 1..1, b -0.9"):
            evaluation[node]


@pytest.mark.parametrize(("size", "message"), [(1e200, "not a finite number"), (1e-200, "spans zero")])
def test_numbers_too_large_or_too_small_are_refused_all_the_same(size: float, message: str) -> None:
    square, inverse = declared("square", ["a"], "a * a"), declared("inverse", ["square"], "1.0 / square")
    evaluation, node = answered([square, inverse], Assumptions(a=Point(size)))
    with pytest.raises(NumberError, match=message):
        evaluation[node]


def test_more_samples_than_a_block_holds_are_drawn_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "BLOCK_SAMPLES", 400)
    total = declared("total", ["a", "b"], "a + b")
    evaluation, node = answered([total], Assumptions(a=interval(1.0, None, 3.0), b=Uniform(0.0, 1.0)), 1000)
    assert evaluation[node].shape == (1000,)
    np.testing.assert_array_equal(evaluation[node], evaluation["a"] + evaluation["b"])
    np.testing.assert_array_equal(evaluation["b"][:400], draw("b", 400, 1))
    assert not np.array_equal(evaluation["b"][:200], evaluation["b"][400:600])
    assert evaluation[node].mean() == pytest.approx(2.33, abs=0.05)


def test_what_is_certain_stays_one_number_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "BLOCK_SAMPLES", 400)
    evaluation, node = answered([declared("double", ["a"], "2 * a")], Assumptions(a=Point(3.0)), 1000)
    np.testing.assert_array_equal(evaluation[node], [6.0])


def chain(length: int, leaf: str) -> list[Quantity]:
    """Quantities of which each is the one before, and the first is the leaf."""
    names = [leaf, *(f"q{place}" for place in range(length))]
    return [declared(name, [below], f"{below} * 1.0") for below, name in itertools.pairwise(names)]


def test_a_chain_of_thousands_of_quantities_is_built_and_computed() -> None:
    evaluation, node = answered(chain(3000, "a"), Assumptions(a=Point(3.0)))
    assert evaluation[node][0] == 3.0


def test_what_is_missing_at_the_end_of_a_long_chain_is_named() -> None:
    with pytest.raises(GraphError, match=r"unknown quantity 'zzz' \(needed by 'q0'\)"):
        answered(chain(2000, "zzz"), Assumptions())


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=300), st.integers(0, 3))
def test_percentiles_are_those_of_numpy_to_the_digit(values: list[float], rows: int) -> None:
    samples = np.array([np.roll(values, row) * (row + 1) for row in range(rows + 1)])
    np.testing.assert_array_equal(percentiles(samples), np.percentile(samples, (5, 50, 95), axis=-1))


@given(st.lists(st.sampled_from([1.0, 1.5, 2.0, 2.5]) | st.floats(-10, 10), min_size=1, max_size=200))
def test_equal_samples_keep_their_places_in_the_order(values: list[float]) -> None:
    graph = Graph({"a": Node("a", "a", "fraction", leaf=Leaf("a", Point(1.0), "fraction", reason="test"))})
    evaluation = Evaluation(graph, len(values), 1)
    evaluation.preset({"a": np.array(values)})
    np.testing.assert_array_equal(evaluation.order("a"), np.argsort(values, kind="stable"))
