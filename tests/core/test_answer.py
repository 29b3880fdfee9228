"""What an answer says of itself: plain data, its tree, what it rests on, and what could change it."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest

from waterline.core.answer import Answer, assumption_record
from waterline.core.catalogue import Catalogue
from waterline.core.distribution import Point, Samples, Text, interval
from waterline.core.evaluate import Evaluation
from waterline.core.graph_builder import GraphBuilder
from waterline.core.knowledge import Citation, Leaf
from waterline.core.notebook import HEIGHT, WIDTH, Tree, histogram
from waterline.core.quantity import Role, quantity
from waterline.core.scenario import Scenario
from waterline.core.summary import Summary, summarise, to_show
from waterline.core.trace import record, tree

DAY = date(2025, 1, 27)
chip = Role("chip")


def cited(fact: str) -> Citation:
    return Citation(fact, "Title <1>", "Maker", "https://example.org/?a&b", DAY, DAY, "A", "2 USD")


class World:
    """A price with sources, one of which came later; an assumed share; a text."""

    def stated(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        if attribute == "maker":
            return Leaf(f"{entity}.maker", Text("<nvidia>"), "text", (cited(f"{entity}.maker"),))
        price, late = cited(f"{entity}.price"), cited("late.price")
        return Leaf(f"{entity}.price", Point(2.0), "USD", (price, price), left_out=(late, late))

    attribute = stated

    def assumption(self, name: str) -> Leaf | None:
        return Leaf(name, interval(1.0, None, 4.0), "fraction", reason="because") if name == "share" else None

    def reference(self, entity: str, attribute: str) -> str | None:
        return None

    def entity(self, kind: str, name: str) -> str:
        return name

    def correlations(self) -> dict[tuple[str, str], float]:
        return {}


@quantity("USD", reported=chip, price=chip("USD"), share="fraction", bonus=chip("USD", optional=True))
def spent(price: Samples, share: Samples, bonus: Samples | float = 0.0) -> Samples:
    """Spent.

    spent = price × share + bonus
    """
    return price * share + bonus


@quantity("USD", opaque=True, price=chip("USD"), maker=chip("text"))
def listed(price: Samples, maker: Samples) -> Samples:
    """Listed.

    listed = price, if there is a maker
    """
    return price if maker[0] else -price


class Plain(World):
    """Without facts in the place of formulas."""

    def stated(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        return None if attribute in ("spent", "bonus") else super().stated(entity, attribute, on)


def asked(name: str = "spent") -> Answer:
    catalogue = Catalogue()
    catalogue.add(spent)
    catalogue.add(listed)
    builder = GraphBuilder(catalogue, Plain(), Scenario(DAY))  # type: ignore[arg-type]
    node = builder.add(name, {"chip": "h1"})
    return Answer(name, node, DAY, {"chip": "h1"}, Evaluation(builder.graph(), 4096, 7))


def test_an_answer_as_plain_data() -> None:
    found = asked().to_dict()
    assert {key: found[key] for key in ("quantity", "unit", "as_of", "bindings", "samples", "seed")} == {
        "quantity": "spent", "unit": "USD", "as_of": "2025-01-27", "bindings": {"chip": "h1"}, "samples": 4096,
        "seed": 7,
    }  # fmt: skip
    assert (found["p05"], found["median"], found["p95"]) == pytest.approx((2.0, 4.0, 8.0), rel=2e-3)
    assert found["mean"] == pytest.approx(4 * np.exp((np.log(2) / 1.6448536) ** 2 / 2), rel=2e-3)
    assert [source["fact"] for source in found["sources"]] == ["h1.price"]
    assert [source["fact"] for source in found["left_out"]] == ["late.price"]
    (share,) = found["assumptions"]
    assert share == {
        "name": "share", "value": pytest.approx(2.0), "p05": pytest.approx(1.0), "p95": pytest.approx(4.0),
        "unit": "fraction", "reason": "because", "known": None, "chosen": False,
    }  # fmt: skip


def test_an_answer_in_a_line() -> None:
    interval = r"\(90%: (2|1\.99.|2\.00.) to (8|7\.9..|8\.0..)\)"
    assert re.fullmatch(rf"<Answer spent\(chip=h1\) = \S+ {interval} USD, as of 2025-01-27>", repr(asked()))
    assert re.search(interval, asked().__rich__())
    assert re.search(interval.replace(r"\(", "").replace(r"\)", ""), asked()._repr_html_())
    assert repr(asked("listed")) == "<Answer listed(chip=h1) = 2 USD, as of 2025-01-27>"
    assert asked("listed").__rich__() == "listed(chip=h1) = [bold]2[/bold] USD [dim]as of 2025-01-27[/dim]"
    assert "<svg" not in asked("listed")._repr_html_()
    assert "&lt;1&gt;" in asked("listed")._repr_html_()


def test_the_tree_of_an_answer_is_plain_data_with_the_text_of_texts() -> None:
    answer = asked("listed")
    whole = tree(answer.evaluation, answer.node.id)
    price, maker = whole["inputs"]
    assert (whole["label"], whole["formula"], whole["median"]) == ("Listed", "listed = price, if there is a maker", 2.0)
    assert (price["argument"], price["median"], price["formula"], price["label"]) == ("price", 2.0, "", "")
    assert (maker["text"], maker["median"]) == ("<nvidia>", None)
    assert [source["url"] for source in price["source"]] == ["https://example.org/?a&b"] * 2
    assert "more" not in whole
    assert record(answer.evaluation, answer.node.id)["inputs"] == ["h1.price", "h1.maker"]
    assert tree(answer.evaluation, "h1.price", 0)["inputs"] == []
    assert "more" not in tree(answer.evaluation, "h1.price", 0)
    assert tree(answer.evaluation, answer.node.id, 0)["more"] == 2
    assert [below["inputs"] for below in tree(answer.evaluation, answer.node.id, 1)["inputs"]] == [[], []]
    outline = Tree(whole)
    assert repr(outline).splitlines()[:3] == [
        "listed = 2 USD", "    listed = price, if there is a maker", "  h1.price = 2 USD",
    ]  # fmt: skip
    assert "&lt;nvidia&gt;" in outline._repr_html_()
    assert outline._repr_html_().startswith("<details open>")


def test_an_explanation_lists_what_moves_the_answer() -> None:
    (found,) = asked().explanation()["sensitivity"]
    assert found["name"] == "share"
    assert found["share"] > 0.97
    # The median of the lowest tenth is the 5% point, that of the highest tenth the 95% point.
    assert (found["when_low"], found["when_high"]) == pytest.approx((2.0, 8.0), rel=1e-2)
    assert asked("listed").explanation()["sensitivity"] == []


def test_a_frame_has_a_column_for_the_answer_and_each_uncertain_leaf() -> None:
    frame = asked().to_frame()
    assert list(frame.columns) == ["spent", "share"]
    assert frame.attrs["units"] == {"spent": "USD", "share": "fraction"}
    assert len(asked("listed").to_frame()) == 4096


def test_an_assumption_that_leans_on_a_day_names_it() -> None:
    leaf = Leaf("x", Point(3.0), "USD", reason="r", known=DAY, chosen=True)
    assert assumption_record(leaf) == {
        "name": "x", "value": 3.0, "p05": 3.0, "p95": 3.0, "unit": "USD", "reason": "r", "known": "2025-01-27",
        "chosen": True,
    }  # fmt: skip


def test_a_single_number_is_its_own_summary() -> None:
    found = summarise(np.array([3.0]))
    assert (found.median, found.p05, found.p95, found.mean) == (3.0, 3.0, 3.0, 3.0)


def test_a_histogram_stands_on_its_floor_and_marks_its_middle() -> None:
    samples = np.linspace(0.0, 1.0, 4801)
    picture = histogram(samples)
    heights = [float(height) for height in re.findall(r'height="([\d.]+)"/>', picture)]
    tops = [float(top) for top in re.findall(r' y="([\d.]+)"', picture)]
    places = [float(place) for place in re.findall(r'<rect x="([\d.]+)"', picture)]
    assert len(heights) == 48
    assert max(heights) == HEIGHT - 12
    assert min(heights) > 0.9 * max(heights)  # a uniform distribution is flat
    assert {round(top + height, 1) for top, height in zip(tops, heights, strict=True)} == {HEIGHT - 8.0}
    assert places[:2] == [0.0, pytest.approx(WIDTH / 48, abs=0.06)]
    assert f"M{WIDTH / 2:.1f} 0V{HEIGHT - 1}" in picture
    low, high = ((level - 0.005) / 0.99 * WIDTH for level in (0.05, 0.95))
    assert f"M{low:.1f} {HEIGHT - 4}H{high:.1f}" in picture
    assert histogram(np.array([1.0])) == histogram(np.ones(100)) == ""
    assert histogram(np.array([0.0] * 999 + [1.0])) == ""


def test_an_event_is_shown_by_its_chance_and_a_probability_that_is_uncertain_by_its_range() -> None:
    event = summarise(np.repeat([0.0, 1.0], [25, 75]))
    assert to_show(event, "probability") == Summary(0.75, 0.75, 0.75, 0.75)
    assert to_show(event, "fraction") == event
    uncertain = summarise(np.linspace(0.2, 0.4, 101))
    assert to_show(uncertain, "probability") == uncertain
