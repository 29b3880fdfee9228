"""What samples come to: median, 90% interval and mean."""

from __future__ import annotations

from dataclasses import dataclass

from waterline.core.distribution import Samples
from waterline.core.percentiles import percentiles


@dataclass(frozen=True, slots=True)
class Summary:
    """Median, 90% interval and mean of samples."""

    median: float
    p05: float
    p95: float
    mean: float


def to_show(summary: Summary, unit: str) -> Summary:
    """What stands for a number: of a probability whose samples are all no or yes, the chance of yes."""
    if unit == "probability" and {summary.median, summary.p05, summary.p95} <= {0.0, 1.0}:
        return Summary(summary.mean, summary.mean, summary.mean, summary.mean)
    return summary


def summarise(samples: Samples) -> Summary:
    """Summary of samples of shape ``(n,)`` or ``(1,)``."""
    if samples.size == 1:
        value = float(samples[0])
        return Summary(value, value, value, value)
    p05, median, p95 = percentiles(samples)
    return Summary(float(median), float(p05), float(p95), float(samples.mean()))
