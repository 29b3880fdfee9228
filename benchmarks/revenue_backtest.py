"""How well next-year data-centre revenue is forecast, against naive forecasts, as of each quarter's end.

Every forecast is asked as of the day, so that it rests on what was known then; the outcome is the sum of the four
quarters from the guided one on. Origins whose four quarters are not all reported are listed without an error. Origins
overlap: neighbouring errors share three quarters, so the count of independent cases is about a quarter of theirs.

Run: python benchmarks/revenue_backtest.py
"""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np

FORECAST = "next_year_data_center_revenue"
NAIVE = {
    "no change": "trailing_data_center_revenue",
    "last growth": "last_growth_data_center_revenue",
    "last quarter x 4": "run_rate_data_center_revenue",
    "guidance x 4": "guidance_run_rate_data_center_revenue",
}
VENDOR = "nvda"
ORIGINS = [
    date(year, month, day)
    for year in range(2023, 2027)
    for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))
    if date(2023, 12, 31) <= date(year, month, day) <= date(2026, 6, 30)
]


@dataclasses.dataclass(frozen=True)
class Case:
    """One origin: the forecast with its 90% interval, the naive ones, and the outcome where there is one."""

    origin: date
    median: float
    low: float
    high: float
    naive: dict[str, float]
    outcome: float | None


def cases(as_of: date) -> list[Case]:
    """Every origin, judged by what is known on ``as_of``."""
    import waterline as wl
    from waterline.questions.session import default_session

    facts = default_session().facts
    found = []
    for origin in ORIGINS:
        asked = wl.ask(FORECAST, as_of=origin, vendor=VENDOR).summary
        naive = {name: wl.ask(quantity, as_of=origin, vendor=VENDOR).summary.median for name, quantity in NAIVE.items()}
        first = facts.as_of(origin).reference(VENDOR, "guided_quarter")
        found.append(Case(origin, asked.median, asked.p05, asked.p95, naive, outcome(facts.as_of(as_of), first)))
    return found


def outcome(known, first: str) -> float | None:
    """Data-centre revenue of the four quarters from ``first`` on, or None while one of them is not reported."""
    following = {}
    for name, entity in known.facts.entities.items():
        if "quarter" in entity.kinds and (before := known.reference(name, "previous")):
            following[before] = name
    total, quarter = 0.0, first
    for _ in range(4):
        leaf = known.attribute(quarter, "data_center_revenue", None) if quarter else None
        if leaf is None:
            return None
        total += float(leaf.distribution.quantile(np.array([0.5]))[0])
        quarter = following.get(quarter)
    return total


def main() -> None:
    """Print the table."""
    found = cases(date(2026, 11, 24))
    print(f"{'origin':<11}{'forecast (90%)':>24}{'outcome':>9}{'error':>7}   " + "".join(f"{n:>18}" for n in NAIVE))
    for case in found:
        interval = f"{case.median / 1e9:.0f} ({case.low / 1e9:.0f} to {case.high / 1e9:.0f})"
        actual = "" if case.outcome is None else f"{case.outcome / 1e9:.0f}"
        error = "" if case.outcome is None else f"{100 * (case.median / case.outcome - 1):+.0f}%"
        print(
            f"{case.origin!s:<11}{interval:>24}{actual:>9}{error:>7}   "
            + "".join(f"{value / 1e9:>18.0f}" for value in case.naive.values())
        )
    judged = [case for case in found if case.outcome is not None]
    print(f"\n{len(judged)} origins with an outcome")
    rows = {"this forecast": [case.median for case in judged]}
    rows |= {name: [case.naive[name] for case in judged] for name in NAIVE}
    actual = np.array([case.outcome for case in judged])
    for name, values in rows.items():
        errors = np.array(values) / actual - 1
        logs = np.abs(np.log(np.array(values) / actual))
        print(
            f"  {name:<18} mean abs error {100 * np.abs(errors).mean():5.1f}%   bias {100 * errors.mean():+6.1f}%   "
            f"mean abs log error {logs.mean():.3f}"
        )
    inside = [case.low <= case.outcome <= case.high for case in judged if case.outcome is not None]
    width = np.mean([np.log(case.high / case.low) / 2 for case in judged])
    print(f"  90% interval holds {sum(inside)} of {len(inside)}; half-width {width:.2f} in the logarithm")


if __name__ == "__main__":
    main()
