"""Distributions reproduce what their sources state."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waterline.core.beta import beta_quantile
from waterline.core.distribution import (
    Discrete,
    Distribution,
    Pert,
    Point,
    Quantiles,
    Text,
    Triangular,
    Uniform,
    empirical,
    interval,
    is_positive,
)
from waterline.core.errors import InputError
from waterline.core.normal import normal_probability, normal_quantile

GRID = np.linspace(1e-6, 1 - 1e-6, 501)
positive = st.floats(1e-3, 1e9)


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    low, mid, high = sorted(draw(st.tuples(positive, positive, positive)))
    made = (interval(low, mid, high), Uniform(low, high), Triangular(low, mid, high), Pert(low, mid, high))
    return draw(st.sampled_from(made))


@given(distributions())
def test_quantiles_never_fall(distribution: Distribution) -> None:
    values = np.broadcast_to(distribution.quantile(GRID), GRID.shape)
    assert np.all(np.diff(values) >= -1e-9 * np.abs(values[1:]))
    assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("distribution", "positive"),
    [
        (interval(1.0, None, 3.0), True),
        (interval(-1.0, None, 3.0), False),
        (Quantiles(-1.0, 1.0, 3.0, False, 0.5), True),
        (Point(0.0), False),
        (Uniform(0.0, 1.0), False),
        (Uniform(0.1, 1.0), True),
        (Discrete((2.0, -1.0), (1.0, 1.0)), False),
        (Discrete((2.0, 1.0), (1.0, 1.0)), True),
        (Text("yes"), False),
    ],
)
def test_what_is_always_above_zero_is_known_without_drawing(distribution: Distribution, positive: bool) -> None:
    assert is_positive(distribution) is positive


@given(distributions(), st.floats(1e-3, 1e3))
def test_a_change_of_unit_only_scales(distribution: Distribution, factor: float) -> None:
    scaled = distribution.scaled(factor).quantile(GRID)
    np.testing.assert_allclose(scaled, distribution.quantile(GRID) * factor, rtol=1e-9)


@given(positive, positive, positive)
def test_a_range_is_a_90_percent_interval(first: float, second: float, third: float) -> None:
    low, mid, high = sorted((first, second, third))
    found = np.broadcast_to(interval(low, mid, high).quantile(np.array([0.05, 0.5, 0.95])), 3)
    np.testing.assert_allclose(found, [low, mid, high], rtol=1e-9)


def test_a_range_without_a_middle_takes_the_geometric_mean_where_it_is_positive() -> None:
    assert interval(1.0, None, 4.0).quantile(np.array([0.5]))[0] == pytest.approx(2.0)
    assert interval(-1.0, None, 4.0).quantile(np.array([0.5]))[0] == pytest.approx(1.5)


def test_truncation_keeps_samples_inside_and_the_rest_in_proportion() -> None:
    whole = Quantiles(0.2, 0.5, 0.8, False)
    cut = Quantiles(0.2, 0.5, 0.8, False, 0.0, 0.5)
    assert cut.quantile(GRID).max() <= 0.5
    assert cut.quantile(GRID).min() >= 0.0
    below_zero = float(np.mean(whole.quantile(GRID) < 0))
    middle = cut.quantile(np.array([0.5]))[0]
    assert np.mean(whole.quantile(GRID) < middle) == pytest.approx((below_zero + 0.5) / 2, abs=5e-3)


def test_pert_has_the_mean_that_defines_it() -> None:
    assert Pert(1.0, 2.0, 9.0).quantile(np.linspace(5e-5, 1 - 5e-5, 10_000)).mean() == pytest.approx(3.0, rel=1e-3)


def test_discrete_values_come_with_their_weights() -> None:
    values = Discrete((3.0, 1.0, 2.0), (1.0, 1.0, 2.0)).quantile(np.linspace(0.001, 0.999, 1000))
    assert {value: np.mean(values == value) for value in (1.0, 2.0, 3.0)} == pytest.approx(
        {1.0: 0.25, 2.0: 0.5, 3.0: 0.25}
    )


def test_one_observation_is_a_point() -> None:
    assert empirical((2.0, 2.0)) == Point(2.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: interval(2.0, None, 1.0),
        lambda: interval(1.0, 5.0, 2.0),
        lambda: interval(math.nan, None, 1.0),
        lambda: Point(math.inf),
        lambda: Uniform(2.0, 1.0),
        lambda: Discrete((1.0,), (0.0,)),
        lambda: Discrete((1.0,), (1.0, 2.0)),
        lambda: Quantiles(0.0, 1.0, 2.0, True),
        lambda: Quantiles(1.0, 2.0, 3.0, True, 5.0, 6.0),
    ],
)
def test_what_is_no_distribution_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(InputError):
        make()


def test_normal_quantiles_and_probabilities_are_those_of_scipy() -> None:
    from scipy.special import ndtr, ndtri

    tail = 10.0 ** -np.linspace(0.1, 12, 200)
    u = np.concatenate([tail, 1 - tail, GRID[1:], 10.0 ** -np.linspace(12, 300, 39)])
    np.testing.assert_allclose(normal_quantile(u.reshape(-1, 3)), ndtri(u).reshape(-1, 3), rtol=2e-15, atol=1e-15)
    x = np.linspace(-8, 8, 101)
    np.testing.assert_allclose(normal_probability(x.reshape(1, -1)), ndtr(x).reshape(1, -1), rtol=1e-12)


def test_beta_quantiles_are_those_of_scipy() -> None:
    from scipy.special import betaincinv

    shape = np.array([0.3, 1.0, 1.7, 6.0, 40.0, 900.0])
    alpha, beta = shape[:, None, None], shape[:, None]
    u = np.concatenate([10.0 ** -np.arange(1, 10), np.linspace(0.02, 0.98, 25), 1 - 10.0 ** -np.arange(1, 9)])
    np.testing.assert_allclose(beta_quantile(alpha, beta, u), betaincinv(alpha, beta, u), rtol=1e-9)
