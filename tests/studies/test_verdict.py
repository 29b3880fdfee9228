"""Comparators and verdicts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waterline.core.knowledge import Citation
from waterline.studies.claim import Claim, Stated
from waterline.studies.verdict import Standards, holds, judge

STANDARDS = Standards({"A": 0.99, "B": 0.95, "C": 0.75}, 0.25)


def cited(trust: str) -> Citation:
    day = date(2025, 1, 27)
    return Citation("a.b", "title", "publisher", "https://example.org", day, day, trust, "1")  # type: ignore[arg-type]


def claim(comparator: str, **stated: float) -> Claim:
    return Claim("C", "fact", Stated("", **stated), comparator)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stated", "step", "found", "true"),
    [
        (-17.0, 1.0, -16.97, True),
        (-17.0, 1.0, -16.4, False),
        (-17.0, 1.0, 16.97, False),
        (69.7, 0.1, 69.66, True),
        (128.66, 0.01, 128.666, True),  # cut off instead of rounded
        (128.66, 0.01, 128.671, False),
        (6e6, 1e6, 5.576e6, True),
        (75.0, 1.0, 73.5, False),
        (2.0, 0.0, 2.0, True),
    ],
)
def test_equals_means_the_same_in_the_digits_stated(stated: float, step: float, found: float, true: bool) -> None:
    assert holds(claim("equals", value=stated, step=step), np.array([found]), 0.25)[0] == float(true)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_above_and_at_most_are_opposites(value: float, found: float) -> None:
    samples = np.array([found])
    above, at_most = (holds(claim(name, value=value), samples, 0.25)[0] for name in ("above", "at-most"))
    assert above + at_most == 1


def test_about_reaches_a_quarter_either_way() -> None:
    samples = np.array([79.0, 81.0, 100.0, 124.0, 126.0, -100.0])
    assert holds(claim("about", value=100.0), samples, 0.25).tolist() == [0, 1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("share", "trust", "verdict", "reason"),
    [
        (1.0, "A", "supported", "evidence"),
        (0.0, "B", "contradicted", "evidence"),
        (1.0, "C", "open", "thin-evidence"),
        (0.5, "A", "open", "wide-assumptions"),
    ],
)
def test_verdict_follows_share_and_grade(share: float, trust: str, verdict: str, reason: str) -> None:
    found = judge(share, [cited(trust)], True, STANDARDS)
    assert (found.verdict, found.reason) == (verdict, reason)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from("ABC"))
def test_probability_rises_with_the_share_of_samples(first: float, second: float, trust: str) -> None:
    low, high = sorted((first, second))
    judged = [judge(share, [cited(trust)], False, STANDARDS).probability for share in (low, high)]
    assert judged[0] is not None
    assert judged[1] is not None
    assert 0 <= judged[0] <= judged[1] <= 1


def test_weakest_grade_decides() -> None:
    alone = judge(1.0, [cited("A")], False, STANDARDS)
    mixed = judge(1.0, [cited("A"), cited("C")], False, STANDARDS)
    assert alone.verdict == "supported"
    assert mixed.verdict == "open"
