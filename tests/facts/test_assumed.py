"""Assumptions with a day: what could be assumed then, and entries that make no sense."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from facts.conftest import chip, fact

import waterline as wl
from waterline.core.errors import InputError
from waterline.facts.assumed import read_assumption
from waterline.facts.check import check
from waterline.facts.document import Mapping, parse_document
from waterline.facts.load import load_base, read_files
from waterline.facts.store import FactBase

DATED = b"""
rate:
  known: 2026-01-01
  unit: fraction
  value: 3
  reason: newest
  earlier:
  - {known: 2025-01-01, value: 2, reason: older}
  - {known: 2024-01-01, low: 0, high: 2, reason: oldest}
"""


def entry(text: bytes = DATED) -> Mapping:
    return parse_document(text, "rates.yaml")["rate"]


@pytest.mark.parametrize(
    ("day", "reason"), [(date(2026, 5, 1), "newest"), (date(2025, 6, 1), "older"), (date(2024, 1, 1), "oldest")]
)
def test_the_newest_version_known_by_the_day_counts(day: date, reason: str) -> None:
    found = read_assumption("rate", entry(), "here").as_of(day)
    assert found is not None
    assert (found.reason, found.unit) == (reason, "fraction")


def test_before_its_first_evidence_there_is_nothing_to_assume() -> None:
    assert read_assumption("rate", entry(), "here").as_of(date(2023, 1, 1)) is None
    with pytest.raises(InputError, match="nothing supports an assumption about 'gain_reach' yet as of 2020-01-01"):
        wl.ask("gain_reach", as_of=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"known: 2025-01-01", b"known: 2026-06-01", "needs a day before that of the one above"),
        (b"known: 2026-01-01", b"known: soon", "known must be a date"),
        (b"  known: 2026-01-01\n", b"", "needs a day before that of the one above"),
    ],
)
def test_versions_out_of_order_are_refused(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_assumption("rate", entry(DATED.replace(old, new)), "here")


UNDATED = """\
h9.rental_price: {unit: USD/hour, value: 2, reason: %s}
"""


def test_without_a_day_it_counts_from_the_first_fact_about_its_entity(small: Callable[..., Path]) -> None:
    root = small(UNDATED % "Judged", nvidia=chip("h9", bf16_flops=[fact("value: 1.0e+15", known="2024-03-01")]))
    base = FactBase(load_base([root]))
    assert base.assumed("h9.rental_price", date(2024, 2, 28)) is None
    held = base.assumed("h9.rental_price", date(2024, 3, 1))
    assert held is not None
    assert held.known == date(2024, 3, 1)


@pytest.mark.parametrize(("reason", "found"), [("Offers of 2026", 1), ("Offers of 2024", 0), ("2048 offers", 0)])
def test_a_reason_that_names_a_later_year_needs_a_day(small: Callable[..., Path], reason: str, found: int) -> None:
    root = small(UNDATED % reason, nvidia=chip("h9", bf16_flops=[fact("value: 1.0e+15", known="2024-03-01")]))
    findings = check(read_files([root]), date(2026, 11, 24))
    assert [finding.rule for finding in findings].count("undated") == found
