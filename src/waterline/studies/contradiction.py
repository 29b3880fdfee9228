"""Claims of one study that cannot both be true: the same question, and stated values that leave no common answer.

Publishers may contradict each other; a study of both sides lists that. One publisher that does is a mistake in the
study file as often as in the text, and is refused.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from waterline.core.errors import InputError
from waterline.core.units import conversion_factor
from waterline.studies.claim import Claim
from waterline.studies.run import Decision


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two claims that cannot both be true, in the order of the study."""

    first: Claim
    second: Claim

    @property
    def text(self) -> str:
        """Both claims with what they state and where they stand."""
        sides = (
            f"{claim.id} ({claim.place}: {claim.comparator} {_figures(claim)})" for claim in (self.first, self.second)
        )
        return f"{' and '.join(sides)} cannot both be true of {self.first.quantity or self.first.fact}"

    def to_dict(self) -> dict[str, Any]:
        """The contradiction as plain data."""
        return {
            "claims": [self.first.id, self.second.id],
            "places": [self.first.place, self.second.place],
            "publishers": [self.first.publisher, self.second.publisher],
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class _Reach:
    """The values at which a claim is true; an end that is ``open`` is itself not one of them."""

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    def meets(self, other: _Reach) -> bool:
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low != high:
            return low < high
        at_low = any(each.open_low for each in (self, other) if each.low == low)
        at_high = any(each.open_high for each in (self, other) if each.high == high)
        return not (at_low or at_high)


def contradictions(decisions: Mapping[str, Decision], tolerance: float) -> list[Contradiction]:
    """Every pair of claims about one number or fact, as of one day, that cannot both be true.

    ``tolerance`` is how far "about" reaches. Raises InputError with both places for a pair of one publisher.
    """
    found = [
        Contradiction(first.claim, second.claim)
        for group in _same_question(decisions.values())
        for first, second in itertools.combinations(group, 2)
        if not _compatible(first, second, tolerance)
    ]
    for pair in found:
        if pair.first.publisher == pair.second.publisher:
            said = f"{pair.first.publisher!r} is" if pair.first.publisher else "the study's own source is"
            raise InputError(
                f"{pair.second.place}: claims {pair.text}, yet {said} given for both; "
                "if two publishers say so, give each claim its 'publisher'"
            )
    return found


def _same_question(decisions: Iterable[Decision]) -> list[list[Decision]]:
    """Decisions by what they ask: the same node as of the same day, or the same fact."""
    groups: dict[tuple[object, ...], list[Decision]] = {}
    for decision in decisions:
        claim = decision.claim
        if decision.answer is not None:
            groups.setdefault((decision.answer.node.id, decision.answer.as_of), []).append(decision)
        elif claim.quantity:
            bound = tuple(sorted((claim.bindings or {}).items()))
            groups.setdefault((claim.quantity, bound, claim.as_of), []).append(decision)
        elif claim.fact:
            groups.setdefault((claim.fact, claim.as_of), []).append(decision)
    return list(groups.values())


def _compatible(first: Decision, second: Decision, tolerance: float) -> bool:
    one, other = first.claim, second.claim
    if one.fact or other.fact:
        texts = {claim.stated.text.casefold() for claim in (one, other) if claim.comparator == "is"}
        return len(texts) < 2
    own = first.answer.unit if first.answer is not None else ""
    units = [claim.stated.unit or own for claim in (one, other)]
    factor = conversion_factor(units[1], units[0]) if all(units) else 1.0
    return _reach(one, tolerance, 1.0).meets(_reach(other, tolerance, factor))


def _reach(claim: Claim, tolerance: float, factor: float) -> _Reach:
    stated = claim.stated
    if claim.comparator == "between":
        assert stated.low is not None
        assert stated.high is not None
        return _Reach(stated.low * factor, stated.high * factor)
    assert stated.value is not None
    value, size, step = stated.value * factor, abs(stated.value * factor), (stated.step or 0.0) * factor
    if claim.comparator in ("equals", "about"):
        near, far = (
            (size / (1 + tolerance), size * (1 + tolerance))
            if claim.comparator == "about"
            else (size - step / 2, size + step)
        )
        open_far = claim.comparator == "equals" and step > 0
        return _Reach(near, far, open_high=open_far) if value >= 0 else _Reach(-far, -near, open_low=open_far)
    return {
        "at-least": _Reach(value, math.inf),
        "at-most": _Reach(-math.inf, value),
        "above": _Reach(value, math.inf, open_low=True),
        "below": _Reach(-math.inf, value, open_high=True),
    }[claim.comparator]


def _figures(claim: Claim) -> str:
    stated = claim.stated
    if stated.value is None and stated.low is None:
        return repr(stated.text)
    shown = f"{stated.low:g} to {stated.high:g}" if stated.value is None else f"{stated.value:g}"
    return f"{shown} {stated.unit}".strip()
