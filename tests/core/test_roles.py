"""Roles: filled by the question, followed, by default, renamed; facts in a formula's place; values set and left out."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import pytest

from waterline.core.catalogue import Catalogue
from waterline.core.distribution import Point, Samples, interval
from waterline.core.errors import GraphError, InputError, MissingFactError, UnitError, UnknownNameError
from waterline.core.evaluate import Evaluation
from waterline.core.graph import content_key
from waterline.core.graph_builder import GraphBuilder
from waterline.core.knowledge import Leaf
from waterline.core.quantity import Quantity, Role, of, quantity
from waterline.core.scenario import Scenario, differing, parse_override

DAY = date(2025, 1, 27)
model = Role("model")
chip = Role("chip", follows=(model, "trained_on"))
region = Role("region", default="us")
rival = Role("rival", kind="chip")


class World:
    """Values, some of one day only, references, and what is assumed of a whole kind."""

    values: ClassVar = {
        "m1.hours": (10.0, "hour"), "c1.price": (2.0, "USD/hour"), "c2.price": (4.0, "USD/hour"),
        "us.factor": (1.0, "fraction"), "eu.factor": (3.0, "fraction"), "c1.extra": (5.0, "fraction"),
        "m2.cost": (7.0, "kUSD"), "m2.hours": (10.0, "hour"),
    }  # fmt: skip
    references: ClassVar = {("m1", "trained_on"): "c1", ("m1", "released"): "2024-12-26", ("m1", "successor"): "m2"}
    assumed: ClassVar = {"c2.extra": 9.0}
    free: ClassVar = {"share": (interval(0.1, None, 0.3), "fraction")}

    def stated(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        name = f"{entity}.{attribute}"
        if on is not None and name == "c1.price":
            return Leaf(name, Point(3.0), "USD/hour", reason="test")
        return (
            Leaf(name, Point(self.values[name][0]), self.values[name][1], reason="test")
            if name in self.values
            else None
        )

    def attribute(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        name = f"{entity}.{attribute}"
        return Leaf(name, Point(self.assumed[name]), "fraction", reason="kind") if name in self.assumed else None

    def assumption(self, name: str) -> Leaf | None:
        return Leaf(name, *self.free[name], reason="test") if name in self.free else None

    def reference(self, entity: str, attribute: str) -> str | None:
        return self.references.get((entity, attribute))

    def entity(self, kind: str, name: str) -> str:
        return {"C-1": "c1"}.get(name, name)

    def correlations(self) -> dict[tuple[str, str], float]:
        return {("share", "other"): 0.5}


@quantity("USD", reported=model, hours=model("hour"), price=chip("USD/hour"), factor=region("fraction"))
def cost(hours: Samples, price: Samples, factor: Samples) -> Samples:
    """What it cost,
    in all.

    cost = hours × price
        × factor
    """
    return hours * price * factor


@quantity("USD", hours=model("hour"), price=chip("USD/hour", on=(model, "released")))
def cost_then(hours: Samples, price: Samples) -> Samples:
    """Cost at the price of the day.

    cost_then = hours × price
    """
    return hours * price


@quantity("fraction", cost="USD", rival_cost=of("cost", "USD", chip=rival))
def against(cost: Samples, rival_cost: Samples) -> Samples:
    """Against a rival.

    against = cost ÷ rival_cost
    """
    return cost / rival_cost


@quantity("USD", cost="USD", after=of("cost", "USD", model=model.via("successor")))
def two_models(cost: Samples, after: Samples) -> Samples:
    """With the successor.

    two_models = cost + after
    """
    return cost + after


@quantity("fraction", within=(0.0, 1.0), extra=chip("fraction", optional=True), share="fraction")
def more(share: Samples, extra: Samples | float = 1.0) -> Samples:
    """More.

    more = extra + share
    """
    return extra + share


ALL = (cost, cost_then, against, two_models, more)


def builder(overrides: dict[str, str] | None = None, quantities: tuple[Quantity, ...] = ALL) -> GraphBuilder:
    catalogue = Catalogue()
    for found in quantities:
        catalogue.add(found)
    given = {name: parse_override(name, text) for name, text in (overrides or {}).items()}
    return GraphBuilder(catalogue, World(), Scenario(DAY, {}, given))  # type: ignore[arg-type]


def value(name: str, overrides: dict[str, str] | None = None, **bindings: str) -> float:
    building = builder(overrides)
    node = building.add(name, bindings)
    return float(Evaluation(building.graph(), 16, 1)[node.id][0])


@pytest.mark.parametrize(
    ("name", "bindings", "expected"),
    [
        ("cost", {"model": "m1"}, 20.0),  # the chip that it was trained on, the region by default
        ("cost", {"model": "m1", "chip": "c2"}, 40.0),
        ("cost", {"model": "m1", "chip": "C-1", "region": "eu"}, 60.0),
        ("cost", {"model": "m2", "chip": "c1"}, 7.0),  # reported: kUSD
        ("cost_then", {"model": "m1"}, 30.0),  # the price on the day of release
        ("against", {"model": "m1", "rival": "c2"}, 0.5),
        ("two_models", {"model": "m1"}, 7020.0),
    ],
)
def test_roles_are_filled_followed_and_renamed(name: str, bindings: dict[str, str], expected: float) -> None:
    assert value(name, **bindings) == pytest.approx(expected)


def test_optional_inputs_are_what_is_stated_and_not_what_is_assumed_of_the_kind() -> None:
    share = {"share": "0.5"}
    assert value("more", share, chip="c1") == 5.5
    assert value("more", share, chip="c2") == 1.5
    assert value("more", share) == 1.5  # no chip at all
    assert value("more", share | {"c2.extra": "2"}, chip="c2") == 2.5
    assert value("more", share | {"extra": "3"}, chip="c2") == 3.5
    assert builder().read("c2", "extra", "fraction").leaf == World().attribute("c2", "extra", None)


def test_a_graph_taken_over_is_built_anew_where_something_set_is_looked_for() -> None:
    before = builder()
    for name, chip in (("more", "c1"), ("more", "c2"), ("cost", "c1")):
        before.add(name, {"model": "m1", "chip": chip})
    building = builder({"c2.extra": "2"})
    building.take_over(before, frozenset({"c2.extra"}))
    after = {chip: building.add("more", {"model": "m1", "chip": chip}) for chip in ("c1", "c2")}
    assert before.holds(after["c1"])
    assert [edge.argument for edge in after["c2"].edges] == ["share", "extra"]
    assert before.holds(building.add("cost", {"model": "m1", "chip": "c1"}))


def test_what_is_set_stands_in_place_of_facts_formulas_and_assumptions() -> None:
    building = builder({"m1.cost": "3 kUSD", "share": "0.5", "price": "5 USD/hour", "unused": "1"})
    assert building.add("cost", {"model": "m1"}).id == "m1.cost"
    assert building.add("cost_then", {"model": "m1"}).edges[1].node == "c1.price"
    assert building.used_overrides == {"m1.cost", "price"}
    assert building.replaced("price") == {"c1.price"}
    assert building.replaced("share") == frozenset()
    assert value("cost", {"cost": "2 kUSD"}, model="m1") == 2000.0
    with pytest.raises(UnitError, match=r"--set share: 'share' is in 'fraction', not 'USD'"):
        value("more", {"share": "2 USD"})
    with pytest.raises(GraphError, match="unknown quantity 'unused'"):
        value("unused", {"unused": "1"})


@pytest.mark.parametrize(
    ("name", "bindings", "error", "message"),
    [
        ("cost", {}, GraphError, r"^role 'model' is not filled: say model=ENTITY$"),
        ("two_models", {}, GraphError, r"^role 'model' is not filled"),
        ("two_models", {"model": "m2", "chip": "c1"}, MissingFactError, r"^m2.successor is not known as of 2025-01-27"),
        ("cost", {"model": "m3", "chip": "c1"}, MissingFactError,
         r"^m3.cost is not known as of 2025-01-27, and the formula in its place fails: nothing is known about m3"),
        ("cost", {"model": "m3"}, MissingFactError, r"in its place fails: nothing is known about m3.hours"),
        ("cost_then", {"model": "m2"}, MissingFactError,
         r"^m2.trained_on is not known as of 2025-01-27 \(needed by 'cost_then'\): say chip=ENTITY$"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(name: str, bindings: dict[str, str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        value(name, **bindings)


def test_what_a_question_is_about_names_followed_roles_too() -> None:
    assert builder().bound("cost", {"model": "m1"}) == {"model": "m1", "chip": "c1", "region": "us"}
    assert builder().bound("cost", {"model": "m1", "chip": "C-1"}) == {"model": "m1", "chip": "c1", "region": "us"}
    assert builder().bound("more", {}) == {}
    assert builder().bound("against", {"model": "m1"})["model"] == "m1"


def test_correlations_count_where_both_leaves_are_there_or_taken_over() -> None:
    first, second = builder({"other": "1"}), builder()
    assert second.graph().correlations == {}
    second.add("share", {})
    assert second.graph().correlations == {}
    first._leaf_names.add("other")
    second.take_over(first, frozenset({"other"}))
    assert second.graph().correlations == {("share", "other"): 0.5}


SETS: tuple[dict[str, str], ...] = (
    {}, {"share": "0.5"}, {"share": "0.25"}, {"price": "5 USD/hour"}, {"c1.price": "7 USD/hour", "price": "5 USD/hour"},
    {"m1.cost": "3 kUSD"}, {"cost": "2 kUSD"}, {"extra": "3"}, {"share": "-0.25"},
    {"c2.extra": "2", "share": "0.5"}, {"hours": "20 hour"},
)  # fmt: skip


@pytest.mark.parametrize("before", SETS)
@pytest.mark.parametrize("after", SETS)
def test_a_graph_that_goes_on_from_another_is_the_one_built_afresh(
    before: dict[str, str], after: dict[str, str]
) -> None:
    asked = [("cost", {"model": "m1"}), ("cost_then", {"model": "m1"}), ("more", {"chip": "c2"}),
             ("against", {"model": "m1", "rival": "c2"})]  # fmt: skip
    first, second, afresh = (
        builder({"share": "0.75", **before}),
        builder({"share": "0.75", **after}),
        builder({"share": "0.75", **after}),
    )
    for name, bindings in asked:
        first.add(name, bindings)
    second.take_over(first, differing(second._overrides, first._overrides))
    assert bool(second.moved) == (before != after)
    assert [second.add(name, bindings) for name, bindings in asked] == [afresh.add(*each) for each in asked]
    assert {identity: second.graph().nodes[identity] for identity in afresh.graph().nodes} == afresh.graph().nodes
    assert second.used_overrides == afresh.used_overrides


def test_a_graph_is_walked_from_the_top_each_node_once() -> None:
    building = builder({"share": "0.5"})
    node = building.add("against", {"model": "m1", "rival": "c2"})
    walked = [found.id for found in building.graph().under(node.id)]
    assert walked == [
        "against(model=m1, rival=c2)", "cost(model=m1)", "m1.hours", "c1.price", "us.factor",
        "cost(chip=c2, model=m1)", "c2.price",
    ]  # fmt: skip
    assert [leaf.id for leaf in building.graph().leaves(node.id)] == ["m1.hours", "c1.price", "us.factor", "c2.price"]


def test_the_catalogue_knows_the_roles_of_everything_below() -> None:
    catalogue = builder()._catalogue
    assert [role.name for role in catalogue.roles_of("cost")] == ["model", "chip", "region"]
    assert catalogue.role_names_of("cost") == ("chip", "model", "region")
    assert catalogue.role_names_of("against") == ("chip", "model", "region", "rival")
    assert catalogue.roles() == {"model", "chip", "region", "rival"}
    assert model.via("successor").roots() == {"model"}
    assert chip.roots() == {"chip", "model"}
    with pytest.raises(GraphError, match="unknown quantity 'csot'; did you mean cost"):
        catalogue.find("csot")
    with pytest.raises(GraphError, match="two quantities are called 'cost'"):
        catalogue.add(quantity("USD", hours="hour")(_another()))
    catalogue.add(cost)


def test_quantities_that_need_one_another_have_the_roles_of_all() -> None:
    @quantity("USD", second="USD", price=chip("USD"))
    def first(second: Samples, price: Samples) -> Samples:
        """First.

        first = second + price
        """
        return second + price

    @quantity("USD", first="USD", factor=region("fraction"))
    def second(first: Samples, factor: Samples) -> Samples:
        """Second.

        second = first × factor
        """
        return first * factor

    for asked in (("first", "second"), ("second", "first")):
        catalogue = builder(quantities=(first, second))._catalogue
        assert [catalogue.role_names_of(name) for name in asked] == [("chip", "model", "region")] * 2


def test_a_catalogue_that_grows_forgets_what_it_knew_of_roles() -> None:
    @quantity("USD", cost="USD", size=Role("buyer")("fraction"))
    def bought(cost: Samples, size: Samples) -> Samples:
        """Bought.

        bought = cost × size
        """
        return cost * size

    catalogue = builder(quantities=(cost,))._catalogue
    assert catalogue.roles() == {"model", "chip", "region"}
    assert catalogue.roles_of("cost")
    catalogue.add(bought)
    assert "buyer" in catalogue.roles()
    assert catalogue.role_names_of("bought") == ("buyer", "chip", "model", "region")


def _another() -> Any:
    def cost(hours: Samples) -> Samples:
        """Another.

        cost = hours
        """
        return hours

    return cost


def test_a_declaration_reads_its_documentation_and_has_a_fingerprint() -> None:
    assert cost.label == "What it cost, in all"
    assert cost.equation == "cost = hours × price × factor"
    assert cost.documentation.startswith("What it cost,\nin all.")
    assert more.within == (0.0, 1.0)
    read = quantity("USD", hours=chip("hour"))(_another()).inputs["hours"]
    assert read.attribute == "hours"  # type: ignore[union-attr]
    assert cost(1.0, 2.0, factor=3.0) == 6.0  # type: ignore[arg-type]
    other = quantity("EUR", hours="hour")(_another())
    again = quantity("EUR", hours="hour")(_another())
    assert other.fingerprint == again.fingerprint != quantity("USD", hours="hour")(_another()).fingerprint
    assert len({found.fingerprint for found in ALL}) == len(ALL)
    assert content_key("a", 1) == content_key("a", 1) != content_key("a", 2)


def test_names_that_nobody_knows_are_refused_with_the_nearest() -> None:
    from waterline.core.errors import unknown
    from waterline.core.extras import require

    assert str(unknown("chip", "h8000", ["h800", "h100"])).startswith("unknown chip 'h8000'; did you mean h800")
    assert isinstance(unknown("chip", "zzz", ["h800"]), UnknownNameError)
    assert str(unknown("chip", "zzz", ["h800"])) == "unknown chip 'zzz'"
    assert str(unknown("chip", "h" * 9000, ["h" * 9001])) == f"unknown chip '{'h' * 100}…'"
    require("web", "json")
    with pytest.raises(
        InputError, match=r"this needs nosuch1 and nosuch2: install it with pip install 'waterline\[web\]'"
    ):
        require("web", "nosuch1", "json", "nosuch2")
