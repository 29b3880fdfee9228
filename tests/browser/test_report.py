"""The report in a real browser, from a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from waterline.core.scenario import Scenario
from waterline.report.page import render_report
from waterline.studies.verbs import study


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pages")
    model = study("deepseek-shock", Scenario(date(2026, 11, 24))).model()
    for language in ("en", "zh-Hant", "zh-Hans"):
        (directory / f"{language}.html").write_text(render_report(model, language), encoding="utf-8")
    return directory


def opened(browser: Any, path: Path, width: int) -> tuple[Any, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("file:") else trouble.append(request.url))
    page.goto(path.as_uri())
    return page, trouble


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_its_width_without_errors_or_requests(browser: Any, pages: Path, language: str, width: int) -> None:
    page, trouble = opened(browser, pages / f"{language}.html", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    assert trouble == []
    page.close()


def test_a_number_opens_by_keyboard_down_to_its_sources_and_closes(browser: Any, pages: Path) -> None:
    page, trouble = opened(browser, pages / "en.html", 1280)
    number = page.locator("[data-node]").first
    number.focus()
    page.keyboard.press("Enter")
    panel = page.locator(".panel").first
    panel.wait_for(state="visible")
    assert "training_gpu_hours" in panel.inner_text() or "GPU" in panel.inner_text()
    for _ in range(12):  # open whatever is still closed, level by level, until sources show
        if "DeepSeek-V3 Technical Report" in panel.inner_text():
            break
        closed = panel.locator("[aria-expanded=false]")
        if closed.count() == 0:
            break
        closed.first.focus()
        page.keyboard.press("Enter")
    assert "DeepSeek-V3 Technical Report" in panel.inner_text()
    for _ in range(12):
        if page.locator(".panel:visible").count() == 0:
            break
        page.keyboard.press("Escape")
    assert page.locator(".panel:visible").count() == 0
    assert page.evaluate("document.activeElement.hasAttribute('data-node')")
    assert trouble == []
    page.close()


def test_print_shows_every_number_s_sources(browser: Any, pages: Path) -> None:
    page, _ = opened(browser, pages / "en.html", 1280)
    page.emulate_media(media="print")
    assert page.locator("text=DeepSeek-V3 Technical Report").last.is_visible()
    page.close()
