"""Claims of one study that cannot both be true."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from waterline.core.errors import InputError
from waterline.core.scenario import Scenario
from waterline.report.page import render_report
from waterline.studies.read import shipped_studies
from waterline.studies.verbs import StudyRun, study

TODAY = date(2026, 11, 24)
FILE = """\
name: two-sides
claims:
  C1: {publisher: %s, stated: {text: x, %s}, comparator: %s, quantity: h800.rental_price}
  C2: {publisher: Two, stated: {text: x, %s}, comparator: %s, quantity: %s}
text:
  en: {title: Two sides, claims: {C1: {text: a}, C2: {text: b}}}
"""


def run(tmp_path: Path, first: str, second: str, asked: str = "h800.rental_price", one: str = "One") -> StudyRun:
    path = tmp_path / "two-sides.yaml"
    path.write_text(FILE % (one, *first.split(" @"), *second.split(" @"), asked), "utf-8")
    return study(str(path), Scenario(TODAY, samples=64))


@pytest.mark.parametrize(
    ("first", "second", "contradicts"),
    [
        ("value: 10 @above", "value: 5 @below", True),
        ("value: 10 @above", "value: 20 @below", False),
        ("value: 10 @at-least", "value: 10 @at-most", False),
        ("value: 10 @above", "value: 10 @at-most", True),
        ("value: 6, step: 1 @equals", "value: 6.5 @at-least", False),
        ("value: 6, step: 1 @equals", "value: 7 @at-least", True),
        ("value: 10 @about", "value: 13 @above", True),
        ("low: 1, high: 2 @between", "value: 3, unit: USD/hour @above", True),
        ("value: 10, unit: USD/hour @above", "value: 5, unit: USD/day @below", True),
        ("value: 1, unit: USD/hour @above", "value: 30, unit: USD/day @below", False),
    ],
)
def test_stated_values_without_a_common_answer(tmp_path: Path, first: str, second: str, contradicts: bool) -> None:
    found = run(tmp_path, first, second).contradictions
    assert bool(found) is contradicts


def test_other_questions_do_not_contradict(tmp_path: Path) -> None:
    assert not run(tmp_path, "value: 10 @above", "value: 5 @below", "h100-sxm.rental_price").contradictions


def test_two_publishers_are_listed_with_their_places(tmp_path: Path) -> None:
    found = run(tmp_path, "value: 10 @above", "value: 5 @below")
    (pair,) = found.document()["contradictions"]
    assert pair["claims"] == ["C1", "C2"]
    assert [place.rsplit(":", 1)[1] for place in pair["places"]] == ["3", "4"]
    assert "above 10" in pair["text"]
    assert 'id="contradictions"' in render_report(found.model(), "zh-Hant")


def test_one_publisher_is_refused_with_both_places(tmp_path: Path) -> None:
    found = run(tmp_path, "value: 10 @above", "value: 5 @below", one="Two")
    with pytest.raises(
        InputError, match=r"two-sides.yaml:4: claims C1 .*:3: above 10.* and C2 .*'Two' is given for both"
    ):
        found.model()


@pytest.mark.parametrize("name", shipped_studies())
def test_shipped_studies_do_not_contradict_themselves(name: str) -> None:
    assert study(name, Scenario(TODAY, samples=64)).contradictions == []
