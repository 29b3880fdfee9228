"""Assumptions with a day: what could be assumed then, and entries that make no sense."""

from __future__ import annotations

from datetime import date

import pytest

import waterline as wl
from waterline.core.errors import InputError
from waterline.facts.assumed import read_assumption
from waterline.facts.document import Mapping, parse_document

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
