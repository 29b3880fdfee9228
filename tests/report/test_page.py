"""The report shows what the model says, safely, in every language."""

from __future__ import annotations

import copy
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from waterline.core.scenario import Scenario
from waterline.report.page import environment, render_report
from waterline.report.wording import report_languages, table
from waterline.studies.verbs import study

HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)> =HYPERLINK("http://x")'


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    return study("deepseek-shock", Scenario(date(2026, 11, 24))).model()


@pytest.mark.parametrize("language", report_languages())
def test_every_number_opens_to_a_node_that_is_there(model: dict[str, Any], language: str) -> None:
    page = render_report(model, language)
    data = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert data is not None
    nodes = json.loads(data[1])
    nodes = nodes.get("nodes", nodes) if isinstance(nodes, dict) else nodes
    places = {int(place) for place in re.findall(r'data-node="(\d+)"', page)}
    assert len(places) > 50
    assert max(places) < len(nodes)
    assert "[[" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def test_nothing_is_fetched_and_nothing_runs_inline(model: dict[str, Any]) -> None:
    page = render_report(model, "en")
    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert not re.search(r"<(?:script|img|iframe|link)[^>]+(?:src|href)=[\"']?http", page)
    assert not re.search(r"\son\w+=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))


def test_hostile_text_stays_text(model: dict[str, Any]) -> None:
    wild = copy.deepcopy(model)
    wild["text"]["en"]["title"] = HOSTILE
    for claim in wild["claims"].values():
        claim["text"]["en"] = claim["finding"]["en"] = claim["stated"]["text"] = HOSTILE
        for source in claim["sources"]:
            source["title"], source["url"] = HOSTILE, "javascript:alert(3)"
    for node in wild["nodes"].values():
        node["label"] = HOSTILE
    page = render_report(wild, "en")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page


def test_same_messages_in_both_written_languages() -> None:
    tables = [table(f"{language}.yaml") for language in ("en", "zh-Hant")]
    assert tables[0].keys() == tables[1].keys()


def test_simplified_page_has_no_traditional_characters(model: dict[str, Any]) -> None:
    import opencc

    page = re.sub(r"<script.*?</script>", "", render_report(model, "zh-Hans"), flags=re.DOTALL)
    convert = opencc.OpenCC("t2s").convert
    left = {character for character in page if "\u3400" <= character <= "\u9fff" and convert(character) != character}
    assert left == set()


def test_axes_group_digits_as_the_text_does(model: dict[str, Any]) -> None:
    labels = re.findall(r'<text text-anchor[^>]* opacity="1">([^<]*)</text>', render_report(model, "en"))
    assert "2,000" in labels
    assert [label for label in labels if re.fullmatch(r"[\d.]*\d{4,}", label)] == []


def test_areas_of_the_iceberg_are_in_proportion(model: dict[str, Any]) -> None:
    page = render_report(model, "en")
    drawn = re.findall(r'<polygon class="(?:tip|slice)[^"]*" points="([^"]+)"', page)
    areas = []
    for points in drawn:
        corners = [tuple(float(x) for x in point.split(",")) for point in points.split()]
        pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
        areas.append(abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2)
    parts = [model["iceberg"]["above"], *model["iceberg"]["below"]]
    medians = [model["nodes"][part["node"]]["median"] for part in parts]
    assert len(areas) == len(medians)
    for area, median in zip(sorted(areas), sorted(medians), strict=True):
        assert area / sum(areas) == pytest.approx(median / sum(medians), abs=2e-3)


def test_a_cache_that_cannot_be_written_only_costs_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    for place in (tmp_path / "fresh", tmp_path / "fresh", blocked):  # written, read again, not to be written
        monkeypatch.setenv("WATERLINE_CACHE", str(place))
        environment.cache_clear()
        assert environment().get_template("report.html").name == "report.html"
    assert any((tmp_path / "fresh" / "templates").iterdir())
