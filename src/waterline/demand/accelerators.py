"""How many accelerators there are: the world's and the laboratories', as averages over a calendar year.

Counts are in H100 equivalents by operations per second, which understates chips that are chosen for their memory.
"""

from __future__ import annotations

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import Reads, Role, quantity
from waterline.facts.roles import year


def count_at(reference: str) -> Reads:
    """The count that a year names (``nvidia_end``)."""
    role = Role(f"year.{reference}", kind="accelerator_stock", follows=(year, reference))
    return role("count", attribute="h100_equivalents")


def average_of_growth(start: Samples, end: Samples) -> Samples:
    """Average over the year of a count that grows at a constant rate from ``start`` to ``end``.

    (start + 4 √(start × end) + end) ÷ 6: Pólya's approximation of the logarithmic mean, which has no gap where the two
    are equal and is right within 0.3% up to a fivefold growth.
    """
    average: Samples = (start + 4 * np.sqrt(start * end) + end) / 6
    return average


@quantity(
    "count",
    nvidia_start=count_at("nvidia_start"),
    tpu_start=count_at("tpu_start"),
    trainium_start=count_at("trainium_start"),
    amd_start=count_at("amd_start"),
)
def accelerators_at_start(**counts: Samples) -> Samples:
    """Accelerators in the world at the beginning of the year, in H100 equivalents.

    accelerators_at_start = nvidia_start + tpu_start + trainium_start + amd_start

    Without Huawei, Meta's and Microsoft's own chips, which nobody counts in the same way.
    """
    return sum(counts.values())  # type: ignore[return-value]


@quantity(
    "count",
    nvidia_end=count_at("nvidia_end"),
    tpu_end=count_at("tpu_end"),
    trainium_end=count_at("trainium_end"),
    amd_end=count_at("amd_end"),
)
def accelerators_at_end(**counts: Samples) -> Samples:
    """Accelerators in the world at the end of the year, in H100 equivalents.

    accelerators_at_end = nvidia_end + tpu_end + trainium_end + amd_end
    """
    return sum(counts.values())  # type: ignore[return-value]


@quantity(
    "count",
    nvidia_start=count_at("nvidia_start"),
    nvidia_end=count_at("nvidia_end"),
    tpu_start=count_at("tpu_start"),
    tpu_end=count_at("tpu_end"),
    trainium_start=count_at("trainium_start"),
    trainium_end=count_at("trainium_end"),
    amd_start=count_at("amd_start"),
    amd_end=count_at("amd_end"),
)
def accelerators_added(**counts: Samples) -> Samples:
    """Accelerators that the four vendors added in the year, in H100 equivalents.

    accelerators_added = max(nvidia_end − nvidia_start, 0) + max(tpu_end − tpu_start, 0)
        + max(trainium_end − trainium_start, 0) + max(amd_end − amd_start, 0)

    Both ends of a year are drawn apart; a vendor whose draws fall is taken to have added none.
    """
    vendors = ("nvidia", "tpu", "trainium", "amd")
    added = [np.maximum(counts[f"{name}_end"] - counts[f"{name}_start"], 0.0) for name in vendors]
    return added[0] + added[1] + added[2] + added[3]


@quantity("count", accelerators_at_start="count", accelerators_at_end="count")
def average_accelerators(accelerators_at_start: Samples, accelerators_at_end: Samples) -> Samples:
    """Accelerators in the world on average over the year, in H100 equivalents.

    average_accelerators = (accelerators_at_start + 4 × √(accelerators_at_start × accelerators_at_end) +
    accelerators_at_end) ÷ 6

    Source: Pólya's approximation of the logarithmic mean, which is the average of steady growth.
    """
    return average_of_growth(accelerators_at_start, accelerators_at_end)


def _compute_of(reference: str) -> Reads:
    role = Role(f"year.{reference}", kind="lab_compute", follows=(year, reference))
    return role("count", attribute="h100_equivalents")


@quantity(
    "count",
    openai_start=_compute_of("openai_compute_start"),
    openai_end=_compute_of("openai_compute_end"),
    anthropic_end=_compute_of("anthropic_compute_end"),
    google_end=_compute_of("google_compute_end"),
    meta_end=_compute_of("meta_compute_end"),
    xai_end=_compute_of("xai_compute_end"),
)
def laboratory_accelerators(openai_start: Samples, openai_end: Samples, **others: Samples) -> Samples:
    """Accelerators that five frontier laboratories own or rent, on average over the year.

    laboratory_accelerators = (openai_end + anthropic_end + google_end + meta_end + xai_end) × average of
    openai_start and openai_end ÷ openai_end

    OpenAI alone has been counted since the end of 2023; its growth within the year stands for all five.
    """
    end = openai_end + sum(others.values())
    return end * average_of_growth(openai_start, openai_end) / openai_end
