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
class ExpertLoad:
    """Of the busiest chip over all layers: weights read, FLOP worked with padding, and output tiles started."""

    parameters: Array
    work: Array
    tiles: Array


def expert_load(setting: Setting, constants: Constants, tokens: Array) -> ExpertLoad:
    """The load of `tokens` tokens of all ranks of a stage.

    E(1 − (1 − k/E)^T) of E experts are woken by T tokens that choose k each; choices are alike, so that the tokens
    count for less than their number (`expert_spread`). A chip that holds whole experts waits for the busiest:
    mean + √(2 mean ln ranks) by chance, and a share `expert_skew` by preference.
    """
    shape, deployment = setting.shape, setting.deployment
    experts = np.maximum(np.asarray(shape.experts), 1.0)
    chosen = np.asarray(shape.active_experts)
    has = np.asarray(shape.experts) > 0
    ranks = np.clip(deployment.expert, 1.0, experts)
    splits = np.maximum(deployment.stage_chips / ranks, 1.0)
    independent = 1.0 + np.maximum(tokens - 1.0, 0.0) * constants["expert_spread"]
    woken = experts * (1.0 - (1.0 - np.minimum(chosen / experts, 1.0 - 1e-9)) ** independent)
    woken = np.maximum(woken, np.minimum(chosen, experts))
    here = np.minimum(busiest(woken / ranks, ranks), experts / ranks)
    routed = busiest(tokens * chosen / ranks, ranks) + constants["expert_skew"] * tokens * chosen / ranks * (
        1.0 - 1.0 / ranks
    )
    weights = expert_parameters(shape) / splits
    layers = shape.moe_layers * has
    padded = routed + here * constants["expert_tile_rows"]
    columns = (shape.gates * shape.expert_ffn / splits + shape.hidden) / TILE
    high = np.maximum(routed / np.maximum(here, 1e-9) / TILE, 1.0)
    return ExpertLoad(
        np.asarray(layers * here * weights),
        np.asarray(layers * 2.0 * padded * weights),
        np.asarray(layers * here * high * columns),
    )


def busiest(mean: Array, ranks: Array) -> Array:
    """Expected largest of `ranks` counts with the given mean, for counts that fall by chance."""
    return np.asarray(mean + np.sqrt(2.0 * mean * np.log(np.maximum(ranks, 1.0))))
