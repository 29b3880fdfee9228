"""The terms of a question as people write them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from waterline.core.errors import InputError
from waterline.core.scenario import Scenario, parse_override

DAY = date(2025, 1, 27)


@pytest.mark.parametrize(
    ("text", "p05", "p95", "unit"),
    [
        ("2.5 USD/hour", 2.5, 2.5, "USD/hour"),
        ("1.8..2.6", 1.8, 2.6, None),
        ("1,2,4 USD", 1, 4, "USD"),
        ("14.8T", 14.8e12, 14.8e12, None),
        ("5%", 0.05, 0.05, None),
        ("-3..-1", -3, -1, None),
        ("1_000..2_000 token", 1000, 2000, "token"),
        ("2.788M hour", 2.788e6, 2.788e6, "hour"),
    ],
)
def test_overrides_read_as_people_write_them(text: str, p05: float, p95: float, unit: str | None) -> None:
    override = parse_override("x", text)
    found = np.broadcast_to(override.distribution.quantile(np.array([0.05, 0.95])), 2)
    np.testing.assert_allclose(found, [p05, p95], rtol=1e-9)
    assert override.unit == unit


@pytest.mark.parametrize("text", ["", "..", "1..", "..2", "3..1", "1,2", "1,5,2", "abc", "nan", "inf", "1e400", "--1"])
def test_overrides_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="cannot read x="):
        parse_override("x", text)


def test_the_seed_may_be_zero_and_not_less() -> None:
    assert Scenario(DAY, seed=0).seed == 0
    with pytest.raises(InputError, match="seed must not be negative"):
        Scenario(DAY, seed=-1)


@pytest.mark.parametrize("samples", [0, 1, 10**9])
def test_absurd_sample_counts_are_refused(samples: int) -> None:
    with pytest.raises(InputError, match="samples must be between"):
        Scenario(DAY, samples=samples)
