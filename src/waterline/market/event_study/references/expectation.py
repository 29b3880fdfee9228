"""One value that a reference states, and what we find in its place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RELATIVE_STEP = 1e-9  # two programs' last digits differ: what is closer than this counts as equal


@dataclass(frozen=True)
class Expectation:
    """A reference's value, as printed, beside ours; ``reason`` says why there is none of ours."""

    id: str
    printed: str
    found: float | None
    groups: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def expected(self) -> float:
        """The printed value as a number."""
        return float(self.printed)

    @property
    def step(self) -> float:
        """Half a unit of the last printed digit, or what programs differ by, whichever is larger."""
        mantissa, _, exponent = self.printed.strip().lower().partition("e")
        decimals = len(mantissa.partition(".")[2])
        return max(0.5 * 10.0 ** (int(exponent or 0) - decimals), RELATIVE_STEP * abs(self.expected)) * (1 + 1e-9)

    @property
    def error_pct(self) -> float | None:
        """Difference in percent of the expected value; a hundred times the difference where that is zero."""
        if self.found is None:
            return None
        return 100 * (self.found - self.expected) / (abs(self.expected) if self.expected else 1.0)

    def record(self) -> dict[str, Any]:
        """As plain data."""
        inside = self.found is not None and abs(self.found - self.expected) <= self.step
        record: dict[str, Any] = {
            "id": self.id,
            "predicted": self.found,
            "measured": self.expected if math.isfinite(self.expected) else None,
            "error_pct": self.error_pct,
            "inside_printed_digits": inside,
        }
        return {**record, "reason": self.reason} if self.reason else record


def expectation(
    identity: str, printed: Any, found: float | None, groups: Mapping[str, str], reason: str = ""
) -> Expectation:
    """Build one, turning a value of ours that is not finite into a missing one with its reason."""
    if found is not None and not math.isfinite(found):
        found, reason = None, reason or "it cannot be computed from the returns given"
    return Expectation(identity, str(printed), None if found is None else float(found), groups, reason)


def is_number(text: str) -> bool:
    """Whether a cell holds a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
