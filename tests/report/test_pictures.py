"""A picture in a study file becomes a drawing with its table; a wrong one is refused with its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from waterline.core.errors import InputError
from waterline.report import chart
from waterline.report.inline_drawing import inline_drawing
from waterline.report.page import render_report
from waterline.studies.verbs import study

STUDY = """\
name: pictures
as_of: 2026-11-24
bindings: {model: deepseek-v3}
sections: {cost: [C1]}
claims:
  C1: {kind: estimate, stated: {text: "$6M", value: 6.0e+6, step: 1.0e+6, unit: USD}, comparator: about,
       quantity: rental_cost, bindings: {chip: h800}}
pictures:
  by-chip:
    chart: ranges
    section: cost
    rows: {quantity: [rental_cost, ownership_cost], over: {chip: [h800, h100-sxm]}}
  by-price:
    chart: curve
    section: cost
    rows: {quantity: rental_cost, over: {rental_price: "1:3 USD/hour:5"}, bindings: {chip: h800}}
text:
  en:
    title: Pictures
    pictures: {by-chip: {title: "Two <b>chips</b>", caption: Same run., names: {h800: The H800}}}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("study") / "pictures.yaml"
    path.write_text(STUDY, "utf-8")
    return study(str(path)).model()


def test_rows_over_entities_open_to_their_nodes(model: dict[str, Any]) -> None:
    rows = model["pictures"][0]["rows"]
    assert [(row["at"]["chip"]["id"], row["quantity"]) for row in rows] == [
        (chip, quantity) for chip in ("h800", "h100-sxm") for quantity in ("rental_cost", "ownership_cost")
    ]
    for row in rows:
        assert model["nodes"][row["node"]]["median"] == pytest.approx(row["median"])


def test_rows_over_values_follow_the_values(model: dict[str, Any]) -> None:
    rows = model["pictures"][1]["rows"]
    assert [row["at"]["rental_price"]["value"] for row in rows] == pytest.approx([1.0, 1.5, 2.0, 2.5, 3.0])
    assert rows[4]["median"] == pytest.approx(3 * rows[0]["median"])


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_a_picture_is_drawn_named_and_tabled(model: dict[str, Any], language: str) -> None:
    page = render_report(model, language)
    assert page.count('<svg class="chart"') == 2
    assert "<b>chips</b>" not in page
    assert "Two &lt;b&gt;chips" in page
    assert 'aria-labelledby="picture-by-chip-title picture-by-chip-desc"' in page
    assert "style=" not in page.split("<main>")[1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("section: cost\n    rows: {quantity: [", "section: price\n    rows: {quantity: [", "unknown section 'price'"),
        ("[h800, h100-sxm]", "[h800, h100-sxn]", "h100-sxm"),
        ("  by-chip:", "  'x y':", "picture id"),
        ('"1:3 USD/hour:5"', '"3:x:5"', "number"),
    ],
)
def test_a_wrong_picture_names_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(STUDY.replace(old, new), "utf-8")
    with pytest.raises(InputError, match=r"wrong\.yaml:\d+") as refused:
        study(str(path)).model()
    assert said in str(refused.value)


def test_an_unknown_chart_is_refused(model: dict[str, Any]) -> None:
    wild = {**model, "pictures": [{**model["pictures"][0], "chart": "../theme"}]}
    with pytest.raises(InputError, match="unknown chart"):
        render_report(wild, "en")


def test_a_drawing_is_the_same_whatever_was_drawn_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {"x": {"field": "a", "type": "quantitative"}, "color": {"field": "b", "type": "quantitative"}}
    bars = {"data": {"values": [{"a": 1, "b": 2}]}, "mark": {"type": "bar", "clip": True}, "encoding": seen}
    drawn = []
    for cache in ("first", "second"):
        monkeypatch.setenv("WATERLINE_CACHE", str(tmp_path / cache))
        chart._drawn.cache_clear()
        drawn.append(chart.drawing(bars))
    assert drawn[0] == drawn[1]
    assert len(set(re.findall(r'id="([^"]+)"', drawn[0]))) == 2  # a clip and a gradient
    assert set(re.findall(r"url\(#([^)]+)\)", drawn[0])) == set(re.findall(r'id="([^"]+)"', drawn[0]))


def test_a_drawing_in_the_page_keeps_the_digits_that_are_read() -> None:
    svg = '<svg class="marks" width="9" height="9" viewBox="0 0 9 9"><text x="1.23456">−3.388%</text></svg>'
    assert '<text x="1.23">−3.388%</text>' in inline_drawing(svg, "id", "title", "description")
