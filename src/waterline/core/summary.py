"""What samples come to: median, 90% interval and mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.core.distribution import Samples


@dataclass(frozen=True, slots=True)
class Summary:
    """Median, 90% interval and mean of samples."""

    median: float
    p05: float
    p95: float
    mean: float


def summarise(samples: Samples) -> Summary:
    """Summary of samples of shape ``(n,)`` or ``(1,)``."""
    if samples.size == 1:
        value = float(samples[0])
        return Summary(value, value, value, value)
    p05, median, p95 = np.percentile(samples, (5, 50, 95))
    return Summary(float(median), float(p05), float(p95), float(samples.mean()))
