"""Does the buyers' capital spending lead the vendor's data-centre revenue, or follow it?

Correlation of quarterly logarithmic growth of data-centre revenue with that of three buyers' capital spending, by lag.
Fiscal quarters of the vendor end a month after calendar quarters. About twenty points with few turns: signs, not laws.

Run: python benchmarks/capex_lag.py
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np

AS_OF = date(2026, 11, 24)
BUYERS = ("googl", "msft", "amzn")
CALENDAR = [(year, quarter) for year in range(2021, 2027) for quarter in (1, 2, 3, 4)]
LAGS = range(-3, 4)


def series() -> tuple[np.ndarray, np.ndarray]:
    """Data-centre revenue and capital spending by calendar quarter, missing ones as NaN."""
    import waterline as wl
    from waterline.core.errors import InputError

    def asked(name: str, **bindings: str) -> float:
        try:
            return wl.ask(name, as_of=AS_OF, **bindings).summary.median
        except InputError:
            return math.nan

    revenue = [asked(f"nvda-q{quarter}-fy{year + 1}.data_center_revenue") for year, quarter in CALENDAR]
    spending = [
        sum(asked("quarterly_capex", quarter=f"{buyer}-{year}q{quarter}") for buyer in BUYERS)
        for year, quarter in CALENDAR
    ]
    return np.array(revenue), np.array(spending)


def main() -> None:
    """Print correlations by lag; a positive lag means that spending came first."""
    revenue, spending = series()
    growth, investment = np.diff(np.log(revenue)), np.diff(np.log(spending))
    print(f"{np.isfinite(growth).sum()} quarters of revenue growth, {np.isfinite(investment).sum()} of spending growth")
    for lag in LAGS:
        ahead = np.roll(investment, lag)
        if lag > 0:
            ahead[:lag] = math.nan
        elif lag < 0:
            ahead[lag:] = math.nan
        both = np.isfinite(growth) & np.isfinite(ahead)
        found = np.corrcoef(growth[both], ahead[both])[0, 1]
        side = "before" if lag > 0 else "after" if lag < 0 else "in the same"
        error = 1 / math.sqrt(both.sum())
        print(f"  spending {abs(lag)} quarters {side}: {found:+.2f}  (n {both.sum()}, s.e. {error:.2f})")


if __name__ == "__main__":
    main()
