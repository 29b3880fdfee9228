"""What a security would have earned without the event: return models by name."""

from __future__ import annotations

from typing import get_args

import numpy as np

from waterline.core.errors import InputError
from waterline.market.event_study import thin_trading
from waterline.market.event_study.least_squares import Fit, Model, check_length, least_squares
from waterline.market.event_study.sample import Sample

MODELS: tuple[Model, ...] = get_args(Model)


def fit(sample: Sample, model: Model = "market") -> Fit:
    """Fit a model to every event.

    ``market``: r = α + β·market. ``market-adjusted``: r = market. ``mean-adjusted``: r = mean. ``factors``: r on all
    factors (Fama and French's, a sector's, any). ``scholes-williams`` and ``dimson``: the market model with a slope
    that allows for thin trading. In excess returns (`Sample.in_excess_of`) the market model is the CAPM's.

    Raises InputError for an unknown model or an event with too few days to fit.
    """
    if model in ("scholes-williams", "dimson"):
        return thin_trading.fit(sample, model)
    if model == "market-adjusted":
        return _known_coefficients(sample)
    if model == "mean-adjusted":
        return least_squares(sample, sample.estimation_factors[..., :0], sample.event_factors[..., :0], model)
    if model == "market":
        return least_squares(sample, sample.estimation_factors[..., :1], sample.event_factors[..., :1], model)
    if model == "factors":
        return least_squares(sample, sample.estimation_factors, sample.event_factors, model)
    raise InputError(f"unknown return model {model!r}; choose from {', '.join(MODELS)}")


def _known_coefficients(sample: Sample) -> Fit:
    events = len(sample.event)
    residuals = sample.estimation - sample.estimation_factors[..., 0]
    abnormal = sample.event - sample.event_factors[..., 0]
    count = (~np.isnan(residuals)).sum(axis=1)
    check_length(count, 1)
    nothing = np.zeros((events, sample.event.shape[1], 0))
    coefficients = np.tile([0.0, 1.0], (events, 1))
    return Fit(
        "market-adjusted", coefficients, residuals, abnormal, count.astype(float), nothing, np.zeros((events, 0, 0))
    )
