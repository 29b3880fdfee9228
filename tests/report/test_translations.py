"""Whatever a report can show of the fact base and the catalogue is there in Chinese, and nothing else is."""

from __future__ import annotations

import re
from datetime import date

import pytest

import waterline as wl
from waterline.facts.store import FactBase
from waterline.questions.catalogue import shipped_catalogue
from waterline.report.wording import simplified, table

LABELS = ("quantities.zh-Hant.yaml", "attributes.zh-Hant.yaml")
REASONS = "reasons.zh-Hant.yaml"
HAN = r"[\u3400-\u9fff]"


@pytest.fixture(scope="module")
def facts() -> FactBase:
    return FactBase.load()


def test_every_number_has_a_chinese_label_and_every_label_a_number(facts: FactBase) -> None:
    attributes = [attribute for kind in facts.attributes.values() for attribute in kind.values()]
    numbers = {attribute.name for attribute in attributes if attribute.unit not in ("text", "date")}
    numbers |= {name.rpartition(".")[2] for name in facts.assumptions} | {*shipped_catalogue()}
    labels = {name for file in LABELS for name in table(file)}
    named = numbers | {attribute.name for attribute in attributes}
    assert not numbers - labels, f"no label in {' or '.join(LABELS)}: {', '.join(sorted(numbers - labels))}"
    assert not labels - named, f"labels of nothing: {', '.join(sorted(labels - named))}"


def test_every_reason_is_there_in_chinese_and_no_other(facts: FactBase) -> None:
    assumed = [version for newest in facts.assumptions.values() for version in (newest, *newest.earlier)]
    asked = wl.ask("hours_per_year", as_of=date(2026, 11, 24), set={"hours_per_year": "8000"}, samples=16)
    reasons = {version.reason for version in assumed} | {leaf.reason for leaf in asked.leaves if leaf.chosen}
    translated = {*table(REASONS)}
    assert not reasons - translated, f"not in {REASONS}: {sorted(reasons - translated)}"
    assert not translated - reasons, f"in {REASONS}, and the reason of nothing: {sorted(translated - reasons)}"


@pytest.mark.parametrize("file", [*LABELS, REASONS])
def test_chinese_is_set_as_chinese(file: str) -> None:
    for text in table(file).values():
        assert re.search(HAN, text) or re.fullmatch(r"[A-Z0-9 ]+", text), text
        assert not re.search(rf"{HAN} ?[,;:()?!]|[,;:()?!] ?{HAN}|{HAN} [A-Za-z0-9]|[A-Za-z0-9] {HAN}", text), text


@pytest.mark.parametrize(
    ("traditional", "mainland"),
    [
        ("每顆加速器的儲存容量", "每颗加速器的存储容量"),
        ("分組查詢注意力", "分组查询注意力"),
        ("標準常態數", "标准正态数"),
        ("記憶體與程式碼", "内存与代码"),
        ("計畫的執行率", "计划的执行率"),
        ("內嵌PTX指令的核心函式庫", "内嵌PTX指令的核函数库"),
        ("2024年第三季營收年增112%", "2024年第三季度营收同比增长112%"),
        ("「類比」的推論", "“类比”的推理"),
        ("新增的核心交換器", "新增的核心交换机"),
    ],
)
def test_a_mainland_reader_finds_the_terms_of_the_field(traditional: str, mainland: str) -> None:
    assert simplified(traditional) == mainland
