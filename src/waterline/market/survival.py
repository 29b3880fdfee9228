"""How long until something happens, when some have not seen it happen yet: Kaplan and Meier's estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.core.distribution import Z95, Samples
from waterline.core.errors import InputError

_ROUNDING = 1e-12  # what a product of many parts may be off by: twelve of twenty-four must count as one half


@dataclass(frozen=True)
class Curve:
    """The estimated chance of still waiting after each time at which something happened.

    ``times`` ascending; ``waiting`` the chance just after each; ``hazard_variance`` Greenwood's sum Σ d ÷ (n (n − d)).
    """

    times: Samples
    waiting: Samples
    hazard_variance: Samples

    def probability(self, time: float) -> float:
        """Chance that it has happened by ``time``."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return 0.0 if place == 0 else 1.0 - float(self.waiting[place - 1])

    @property
    def median(self) -> float:
        """First time by which it has happened to one half; infinite when that is never reached."""
        reached = np.flatnonzero(self.waiting <= 0.5 + _ROUNDING)
        return float(self.times[reached[0]]) if reached.size else float("inf")

    def interval(self, time: float) -> tuple[float, float]:
        """90% interval of `probability`, on the scale log(−log S) (Kalbfleisch & Prentice 1980)."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return 0.0, 0.0
        waiting = float(self.waiting[place])
        if waiting in (0.0, 1.0):
            return 1.0 - waiting, 1.0 - waiting
        width = Z95 * np.sqrt(self.hazard_variance[place]) / abs(np.log(waiting))
        low, high = (1 - waiting ** np.exp(sign * width) for sign in (-1, 1))
        return float(low), float(high)


def kaplan_meier(times: Samples, happened: NDArray[np.bool_]) -> Curve:
    """S(t) = Π (1 − d ÷ n) over the times at which something happened; the others were last seen at theirs.

    ``times`` (subjects,) and ``happened`` (subjects,). One that is last seen at a time counts as at risk at it
    (Kaplan & Meier 1958). Raises InputError for no subjects, or a time that is negative or missing.
    """
    if not len(times):
        raise InputError("a survival curve needs at least one observation")
    if not (np.asarray(times) >= 0).all():
        raise InputError("times must not be negative or missing")
    distinct, place = np.unique(times[happened], return_inverse=True)
    events = np.bincount(place, minlength=len(distinct)).astype(float)
    at_risk = len(times) - np.searchsorted(np.sort(times), distinct, side="left")
    survived = 1 - events / at_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
    return Curve(distinct, np.asarray(np.cumprod(survived)), np.asarray(greenwood))
