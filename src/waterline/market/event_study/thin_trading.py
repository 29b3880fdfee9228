"""Slopes for shares that trade thinly, whose prices follow the market with a delay or ahead of it."""

from __future__ import annotations

import dataclasses

import numpy as np

from waterline.market.event_study.least_squares import Fit, Model, check_length, least_squares
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.sample import Sample


def fit(sample: Sample, model: Model) -> Fit:
    """The market model with the slope of Scholes and Williams (1977) or Dimson (1979).

    The slope is estimated on the estimation days that have a day before and after them. The intercept makes the
    residuals of these days average zero. Prediction errors are taken as those of the market model with that slope.
    """
    slope = scholes_williams(sample) if model == "scholes-williams" else dimson(sample)
    ordinary = least_squares(sample, sample.estimation_factors[..., :1], sample.event_factors[..., :1], model)
    market, inside = sample.estimation_factors[..., 0], sample.estimation[:, 1:-1]
    used = ~np.isnan(inside + market[:, 1:-1])
    intercept = _mean(inside, used) - slope * _mean(np.broadcast_to(market[:, 1:-1], inside.shape), used)
    residuals = sample.estimation - intercept[:, None] - slope[:, None] * market
    abnormal = sample.event - intercept[:, None] - slope[:, None] * sample.event_factors[..., 0]
    return dataclasses.replace(
        ordinary, coefficients=np.stack([intercept, slope], axis=1), residuals=residuals, abnormal=abnormal
    )


def scholes_williams(sample: Sample) -> Returns:
    """Slope (b₋₁ + b₀ + b₊₁) ÷ (1 + 2ρ) of Scholes and Williams (1977, equation 18), (events,).

    b are slopes on the market of the day before, the day itself and the day after; ρ is the market's own first-order
    autocorrelation. All are taken on the same days.
    """
    returns, earlier, same, later = _shifted(sample)
    slopes = sum(_slope(market, returns) for market in (earlier, same, later))
    return np.asarray(slopes / (1 + 2 * _correlation(earlier, same)))


def dimson(sample: Sample) -> Returns:
    """Sum of the slopes on the market of the day before, the day and the day after (Dimson 1979, eq. 4), (events,)."""
    returns, *markets = _shifted(sample)
    factors = np.stack(markets, axis=2)
    nothing = Sample(returns, returns[:, :1], factors, factors[:, :1])
    return np.asarray(least_squares(nothing, factors, factors[:, :1], "factors").coefficients[:, 1:].sum(axis=1))


def _shifted(sample: Sample) -> tuple[Returns, Returns, Returns, Returns]:
    """Returns and the market of the day before, the day and the day after; NaN on days that lack one of them."""
    market = np.broadcast_to(sample.estimation_factors[..., 0], sample.estimation.shape)
    parts = (sample.estimation[:, 1:-1], market[:, :-2], market[:, 1:-1], market[:, 2:])
    missing = np.isnan(sum(parts))
    check_length((~missing).sum(axis=1), 4)
    earlier_return, *markets = (np.where(missing, np.nan, part) for part in parts)
    return earlier_return, markets[0], markets[1], markets[2]


def _slope(market: Returns, returns: Returns) -> Returns:
    moved = market - np.nanmean(market, axis=1, keepdims=True)
    return np.asarray(np.nansum(moved * returns, axis=1) / np.nansum(moved**2, axis=1))


def _correlation(first: Returns, second: Returns) -> Returns:
    one = first - np.nanmean(first, axis=1, keepdims=True)
    other = second - np.nanmean(second, axis=1, keepdims=True)
    scale = np.sqrt(np.nansum(one**2, axis=1) * np.nansum(other**2, axis=1))
    return np.asarray(np.nansum(one * other, axis=1) / scale)


def _mean(values: Returns, used: np.ndarray) -> Returns:
    return np.asarray(np.where(used, values, 0).sum(axis=1) / used.sum(axis=1))
