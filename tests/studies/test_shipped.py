"""Every shipped study: it runs from data alone, in both written languages, and refers only to numbers that it has."""

from __future__ import annotations

import re
from datetime import date

import pytest

from waterline.core.scenario import Scenario
from waterline.studies.read import SHIPPED, WRITTEN_LANGUAGES, shipped_studies
from waterline.studies.verbs import study

TODAY = date(2026, 11, 24)


def texts(part: object) -> list[str]:
    if isinstance(part, dict):
        return [text for below in part.values() for text in texts(below)]
    if isinstance(part, list):
        return [text for below in part for text in texts(below)]
    return [part] if isinstance(part, str) else []


@pytest.mark.parametrize("name", shipped_studies())
def test_a_study_is_data_and_complete(name: str) -> None:
    assert not list((SHIPPED / name).glob("*.py"))
    model = study(name, Scenario(TODAY, samples=1024)).model()
    assert set(model["text"]) == set(WRITTEN_LANGUAGES)
    for entry in model["claims"].values():
        assert set(entry["text"]) == set(entry["finding"]) == set(WRITTEN_LANGUAGES), entry["id"]
    written = texts(model["text"]) + [text for entry in model["claims"].values() for text in texts(entry["finding"])]
    assert {key for text in written for key in re.findall(r"\[\[(.+?)\]\]", text)} <= set(model["numbers"])
    words = {text for entry in model["claims"].values() for text in (entry["stated"]["text"], entry["shown"])}
    words |= {figure["text"] for figure in (model["definitions"] or {"figures": []})["figures"]}
    translated = set(model["text"]["zh-Hant"]["phrases"])
    assert {text for text in words if re.search("[a-z]{2}", text)} <= translated <= words


def test_a_second_headline_needs_no_code() -> None:
    found = study("r1-294k", Scenario(TODAY))
    verdicts = {name: decision.judgement.verdict for name, decision in found.result.decisions.items()}
    assert (verdicts["C1"], verdicts["C4"], verdicts["C5"]) == ("supported", "contradicted", "contradicted")
    assert found.earlier is not None
    assert found.earlier.decisions["C1"].judgement.reason == "nothing-known"  # the paper appeared later
