"""Experts: how many a batch wakes, and the load of the busiest chip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.model import expert_parameters
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array

TILE = 128.0  # rows and columns of an output tile of a grouped product


@dataclass(frozen=True)
class Experts:
    """The experts of some set-ups before it is known how many tokens they get; floats or arrays of shape (rows,).

    Of `number` experts in each of `layers` layers a token chooses `chosen`; one is passed over with the chance whose
    logarithm is `unchosen`. `ranks` hold whole experts, `weights` and output `columns` tiles of each on one chip.
    `spread`, `skew` and `tile_rows` are the constants of those names.
    """

    number: Array
    chosen: Array
    unchosen: Array
    layers: Array
    ranks: Array
    weights: Array
    columns: Array
    spread: float
    skew: float
    tile_rows: float


@dataclass(frozen=True)
class ExpertLoad:
    """Of the busiest chip over all layers: weights read, FLOP worked with padding, and output tiles started."""

    parameters: Array
    work: Array
    tiles: Array


def experts_of(setting: Setting, constants: Constants) -> Experts:
    """The experts of a setting; of models without any, none in no layer."""
    shape, deployment = setting.shape, setting.deployment
    number = np.maximum(shape.experts, 1.0)
    chosen = np.asarray(shape.active_experts)
    ranks = np.clip(deployment.expert, 1.0, number)
    splits = np.maximum(deployment.stage_chips / ranks, 1.0)
    return Experts(
        number,
        chosen,
        unchosen=np.log1p(-np.minimum(chosen / number, 1.0 - 1e-9)),
        layers=np.where(np.asarray(shape.experts) > 0, shape.moe_layers, 0.0),
        ranks=ranks,
        weights=expert_parameters(shape) / splits,
        columns=(shape.gates * shape.expert_ffn / splits + shape.hidden) / TILE,
        spread=constants["expert_spread"],
        skew=constants["expert_skew"],
        tile_rows=constants["expert_tile_rows"],
    )


def expert_load(experts: Experts, tokens: Array) -> ExpertLoad:
    """The load of `tokens` tokens of all ranks of a stage.

    E(1 − (1 − k/E)^T) of E experts are woken by T tokens that choose k each; choices are alike, so that the tokens
    count for less than their number (`expert_spread`). A chip that holds whole experts waits for the busiest:
    mean + √(2 mean ln ranks) by chance, and a share `expert_skew` by preference.
    """
    ranks = experts.ranks
    independent = 1.0 + np.maximum(tokens - 1.0, 0.0) * experts.spread
    woken = experts.number * (1.0 - np.exp(independent * experts.unchosen))
    woken = np.maximum(woken, np.minimum(experts.chosen, experts.number))
    here = np.minimum(busiest(woken / ranks, ranks), experts.number / ranks)
    mean = tokens * (experts.chosen / ranks)
    routed = busiest(mean, ranks) + mean * (experts.skew * (1.0 - 1.0 / ranks))
    padded = routed + here * experts.tile_rows
    return ExpertLoad(
        here * (experts.layers * experts.weights),
        padded * (2.0 * experts.layers * experts.weights),
        np.maximum(routed / TILE, here) * (experts.layers * experts.columns),
    )


def busiest(mean: Array, ranks: Array) -> Array:
    """Expected largest of `ranks` counts with the given mean, for counts that fall by chance."""
    return np.asarray(mean + np.sqrt(mean * (2.0 * np.log(ranks))))
