"""The page of a scan: in each language of the reports, whatever the files are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from waterline.core.scenario import Scenario
from waterline.moat.scan import scan
from waterline.questions.code_base import document, portrait
from waterline.questions.session import default_session, today
from waterline.report.scan_page import scan_page
from waterline.report.wording import table

KERNEL = "#include <cuda_runtime.h>\n__global__ void k() {}\nvoid f() { k<<<1, 1>>>(); cudaFree(p); }\n"


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_the_page_speaks_each_language_of_the_reports(tmp_path: Path, language: str) -> None:
    (tmp_path / "<k>.cu").write_text(KERNEL)
    found = portrait(default_session(), scan(tmp_path, use_memory=False), "hip", Scenario(today(), samples=64))
    report = document(found)
    assert 0 <= report["break_even"]["pays"] <= 1
    assert report["break_even"]["to"] == "mi300x"
    page = scan_page(found, report, language)
    title = {"en": "Does the move pay?", "zh-Hant": "遷移划算嗎？", "zh-Hans": "迁移划算吗？"}[language]
    assert f'<html lang="{language}">' in page
    assert title in page
    assert "<k>.cu" not in page
    assert '<span lang="en">' in page or language == "en"


def test_languages_of_the_page_have_the_same_messages() -> None:
    assert table("scan.en.yaml")["messages"].keys() == table("scan.zh-Hant.yaml")["messages"].keys()
