"""A small fact base in a directory of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ATTRIBUTES = """\
chip:
  bf16_flops: {meaning: Dense rate, unit: FLOP/s, range: [1.0e+12, 1.0e+17]}
  rental_price: {meaning: Rent, unit: USD/hour, range: [0.01, 200.0], estimate: quotes}
  stock: {meaning: Units sold, unit: count, estimate: latest}
  maker: {meaning: Maker, unit: text, refers: chip}
"""
SOURCES = "sheet: {title: Sheet, publisher: Maker, date: 2024-01-01, url: 'https://example.org/sheet'}\n"
FACT = "unit: {unit}, valid: {valid}, known: {known}, source: sheet, trust: {trust}"


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Write a fact directory; keywords are the contents of files under ``chip/``."""

    def write(assumptions: str = "", **files: str) -> Path:
        root = tmp_path / "facts"
        for name, content in {
            "attributes/a.yaml": ATTRIBUTES,
            "sources/a.yaml": SOURCES,
            **({"assumptions/a.yaml": assumptions} if assumptions else {}),
            **{f"chip/{name}.yaml": content for name, content in files.items()},
        }.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return root

    return write


def fact(
    value: str,
    unit: str = "FLOP/s",
    valid: str = "2024-01-01",
    known: str = "2024-01-01",
    trust: str = "A",
    more: str = "",
) -> str:
    """One fact as a flow mapping."""
    rest = FACT.format(unit=unit, valid=valid, known=known, trust=trust)
    return f"{{{value}, {rest}{', ' + more if more else ''}}}"


def chip(identity: str, **attributes: list[str]) -> str:
    """A fact file with one chip."""
    lines = ["kind: chip", "entities:", f"  {identity}:", "    facts:"]
    for name, facts in attributes.items():
        lines += [f"      {name}:", *(f"      - {text}" for text in facts)]
    return "\n".join(lines) + "\n"
