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


@pytest.mark.parametrize(
    ("comparator", "stated", "true"),
    [
        ("between", {"low": 1.0, "high": 3.0}, [0, 1, 1, 1, 0]),
        ("at-least", {"value": 2.0}, [0, 0, 1, 1, 1]),
        ("at-most", {"value": 2.0}, [1, 1, 1, 0, 0]),
        ("above", {"value": 2.0}, [0, 0, 0, 1, 1]),
        ("below", {"value": 2.0}, [1, 1, 0, 0, 0]),
        ("about", {"value": 2.0}, [0, 0, 1, 0, 0]),
        ("about", {"value": 3.2}, [0, 0, 0, 1, 1]),  # 4 is a quarter above it
        ("about", {"value": 3.75}, [0, 0, 0, 1, 1]),  # 3 is it over 1.25
        ("about", {"value": -2.0}, [0, 0, 0, 0, 0]),
    ],
)
def test_comparators_at_their_edges(comparator: str, stated: dict[str, float], true: list[float]) -> None:
    samples = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    assert holds(claim(comparator, **stated), samples, 0.25).tolist() == true


def test_equals_is_judged_on_the_median() -> None:
    assert holds(claim("equals", value=2.0, step=1.0), np.array([0.0, 2.2, 90.0]), 0.25).tolist() == [1.0]
    assert holds(claim("equals", value=2.0), np.array([2.0]), 0.25).tolist() == [1.0]
    assert holds(claim("equals", value=2.0), np.array([2.0 + 1e-9]), 0.25).tolist() == [0.0]


@pytest.mark.parametrize(
    ("stated", "step", "found", "true"),
    [
        (2.0, 1.0, 1.5, True),  # rounds to it
        (2.0, 1.0, 1.499, False),
        (2.0, 1.0, 2.999, True),  # is cut off to it
        (2.0, 1.0, 3.0, False),
        (0.5, 0.1, 0.58, True),
        (-2.0, 1.0, -1.5, True),
        (-2.0, 1.0, -1.499, False),
        (-2.0, 1.0, -2.999, True),
        (-2.0, 1.0, -3.0, False),
        (0.0, 1.0, 0.4, True),
        (0.0, 1.0, -0.4, True),
        (0.2, 1.0, -0.2, True),
        (0.4, 1.0, -0.4, False),
        (0.3, 0.1, 0.1 + 0.2, True),  # what floating point makes of it
        (0.3, 0.0, 0.1 + 0.2, True),
        (1e6, 0.0, 1e6 + 1e-3, False),
    ],
)
def test_digits_at_their_edges(stated: float, step: float, found: float, true: bool) -> None:
    assert holds(claim("equals", value=stated, step=step), np.array([found]), 0.25)[0] == float(true)


@pytest.mark.parametrize(
    ("share", "trusts", "rests", "expected"),
    [
        (1.0, "A", False, ("supported", 0.995, "evidence")),
        (0.0, "A", False, ("contradicted", 0.005, "evidence")),
        (1.0, "AB", False, ("supported", 0.975, "evidence")),
        (0.9, "C", False, ("open", 0.8, "thin-evidence")),
        (0.1, "C", True, ("open", 0.2, "thin-evidence")),
        (0.89, "C", True, ("open", 0.7925, "wide-assumptions")),
        (0.11, "C", False, ("open", 0.2075, "sources-differ")),
        (1.0, "", False, ("open", 0.875, "thin-evidence")),  # nothing cited is as weak as hearsay
    ],
)
def test_judgements_worked_out_by_hand(
    share: float, trusts: str, rests: bool, expected: tuple[str, float, str]
) -> None:
    found = judge(share, [cited(trust) for trust in trusts], rests, STANDARDS)
    assert (found.verdict, found.probability, found.reason) == (expected[0], pytest.approx(expected[1]), expected[2])


def test_ninety_and_ten_percent_are_enough() -> None:
    certain = Standards({"A": 1.0}, 0.25)
    verdicts = [judge(share, [cited("A")], False, certain).verdict for share in (0.9, 0.8999, 0.1, 0.1001)]
    assert verdicts == ["supported", "open", "contradicted", "open"]
