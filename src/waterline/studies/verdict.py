"""From samples to a verdict: the probability that a claim is true, given the evidence as of a date.

≥ 0.90 supported, ≤ 0.10 contradicted, otherwise open. A probability also carries the chance that the evidence itself
is wrong: it is drawn towards one half by the reliability of the weakest grade of fact that it rests on, so that a
claim which hangs on a grade-C fact stays open however clear the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.knowledge import Citation
from waterline.studies.claim import Claim

Verdict = Literal["supported", "contradicted", "open"]

SUPPORTED = 0.90
CONTRADICTED = 0.10


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its probability (None when nothing can decide the claim) and the reason in one word."""

    verdict: Verdict
    probability: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Standards:
    """What a judgement takes for granted, all of it assumptions that a reader can change.

    ``reliability``: chance that a fact of each grade states the truth. ``tolerance``: how far "about" reaches.
    """

    reliability: Mapping[str, float]
    tolerance: float


def holds(claim: Claim, samples: Samples, tolerance: float) -> Samples:
    """1.0 where the claim would be true, else 0.0, for each sample of the deciding quantity.

    "equals" is judged once, on the median: digits are a statement about the central value.
    """
    stated = claim.stated
    if claim.comparator == "between":
        assert stated.low is not None
        assert stated.high is not None
        return ((samples >= stated.low) & (samples <= stated.high)).astype(float)
    assert stated.value is not None
    if claim.comparator == "equals":
        return np.array([_same_digits(float(np.median(samples)), stated.value, stated.step or 0.0)])
    if claim.comparator == "about":
        reach = np.abs(samples / stated.value)
        same_sign = samples * stated.value > 0
        return ((reach >= 1 / (1 + tolerance)) & (reach <= 1 + tolerance) & same_sign).astype(float)
    tests = {
        "at-least": samples >= stated.value,
        "at-most": samples <= stated.value,
        "above": samples > stated.value,
        "below": samples < stated.value,
    }
    return np.asarray(tests[claim.comparator], dtype=float)


def judge(share: float, citations: Iterable[Citation], rests_on_assumptions: bool, standards: Standards) -> Judgement:
    """Verdict for a claim that is true in ``share`` of the samples, given the facts it rests on."""
    grades = {citation.trust for citation in citations}
    reliability = min(standards.reliability[grade] for grade in grades or {"C"})
    probability = reliability * share + (1 - reliability) * 0.5
    if probability >= SUPPORTED:
        return Judgement("supported", probability, "evidence")
    if probability <= CONTRADICTED:
        return Judgement("contradicted", probability, "evidence")
    decided = share >= SUPPORTED or share <= CONTRADICTED
    if decided:
        return Judgement("open", probability, "thin-evidence")
    return Judgement("open", probability, "wide-assumptions" if rests_on_assumptions else "sources-differ")


def _same_digits(found: float, stated: float, step: float) -> float:
    """1.0 when ``found`` written with steps of ``step`` is ``stated``, whether the rest was rounded or cut off."""
    breath = step * 1e-6 + abs(stated) * 1e-12
    beyond = (abs(found) - abs(stated)) if found * stated >= 0 else -abs(found - stated)
    return 1.0 if -0.5 * step - breath <= beyond < step - breath or abs(beyond) <= breath else 0.0
