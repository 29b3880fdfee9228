"""Quantiles of every distribution worked out by hand, and why others are refused."""

from __future__ import annotations

import numpy as np
import pytest

from waterline.core.distribution import (
    Discrete,
    Distribution,
    Pert,
    Quantiles,
    Text,
    Triangular,
    Uniform,
    empirical,
    interval,
)
from waterline.core.errors import InputError

LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])


@pytest.mark.parametrize(
    ("distribution", "quantiles"),
    [
        # The standard normal quarter is 0.6744898, the 95% point 1.6448536: a quarter of the way is 0.4100607.
        (Quantiles(0.0, 10.0, 14.0, False), [0.0, 10 - 4.100607, 10.0, 10 + 4 * 0.4100607, 14.0]),
        (Quantiles(1.0, 2.0, 8.0, True), [1.0, 2 ** (1 - 0.4100607), 2.0, 2 ** (1 + 2 * 0.4100607), 8.0]),
        (Uniform(2.0, 6.0), [2.2, 3.0, 4.0, 5.0, 5.8]),
        (Triangular(0.0, 1.0, 4.0), [0.2**0.5, 1.0, 4 - 6**0.5, 4 - 3**0.5, 4 - 0.6**0.5]),
        (Triangular(3.0, 3.0, 3.0), [3.0] * 5),
        (Pert(3.0, 3.0, 3.0), [3.0] * 5),
        (Pert(0.0, 0.5, 1.0), [0.1893, 0.3594, 0.5, 0.6406, 0.8107]),  # Beta(3, 3)
        (Discrete((5.0, 1.0), (1.0, 3.0)), [1.0, 1.0, 1.0, 1.0, 5.0]),
        (Quantiles(2.0, 2.0, 2.0, False, 1.0, 3.0), [2.0] * 5),
        (Quantiles(-1.0, 0.0, 1.0, False, 0.0), [0.03812, 0.19372, 0.41006, 0.69936, 1.19157]),  # half a normal
        (Quantiles(-1.0, 0.0, 1.0, False, upper=0.0), [-1.19157, -0.69936, -0.41006, -0.19372, -0.03812]),
        (Quantiles(1.0, 1.0, 4.0, True, 1.0, 8.0), [1.0535, 1.3031, 1.7497, 2.5829, 4.7939]),
        (empirical((1.0, 2.0, 2.0, 4.0)), [1.0, 1.0, 2.0, 2.0, 4.0]),
        (empirical((2.0, 2.0)), [2.0] * 5),
        (interval(-4.0, None, 4.0), [-4.0, -4 * 0.4100607, 0.0, 4 * 0.4100607, 4.0]),
        (interval(0.0, None, 4.0), [0.0, 2 - 2 * 0.4100607, 2.0, 2 + 2 * 0.4100607, 4.0]),
        (interval(3.0, None, 3.0), [3.0] * 5),
        (interval(3.0, 3.0, 3.0), [3.0] * 5),
        (interval(2.0, None, 8.0), [2.0, 4 * 0.5**0.4100607, 4.0, 4 * 2**0.4100607, 8.0]),
    ],
)
def test_quantiles_worked_out_by_hand(distribution: Distribution, quantiles: list[float]) -> None:
    found = np.broadcast_to(distribution.quantile(LEVELS), 5)
    assert found == pytest.approx(quantiles, rel=3e-4, abs=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Quantiles(1.0, 2.0, float("nan"), False), "finite"),
        (lambda: Quantiles(2.0, 1.0, 3.0, False), "range is upside down: 2, 1, 3"),
        (lambda: Quantiles(1.0, 3.0, 2.0, False), "upside down"),
        (lambda: Quantiles(1.0, 2.0, 3.0, False, 1.0, 1.0), "bounds 1..1 leave nothing"),
        (lambda: Quantiles(1.0, 2.0, 3.0, False, 0.0, 1.0), "leave nothing"),
        (lambda: Quantiles(1.0, 2.0, 3.0, False, 3.0, 4.0), "leave nothing"),
        (lambda: Triangular(1.0, 3.0, 2.0), "upside down: 1, 3, 2"),
        (lambda: Triangular(1.0, float("inf"), 2.0), "finite"),
        (lambda: Pert(3.0, 1.0, 2.0), "upside down"),
        (lambda: Pert(float("-inf"), 1.0, 2.0), "finite"),
        (lambda: Uniform(float("-inf"), 1.0), "finite"),
        (lambda: Discrete((), ()), "one weight for each value"),
        (lambda: Discrete((1.0, 2.0), (2.0, -1.0)), "not be negative"),
        (lambda: Discrete((1.0, float("nan")), (1.0, 1.0)), "finite"),
    ],
)
def test_what_is_no_distribution_says_why(make: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()  # type: ignore[operator]


def test_texts_have_no_scale() -> None:
    assert Text("x").scaled(3.0) == Text("x")
    assert Text("x").quantile(LEVELS).tolist() == ["x"]
    assert Discrete((1.0, 2.0), (1.0, 1.0)).scaled(3.0) == Discrete((3.0, 6.0), (1.0, 1.0))
