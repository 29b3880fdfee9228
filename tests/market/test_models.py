"""Return models against least squares done one event at a time."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market.conftest import made_up

from waterline.core.errors import InputError
from waterline.market.event_study.models import fit
from waterline.market.event_study.sample import Sample, around, gather
from waterline.market.event_study.thin_trading import dimson, scholes_williams

ESTIMATION, WINDOW = (-80, -6), (-2, 3)


def test_market_model_is_least_squares_with_its_prediction_covariance() -> None:
    panel = made_up()
    fitted = fit(around(panel, 100, ESTIMATION, WINDOW))
    before, after = slice(20, 95), slice(98, 104)
    for k in range(5):
        there = ~np.isnan(panel.returns[before, k])
        design = np.column_stack([np.ones(75), panel.factors[before, 0]])[there]
        returns = panel.returns[before, k][there]
        slopes, *_ = np.linalg.lstsq(design, returns, rcond=None)
        variance = ((returns - design @ slopes) ** 2).sum() / (there.sum() - 2)
        event = np.column_stack([np.ones(6), panel.factors[after, 0]])
        covariance = variance * (np.eye(6) + event @ np.linalg.inv(design.T @ design) @ event.T)
        traded = ~np.isnan(panel.returns[after, k])
        assert fitted.coefficients[k] == pytest.approx(slopes)
        assert fitted.standard_errors[k] == pytest.approx(np.sqrt(np.diag(covariance)))
        total, error = (part[k] for part in fitted.cumulative())
        assert total == pytest.approx(np.nansum(panel.returns[after, k] - event @ slopes))
        assert error == pytest.approx(np.sqrt(covariance[np.ix_(traded, traded)].sum()))


@pytest.mark.parametrize("model", ["market", "market-adjusted", "mean-adjusted", "scholes-williams", "dimson"])
def test_events_together_are_as_events_alone(model: str) -> None:
    panel = made_up()
    together = fit(gather(panel, [0, 3, 3], [100, 90, 110], ESTIMATION, WINDOW), model)  # type: ignore[arg-type]
    for k, (column, place) in enumerate([(0, 100), (3, 90), (3, 110)]):
        alone = fit(around(panel, place, ESTIMATION, WINDOW), model)  # type: ignore[arg-type]
        assert together.abnormal[k] == pytest.approx(alone.abnormal[column], nan_ok=True)
        assert together.standard_errors[k] == pytest.approx(alone.standard_errors[column])


def test_simple_models_by_hand() -> None:
    sample = Sample(
        np.array([[0.01, 0.03, 0.02]]), np.array([[0.05]]), np.array([[[0.0], [0.01], [0.03]]]), np.array([[[0.02]]])
    )
    adjusted, mean = fit(sample, "market-adjusted"), fit(sample, "mean-adjusted")
    assert adjusted.abnormal[0] == pytest.approx([0.03])
    assert mean.abnormal[0] == pytest.approx([0.03])
    assert mean.standard_errors[0] == pytest.approx([0.01 * np.sqrt(4 / 3)])
    assert adjusted.variance[0] == pytest.approx(np.var([0.01, 0.02, -0.01], ddof=1))


def test_factor_model_recovers_the_slopes_and_excess_returns_shift_the_intercept() -> None:
    random = np.random.default_rng(3)
    factors = random.normal(0, 0.01, (1, 200, 3))
    returns = 0.001 + factors[0] @ np.array([1.2, -0.4, 0.7])
    sample = Sample(returns[None, :190], returns[None, 190:], factors[:, :190], factors[:, 190:])
    assert fit(sample, "factors").coefficients[0] == pytest.approx([0.001, 1.2, -0.4, 0.7])
    above = sample.in_excess_of(np.full((1, 190), 0.0002), np.full((1, 10), 0.0002), market_too=False)
    assert fit(above, "factors").coefficients[0] == pytest.approx([0.0008, 1.2, -0.4, 0.7])


def test_thin_trading_finds_the_slope_that_delay_hides() -> None:
    random = np.random.default_rng(4)
    market = random.normal(0, 0.01, 4001)
    returns = 0.6 * market[1:] + 0.9 * market[:-1] + random.normal(0, 0.001, 4000)
    sample = Sample(returns[None, :], returns[None, :1], market[None, 1:, None], market[None, 1:2, None])
    assert fit(sample).coefficients[0, 1] == pytest.approx(0.6, abs=0.05)
    assert dimson(sample)[0] == pytest.approx(1.5, abs=0.02)
    assert scholes_williams(sample)[0] == pytest.approx(1.5, abs=0.05)


def test_scholes_williams_is_its_formula() -> None:
    panel = made_up(missing=0.0)
    sample = around(panel, 100, ESTIMATION, WINDOW)
    market = panel.factors[20:95, 0]
    for k in range(5):
        y = panel.returns[20:95, k][1:-1]
        slopes = [np.polyfit(x, y, 1)[0] for x in (market[:-2], market[1:-1], market[2:])]
        rho = np.corrcoef(market[:-2], market[1:-1])[0, 1]
        assert scholes_williams(sample)[k] == pytest.approx(sum(slopes) / (1 + 2 * rho))


@settings(max_examples=25, deadline=None)
@given(st.floats(-0.01, 0.01), st.floats(0.1, 10))
def test_an_even_shift_is_no_event_and_scale_is_no_evidence(shift: float, scale: float) -> None:
    panel = made_up()
    moved = dataclasses.replace(panel, returns=panel.returns * scale + shift)
    before, after = (fit(around(p, 100, ESTIMATION, WINDOW)) for p in (panel, moved))
    assert after.abnormal == pytest.approx(before.abnormal * scale, nan_ok=True, abs=1e-12)
    ratio = after.abnormal / after.standard_errors
    assert ratio == pytest.approx(before.abnormal / before.standard_errors, nan_ok=True, rel=1e-6)


@pytest.mark.parametrize(
    ("estimation", "window", "message"),
    [
        ((-80, -1), (-2, 3), "overlaps"),
        ((-6, -80), (-2, 3), "write -80,-6"),
        ((-200, -6), (0, 0), "reaches beyond the returns"),
        ((-80, -6), (0, 60), "reaches beyond the returns"),
        ((-8, -6), (0, 0), "at least 4 are needed"),
    ],
)
def test_windows_that_cannot_be_are_refused(estimation: tuple[int, int], window: tuple[int, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit(around(made_up(), 100, estimation, window))


def test_a_market_that_stands_still_is_refused() -> None:
    panel = made_up()
    still = dataclasses.replace(panel, factors=np.zeros_like(panel.factors))
    with pytest.raises(InputError, match="does not move"):
        fit(around(still, 100, ESTIMATION, WINDOW))
