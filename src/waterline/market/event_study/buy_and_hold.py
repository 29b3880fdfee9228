"""Buy-and-hold abnormal returns: what a holder made beyond the benchmark, compounding included."""

from __future__ import annotations

import numpy as np

from waterline.market.event_study.panel import Returns


def buy_and_hold(event: Returns, benchmark: Returns) -> Returns:
    """Π(1 + R) − Π(1 + benchmark) over the event days, (securities,), from simple returns (securities, days).

    A missing day counts as no return, for the security and its benchmark alike (Barber & Lyon 1997).
    """
    missing = np.isnan(event) | np.isnan(benchmark)
    held = np.where(missing, 0, event)
    other = np.where(missing, 0, np.broadcast_to(benchmark, event.shape))
    return np.asarray(np.prod(1 + held, axis=1) - np.prod(1 + other, axis=1))


def skewness_adjusted(values: Returns) -> float:
    """Johnson's t of a mean, which long-horizon returns need because they are skewed (Lyon, Barber & Tsai 1999).

    t = √N (S + γ S²/3 + γ/(6 N)), S = mean ÷ standard deviation, γ = skewness.
    """
    count = len(values)
    deviation = values.std(ddof=1)
    ratio = values.mean() / deviation
    skewness = ((values - values.mean()) ** 3).sum() / (count * deviation**3)
    return float(np.sqrt(count) * (ratio + skewness * ratio**2 / 3 + skewness / (6 * count)))


def standardised_difference(event: Returns, control: Returns) -> Returns:
    """Differences of log returns from a control's, over their standard deviation, (days,), from simple returns.

    Source: Dutta et al. (2018).
    """
    abnormal = np.log1p(event) - np.log1p(control)
    return np.asarray(abnormal / abnormal.std(ddof=1))
