"""The graph: draws, units, errors, recomputation, sensitivity."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from waterline.core.catalogue import Catalogue
from waterline.core.dimensions import run_with_units
from waterline.core.distribution import Distribution, Point, Samples, Uniform, interval
from waterline.core.draws import draw, draw_correlated
from waterline.core.errors import GraphError, InputError, MissingFactError, NumberError, UnitError
from waterline.core.evaluate import Evaluation, SampleMemory
from waterline.core.graph_builder import GraphBuilder
from waterline.core.knowledge import Leaf
from waterline.core.quantity import Quantity, Role, of, quantity
from waterline.core.scenario import Scenario, parse_override
from waterline.core.sensitivity import influences, variance_share
from waterline.core.trace import tree

DAY = date(2025, 1, 27)
chip, rival = Role("chip"), Role("rival", kind="chip")
CALLS: list[str] = []


class World:
    """A small fact base: values by name."""

    def __init__(
        self, stated_correlations: dict[tuple[str, str], float] | None = None, **leaves: tuple[Distribution, str]
    ):
        self._leaves = {
            name.replace("__", "."): Leaf(name.replace("__", "."), *leaf, reason="test")
            for name, leaf in leaves.items()
        }
        self._correlations = stated_correlations or {}

    def attribute(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        return self._leaves.get(f"{entity}.{attribute}")

    stated = attribute

    def assumption(self, name: str) -> Leaf | None:
        return self._leaves.get(name)

    def reference(self, entity: str, attribute: str) -> str | None:
        return None

    def entity(self, kind: str, name: str) -> str:
        return name

    def correlations(self) -> dict[tuple[str, str], float]:
        return self._correlations


@quantity("USD", hours="hour", price=chip("USD/hour"))
def rent(hours: Samples, price: Samples) -> Samples:
    """Rent.

    rent = hours × price
    """
    CALLS.append("rent")
    return hours * price


@quantity("USD", rent="USD", other="USD")
def total(rent: Samples, other: Samples) -> Samples:
    """Total.

    total = rent + other
    """
    CALLS.append("total")
    return rent + other


@quantity("fraction", rent="USD", rival_rent=of("rent", "USD", chip=rival))
def ratio(rent: Samples, rival_rent: Samples) -> Samples:
    """Ratio.

    ratio = rent ÷ rival_rent
    """
    return rent / rival_rent


WORLD = World(
    hours=(interval(1.0, None, 3.0), "hour"),
    h800__price=(interval(1.0, None, 4.0), "USD/hour"),
    h20__price=(Point(2.0), "USD/hour"),
    other=(Uniform(0.0, 1.0), "USD"),
)


def catalogue(*quantities: Quantity) -> Catalogue:
    made = Catalogue()
    for found in quantities:
        made.add(found)
    return made


def evaluated(
    name: str, *quantities: Quantity, world: World = WORLD, memory: SampleMemory | None = None,
    overrides: dict[str, str] | None = None, **bindings: str,
) -> tuple[Evaluation, str]:  # fmt: skip
    given = {key: parse_override(key, text) for key, text in (overrides or {}).items()}
    scenario = Scenario(DAY, bindings, given)
    builder = GraphBuilder(catalogue(*quantities), world, scenario)
    node = builder.add(name, bindings)
    return Evaluation(builder.graph(), scenario.samples, scenario.seed, memory), node.id


def test_each_stratum_holds_one_draw_and_names_decide() -> None:
    first = draw("a", 1024, 1)
    assert sorted(np.floor(first * 1024)) == list(range(1024))
    assert np.array_equal(first, draw("a", 1024, 1))
    assert abs(np.corrcoef(first, draw("b", 1024, 1))[0, 1]) < 0.12
    assert not np.array_equal(first, draw("a", 1024, 2))


def test_stated_rank_correlation_is_reached() -> None:
    drawn = draw_correlated(["a", "b"], {("a", "b"): 0.8}, 8192, 1)
    ranks = [np.argsort(np.argsort(drawn[name])) for name in "ab"]
    assert np.corrcoef(*ranks)[0, 1] == pytest.approx(0.8, abs=0.02)


def test_contradictory_correlations_are_refused() -> None:
    with pytest.raises(InputError, match="contradict"):
        draw_correlated("abc", {("a", "b"): 0.95, ("b", "c"): 0.95, ("a", "c"): -0.95}, 64, 1)


def test_correlated_leaves_correlate_in_an_answer() -> None:
    world = World(
        {("h20.price", "h800.price"): 0.9},
        hours=(Point(1.0), "hour"), h800__price=(interval(1.0, None, 4.0), "USD/hour"),
        h20__price=(interval(1.0, None, 4.0), "USD/hour"),
    )  # fmt: skip
    tied, node = evaluated("ratio", rent, ratio, world=world, chip="h800", rival="h20")
    loose, _ = evaluated("ratio", rent, ratio, world=World(
        hours=(Point(1.0), "hour"), h800__price=(interval(1.0, None, 4.0), "USD/hour"),
        h20__price=(interval(1.0, None, 4.0), "USD/hour"),
    ), chip="h800", rival="h20")  # fmt: skip
    assert np.std(np.log(tied[node])) < 0.6 * np.std(np.log(loose[node]))


def test_samples_kept_from_before_a_correlation_was_stated_are_not_taken() -> None:
    price = (interval(1.0, None, 4.0), "USD/hour")
    memory, leaves = SampleMemory(), {"hours": (Point(1.0), "hour"), "h800__price": price, "h20__price": price}
    loose, node = evaluated("ratio", rent, ratio, world=World(**leaves), memory=memory, chip="h800", rival="h20")
    tied, _ = evaluated("ratio", rent, ratio, world=World({("h20.price", "h800.price"): 0.9}, **leaves), memory=memory,
                        chip="h800", rival="h20")  # fmt: skip
    assert np.std(np.log(tied[node])) < 0.6 * np.std(np.log(loose[node]))


def test_samples_of_a_sum_are_the_sum_of_samples() -> None:
    evaluation, node = evaluated("total", rent, total, chip="h800")
    hours, price, other = (evaluation[name] for name in ("hours", "h800.price", "other"))
    np.testing.assert_allclose(evaluation[node], hours * price + other)


def test_a_role_can_be_filled_twice_in_one_graph() -> None:
    evaluation, node = evaluated("ratio", rent, ratio, chip="h800", rival="h20")
    np.testing.assert_allclose(evaluation[node], evaluation["h800.price"] / 2.0)


def test_units_are_converted_on_the_edges() -> None:
    world = World(hours=(Point(2.0), "day"), h800__price=(Point(3.0), "USD/minute"))
    evaluation, node = evaluated("rent", rent, world=world, chip="h800")
    assert evaluation[node][0] == pytest.approx(2 * 24 * 60 * 3)


def test_only_what_changed_is_computed_again() -> None:
    memory = SampleMemory()
    evaluation, node = evaluated("total", rent, total, memory=memory, chip="h800")
    evaluation[node]
    CALLS.clear()
    again, node = evaluated("total", rent, total, memory=memory, chip="h800", overrides={"other": "5 USD"})
    again[node]
    assert CALLS == ["total"]


def test_unit_clash_names_quantity_input_and_both_units() -> None:
    world = World(hours=(Point(1.0), "kilogram"), h800__price=(Point(1.0), "USD/hour"))
    with pytest.raises(UnitError, match=r"'rent' takes 'hours' in 'hour', but 'hours' is in 'kilogram'"):
        evaluated("rent", rent, world=world, chip="h800")


def test_formula_of_the_wrong_dimension_is_refused() -> None:
    @quantity("USD", hours="hour")
    def wrong(hours: Samples) -> Samples:
        """Wrong.

        wrong = hours
        """
        return hours

    with pytest.raises(UnitError, match=r"'wrong' declares 'USD'"):
        evaluated("wrong", wrong)


def test_formula_of_the_wrong_scale_is_refused() -> None:
    @quantity("day", hours="hour")
    def days(hours: Samples) -> Samples:
        """Days.

        days = hours
        """
        return hours

    with pytest.raises(UnitError, match="mixes scales"):
        evaluated("days", days)


def test_a_formula_that_is_no_number_where_its_units_are_tried_is_left_to_its_real_inputs() -> None:
    @quantity("fraction", share="fraction")
    def logarithm(share: Samples) -> Samples:
        """Logarithm.

        logarithm = log(share − 1)
        """
        return np.log(share - 1.0)

    run_with_units(logarithm)


def test_circle_is_shown() -> None:
    @quantity("USD", second="USD")
    def first(second: Samples) -> Samples:
        """First.

        first = second
        """
        return second

    @quantity("USD", first="USD")
    def second(first: Samples) -> Samples:
        """Second.

        second = first
        """
        return first

    with pytest.raises(GraphError, match="first → second → first"):
        evaluated("first", first, second)


@pytest.mark.parametrize(
    ("name", "bindings", "error", "message"),
    [
        ("rnet", {"chip": "h800"}, GraphError, "unknown quantity 'rnet'; did you mean rent"),
        ("rent", {}, GraphError, r"role 'chip' is not filled \(needed by 'rent'\)"),
        ("rent", {"chip": "h100"}, MissingFactError, r"nothing is known about h100.price as of 2025-01-27"),
    ],
)
def test_what_cannot_be_built_is_named(
    name: str, bindings: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        evaluated(name, rent, **bindings)


@pytest.mark.parametrize("divisor", [Uniform(-1.0, 2.0), Point(0.0)])
def test_division_by_a_range_that_spans_zero_is_refused(divisor: Distribution) -> None:
    world = World(hours=(Point(1.0), "hour"), h800__price=(Point(1.0), "USD/hour"), h20__price=(divisor, "USD/hour"))
    evaluation, node = evaluated("ratio", rent, ratio, world=world, chip="h800", rival="h20")
    with pytest.raises(NumberError, match=r"ratio.* divides by a range that spans zero.*rival_rent -?\d"):
        evaluation[node]


def test_not_a_number_is_refused() -> None:
    @quantity("fraction", share="fraction")
    def root(share: Samples) -> Samples:
        """Root.

        root = √share
        """
        return np.sqrt(share)

    evaluation, node = evaluated("root", root, world=World(share=(Uniform(-1.0, 1.0), "fraction")))
    with pytest.raises(NumberError, match=r"root is not a finite number for some samples; its inputs: share -"):
        evaluation[node]


def test_variance_shares_of_the_ishigami_function() -> None:
    """Ishigami & Homma 1990, a = 7, b = 0.1: first-order indices 0.3139, 0.4424, 0."""
    x = [np.pi * (2 * draw(name, 2**15, 3) - 1) for name in "abc"]
    y = np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    shares = [variance_share(leaf, y) for leaf in x]
    assert shares == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)


def test_influences_are_of_uncertain_leaves_largest_first() -> None:
    evaluation, node = evaluated("total", rent, total, chip="h800")
    found = influences(evaluation, node)
    assert next(influence.name for influence in found) == "h800.price"
    assert all(influence.when_low < influence.when_high for influence in found)


def test_tree_goes_down_to_reasons_and_stops_at_depth() -> None:
    evaluation, node = evaluated("total", rent, total, chip="h800")
    whole = tree(evaluation, node)
    assert [entry["argument"] for entry in whole["inputs"]] == ["rent", "other"]
    assert whole["inputs"][0]["inputs"][0]["assumption"]["reason"] == "test"
    assert tree(evaluation, node, 0) == {**whole, "inputs": [], "more": 2}


def test_declaration_must_match_the_function() -> None:
    with pytest.raises(GraphError, match="declared inputs"):

        @quantity("USD", hours="hour")
        def lost(price: Samples) -> Samples:
            """Lost.

            lost = price
            """
            return price


def test_undocumented_formula_is_refused() -> None:
    with pytest.raises(GraphError, match="docstring needs"):

        @quantity("USD", price="USD")
        def bare(price: Samples) -> Samples:
            return price
