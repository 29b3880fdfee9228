"""A claim: a sentence somebody published, the quantity that would decide it, a comparator and the stated value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

COMPARATORS = {
    "equals": "the central estimate rounds or truncates to the stated value, in the digits it was stated with",
    "about": "within a quarter of the stated value, up or down",
    "at-least": "not below the stated value",
    "at-most": "not above the stated value",
    "above": "above the stated value",
    "below": "below the stated value",
    "between": "inside the stated range",
    "is": "the text or date that a source gives",
    "happened": "a source gives the event, whatever its text",
}

KINDS = ("fact", "arithmetic", "estimate", "forecast", "causal")


@dataclass(frozen=True, slots=True)
class Stated:
    """The value as published: ``text`` in its own words, ``value`` (or ``low`` and ``high``) in ``unit``.

    ``step`` is the size of the last digit it was stated with: 17% has a step of one percent.
    """

    text: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a study.

    Decided by ``quantity`` with ``bindings`` (numbers) or by ``fact`` (texts and dates); a claim with neither is
    open, and ``decided_by`` says what will decide it. ``as_of`` pins a claim about a plan or a remark to what was
    known on that day, whatever has been said since. ``publisher`` is who said it, where that is not the study's own
    source.
    """

    id: str
    kind: str
    stated: Stated
    comparator: str = ""
    quantity: str = ""
    fact: str = ""
    bindings: Mapping[str, str] | None = None
    decided_by: str = ""
    as_of: date | None = None
    cites: tuple[str, ...] = ()
    publisher: str = ""
    place: str = ""
