"""Returns fitted to factors by ordinary least squares, for all events at once, and what the fit leaves uncertain.

A fit gives coefficients, abnormal returns in both windows, and the covariance of the prediction errors
(MacKinlay 1997, equations 8 to 11): V = s² (I + X* (X'X)⁻¹ X*'), with s² = SSR ÷ (L₁ − p).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from waterline.core.errors import InputError
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.sample import Sample
from waterline.market.event_study.usual import Usual

Model = Literal["market", "market-adjusted", "mean-adjusted", "factors", "scholes-williams", "dimson"]


@dataclass(frozen=True)
class Fit:
    """A fitted model. ``coefficients`` (events, 1 + factors): the intercept, then the slopes.

    ``residuals`` (events, estimation days) and ``abnormal`` (events, event days) are NaN where the return or a
    factor is missing; ``observations`` (events,) counts the estimation days used; ``design`` (events, event days, p)
    and ``spread`` (events, p, p) = (X'X)⁻¹ carry what the estimation leaves uncertain, over the p estimated
    ``parameters``.
    """

    model: Model
    coefficients: Returns
    residuals: Returns
    abnormal: Returns
    observations: Returns
    design: Returns
    spread: Returns

    @property
    def parameters(self) -> int:
        """Number of estimated coefficients."""
        return int(self.design.shape[2])

    @property
    def lost_degrees(self) -> int:
        """Observations used up by the estimate of the residual variance; one where the model estimates nothing."""
        return max(self.parameters, 1)

    @cached_property
    def usual(self) -> Usual:
        """The estimation window as tests read it."""
        return Usual(self.residuals, self.observations, self.lost_degrees)

    @cached_property
    def variance(self) -> Returns:
        """Residual variance, (events,); around their mean where the model estimates nothing."""
        residuals = self.residuals if self.parameters else _centred(self.residuals)
        return np.asarray(np.nansum(residuals**2, axis=1) / (self.observations - self.lost_degrees))

    @property
    def inflation(self) -> Returns:
        """By what the variance of one event day exceeds the residual variance, (events, event days)."""
        return np.asarray(1 + np.einsum("edi,eij,edj->ed", self.design, self.spread, self.design))

    @property
    def standard_errors(self) -> Returns:
        """Standard errors of the abnormal returns, (events, event days)."""
        return np.sqrt(self.variance[:, None] * self.inflation)

    def cumulative(self, first: int = 0, last: int | None = None) -> tuple[Returns, Returns]:
        """Cumulative abnormal returns over the event days ``first`` to ``last``, and their standard errors, (events,).

        Missing days count as no return and add no variance.
        """
        days = slice(first, None if last is None else last + 1)
        present = ~np.isnan(self.abnormal[:, days])
        lean = np.einsum("ed,edi->ei", present, np.nan_to_num(self.design[:, days]))
        extra = np.einsum("ei,eij,ej->e", lean, self.spread, lean)
        return np.nansum(self.abnormal[:, days], axis=1), np.sqrt(self.variance * (present.sum(axis=1) + extra))


def least_squares(sample: Sample, before: Returns, after: Returns, model: Model) -> Fit:
    """Ordinary least squares of returns on a constant and factors, over the days on which all are there."""
    returns = sample.estimation
    events = len(returns)
    used = ~np.isnan(returns) & ~np.isnan(before).any(axis=2)
    count = used.sum(axis=1)
    check_length(count, before.shape[2] + 1)
    mean = _over_used(returns, used) / count
    centre = (
        _over_used(np.broadcast_to(before, (events, *before.shape[1:])).transpose(2, 0, 1), used).T / count[:, None]
    )
    design = _where(used[..., None], before - centre[:, None], 0)
    moved = _where(used, returns - mean[:, None], 0)
    square = np.einsum("edi,edj->eij", design, design)
    check_spread(square)
    slopes = np.linalg.solve(square, np.einsum("edi,ed->ei", design, moved)[..., None])[..., 0]
    intercept = mean - np.sum(slopes * centre, axis=1)
    residuals = _where(used, moved - np.einsum("edi,ei->ed", design, slopes), np.nan)
    event_factors = np.broadcast_to(after, (events, *after.shape[1:]))
    expected = intercept[:, None] + np.einsum("edi,ei->ed", event_factors, slopes)
    full = np.concatenate([np.ones((events, after.shape[1], 1)), after - centre[:, None]], axis=2)
    spread = np.zeros((events, full.shape[2], full.shape[2]))
    spread[:, 0, 0] = 1 / count
    spread[:, 1:, 1:] = np.linalg.inv(square)
    coefficients = np.concatenate([intercept[:, None], slopes], axis=1)
    return Fit(model, coefficients, residuals, sample.event - expected, count.astype(float), full, spread)


def check_length(count: np.ndarray, parameters: int) -> None:
    """Raise InputError when an event has fewer estimation days than a variance needs."""
    short = np.flatnonzero(count < parameters + 2)
    if short.size:
        raise InputError(
            f"event {short[0] + 1} has {int(count[short[0]])} estimation days with returns; at least "
            f"{parameters + 2} are needed"
        )


def check_spread(square: np.ndarray) -> None:
    """Raise InputError when a factor does not move, or moves with another one exactly."""
    if square.shape[1] and (np.linalg.matrix_rank(square, hermitian=True) < square.shape[1]).any():
        raise InputError("a factor does not move in the estimation window, or is a copy of another one")


def _centred(values: Returns) -> Returns:
    return np.asarray(values - np.nanmean(values, axis=1, keepdims=True))


def _where(used: np.ndarray, values: Returns, otherwise: float) -> Returns:
    """Values where they are used, something else where not; nothing is copied when all are used."""
    return values if used.all() else np.where(used, values, otherwise)


def _over_used(values: Returns, used: np.ndarray) -> Returns:
    return np.asarray(_where(used, values, 0).sum(axis=-1))
