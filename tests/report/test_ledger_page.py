"""The ledger's page: the picture with its table, every forecast, in three languages."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from waterline.cli.main import main
from waterline.questions.session import default_session
from waterline.report.ledger_page import ledger_page
from waterline.report.wording import report_languages
from waterline.studies.ledger import ledger


@pytest.fixture(scope="module")
def found() -> dict:
    return ledger(default_session(), date(2026, 11, 24), 256, 1).to_dict()


@pytest.mark.parametrize("language", report_languages())
def test_every_forecast_and_the_picture_with_its_table(found: dict, language: str) -> None:
    page = ledger_page(found, language)
    assert f'<html lang="{language}">' in page
    assert '<svg class="chart"' in page
    assert page.count("<tr id=") == len(found["forecasts"])
    assert all(f'<td class="count">{row["n"]}</td>' in page for row in found["scores"]["calibration"])
    assert "<script" not in page


def test_texts_are_no_markup(found: dict) -> None:
    entry = {**found["forecasts"][0], "texts": {"en": "<b>up</b>"}}
    assert "&lt;b&gt;up&lt;/b&gt;" in ledger_page({**found, "forecasts": [entry]}, "en")


def test_before_any_outcome_there_is_no_picture() -> None:
    page = ledger_page(ledger(default_session(), date(2025, 2, 21), 64, 1).to_dict(), "en")
    assert "None has come to its horizon." in page
    assert "<svg" not in page


def test_the_command_writes_a_page_for_each_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "--as-of", "2026-11-24", "--samples", "64", "--json", "--out", str(tmp_path / "pages")]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["n"] >= 14
    assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == [
        "ledger.en.html",
        "ledger.zh-Hans.html",
        "ledger.zh-Hant.html",
    ]
