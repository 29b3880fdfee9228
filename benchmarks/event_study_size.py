"""How often event-study tests reject when nothing happened, and when something did.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/event_study_size.py

Samples of 30 securities, 250 estimation days and one event day; 5,000 of them for each case, at a level of 5%. A test
that is right rejects in 4% to 6% of samples without an event. Cases:

independent  residuals independent between securities
clustered    all securities share the day, residuals correlated 0.2
variance     independent, the event day's residual variance doubled without any effect on the mean (`bmp`'s case)
power        independent, an effect of half a residual standard deviation

Residuals are normal, or Student's t with five degrees of freedom (fat tails, as daily returns have).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.market.event_study.abnormal import textbook
from waterline.market.event_study.battery import TESTS, outcome
from waterline.market.event_study.models import fit
from waterline.market.event_study.permutation import day_permutation
from waterline.market.event_study.sample import Sample

SECURITIES, ESTIMATION, SAMPLES, LEVEL = 30, 250, 5_000, 0.05
TAILS = 5.0


@dataclass(frozen=True)
class Case:
    name: str
    correlation: float = 0.0
    variance: float = 1.0
    effect: float = 0.0
    fat: bool = False


CASES = (
    Case("independent"),
    Case("independent, fat tails", fat=True),
    Case("clustered", correlation=0.2),
    Case("clustered, fat tails", correlation=0.2, fat=True),
    Case("variance doubled", variance=2.0),
    Case("clustered, doubled", correlation=0.2, variance=2.0),
    Case("power", effect=0.5),
    Case("power, clustered", correlation=0.2, effect=0.5),
)


def residuals(random: np.random.Generator, case: Case) -> np.ndarray:
    """Standardised residuals (securities, days) with one correlation between any two securities on a day."""
    days = ESTIMATION + 1
    found = np.sqrt(case.correlation) * random.normal(size=days) + np.sqrt(1 - case.correlation) * random.normal(
        size=(SECURITIES, days)
    )
    if case.fat:  # one scale for a day's common part would be an event of its own: each security has its own
        scale = np.sqrt(random.chisquare(TAILS, (SECURITIES, days)) / TAILS)
        found = found / scale * np.sqrt((TAILS - 2) / TAILS)
    found[:, -1] = found[:, -1] * np.sqrt(case.variance) + case.effect
    return found


def rejections(case: Case, samples: int = SAMPLES, seed: int = 1) -> dict[str, float]:
    random = np.random.default_rng(seed)
    counts = dict.fromkeys((*TESTS, "permutation"), 0)
    for _ in range(samples):
        market = random.normal(0.0004, 0.01, (1, ESTIMATION + 1, 1))
        slopes, scale = random.uniform(0.5, 2, (SECURITIES, 1)), random.uniform(0.01, 0.03, (SECURITIES, 1))
        returns = slopes * market[..., 0] + scale * residuals(random, case)
        found = textbook(fit(Sample(returns[:, :-1], returns[:, -1:], market[:, :-1], market[:, -1:])))
        for name, test in TESTS.items():
            counts[name] += bool(outcome(found, test).p_value[0] <= LEVEL)
        counts["permutation"] += bool(day_permutation(found)[0] <= LEVEL)
    return {name: count / samples for name, count in counts.items()}


def main() -> None:
    columns = {case.name: rejections(case) for case in CASES}
    print(f"{'rejected at 5%':<20}" + "".join(f"{name:>24}" for name in columns))
    for name in next(iter(columns.values())):
        print(f"{name:<20}" + "".join(f"{column[name]:>24.1%}" for column in columns.values()))


if __name__ == "__main__":
    main()
