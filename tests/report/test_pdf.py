"""The printed report: in every language, on both papers, the same bytes each time, and clear about what it needs."""

from __future__ import annotations

import contextlib
import re
import zlib
from datetime import date
from typing import Any

import pytest

from waterline.core.errors import InputError
from waterline.core.scenario import Scenario
from waterline.report.view import View
from waterline.report.wording import report_languages, wording
from waterline.studies.verbs import study

typst = pytest.importorskip("typst")

from waterline.report import pdf  # noqa: E402

HAS_CHINESE = any("CJK" in family for family in typst.Fonts().families())


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    return study("deepseek-shock", Scenario(date(2026, 11, 24))).model()


def sheet(content: bytes) -> list[float]:
    """Width and height of the pages, in points."""
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            content += zlib.decompress(packed)
    found = re.search(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert found is not None
    return [float(size) for size in found.groups()]


@pytest.mark.parametrize("language", report_languages())
def test_every_language_is_set(model: dict[str, Any], language: str) -> None:
    if language != "en" and not HAS_CHINESE:
        pytest.skip("no Chinese font on this machine (Debian: apt-get install fonts-noto-cjk)")
    assert pdf.render_pdf(model, language).startswith(b"%PDF")


def test_papers_differ_and_the_same_report_has_the_same_bytes(model: dict[str, Any]) -> None:
    pages = {paper: pdf.render_pdf(model, "en", paper) for paper in ("a4", "letter")}
    assert pdf.render_pdf(model, "en", "a4") == pages["a4"]
    assert sheet(pages["letter"]) == [612, 792]
    assert sheet(pages["a4"]) == pytest.approx([595.28, 841.89], abs=0.01)


def test_pictures_and_sources_lose_nothing_on_paper(model: dict[str, Any]) -> None:
    written = pdf.document(View(model, wording("en")))
    tables = [drawn for section in written["sections"] for drawn in section["pictures"]]
    for picture in model["pictures"]:
        table = next(table for table in tables if table["title"] == picture["text"]["en"]["title"])
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
        cells = [cell for row in table["rows"] for cell in row[table["heads"] :]]
        assert len(cells) == len(picture["rows"])
        assert ("–", "") not in cells
    cited = {place for claim in written["claims"] for place in claim["sources"]}
    assert cited
    assert cited <= set(range(1, len(written["sources"]) + 1))
    title = model["text"]["en"]["sections"]["conclusion"]["title"]
    conclusion = next(section for section in written["sections"] if section["title"] == title)
    assert len(conclusion["body"]) == model["text"]["en"]["sections"]["conclusion"]["body"].strip().count("\n\n") + 1


def test_a_machine_without_a_chinese_font_is_told_what_to_install(
    model: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bare:
        def families(self) -> list[str]:
            return ["Libertinus Serif", "DejaVu Sans"]

    monkeypatch.setattr(typst, "Fonts", Bare)
    with pytest.raises(InputError, match="no Chinese font was found for zh-Hant: install Noto CJK"):
        pdf.render_pdf(model, "zh-Hant")
