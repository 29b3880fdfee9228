"""`waterline facts`: find, show, check, add."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command import run
from facts.conftest import chip, fact

Write = Callable[..., Path]


def test_find_and_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert "h800.mem_bw" in run(capsys, "facts", "find", "h800", "--limit", "100")[1]
    code, out, _ = run(capsys, "facts", "show", "h800.mem_bw", "--json")
    assert code == 0
    assert "3350" in out.replace(",", "") or "3.35e" in json.dumps(json.loads(out))


def test_shipped_facts_pass_their_checks(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "facts", "check")
    assert code == 0
    assert "0 errors" in out


def test_unknown_entity_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "facts", "show", "h8000")
    assert code == 2
    assert "did you mean h800" in err


ADD = [
    "facts", "add", "h1.stock", "--value", "5", "--unit", "count", "--valid", "2025-01-01", "--known", "2025-01-02",
    "--source", "sheet", "--trust", "B",
]  # fmt: skip


def test_add_keeps_comments_and_order(
    capsys: pytest.CaptureFixture[str], small: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = small(a="# kept\n" + chip("h1", bf16_flops=[fact("value: 1.0e+14")]))
    monkeypatch.setenv("WATERLINE_FACTS", str(own))
    (own / "attributes" / "a.yaml").write_text("chip:\n  stock: {meaning: Units sold, unit: count, estimate: latest}\n")
    code, _, err = run(capsys, *ADD)
    assert code == 0, err
    text = (own / "chip" / "a.yaml").read_text()
    assert text.startswith("# kept\n")
    assert text.index("bf16_flops:") < text.index("stock:")
    assert run(capsys, *ADD)[0] == 2  # the same fact a second time


def test_adding_goes_on_where_it_was_cut_off(
    capsys: pytest.CaptureFixture[str], small: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = small(a=chip("h1", bf16_flops=[fact("value: 1.0e+14")]))
    monkeypatch.setenv("WATERLINE_FACTS", str(own))
    (own / "attributes" / "a.yaml").write_text("chip:\n  stock: {meaning: Units sold, unit: count, estimate: latest}\n")
    described = ["--source-title", "List", "--source-publisher", "Maker", "--source-date", "2025-01-02", "--source-url",
                 "https://example.org/list"]  # fmt: skip
    words = [word if word != "sheet" else "list" for word in ADD] + described
    (own / "sources" / "a.yaml").open("a").write(
        "list: {date: 2025-01-02, publisher: Maker, title: List, url: 'https://example.org/list'}\n"
    )
    code, _, err = run(capsys, *words)
    assert code == 0, err
    words[words.index("List")] = "Another"
    words[words.index("5")] = "6"
    assert "exists already: List" in run(capsys, *words)[2]


def test_add_refuses_what_is_wrong_and_leaves_the_file(
    capsys: pytest.CaptureFixture[str], small: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = small(a=chip("h1", bf16_flops=[fact("value: 1.0e+14")]))
    monkeypatch.setenv("WATERLINE_FACTS", str(own))
    (own / "attributes" / "a.yaml").write_text("chip:\n  stock: {meaning: Units sold, unit: count, estimate: latest}\n")
    before = (own / "chip" / "a.yaml").read_text()
    for place, wrong in ((4, "many"), (6, "kilogram"), (8, "soon"), (12, "shete"), (14, "D")):
        words = list(ADD)
        words[place] = wrong
        code, _, err = run(capsys, *words)
        assert (code, len(err.strip().splitlines())) == (2, 1), (wrong, err)
    assert (own / "chip" / "a.yaml").read_text() == before


def test_an_assumption_is_shown_in_its_version_of_the_day(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "facts", "show", "china_incumbent_share", "--as-of", "2025-02-20", "--json")
    shown = json.loads(out)
    assert (code, shown["assumption"]["known"], shown["assumption"]["value"]) == (
        0,
        "2025-02-20",
        pytest.approx(0.7, abs=0.01),
    )
    assert [row["counts"] for row in shown["versions"]] == [False, True]
    code, out, _ = run(capsys, "facts", "show", "china_incumbent_share", "--as-of", "2024-01-01")
    assert "china_incumbent_share = unknown on this date" in out
