"""What both engines ask of the graph about a chip and a model, and the cards that they make of the answers.

An engine plans one configuration, so it reads the medians of its inputs.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.facts.roles import chip, model
from waterline.performance.chip import Chip
from waterline.performance.known import CHIP_UNITS, MODEL_UNITS
from waterline.performance.model import Model

CHIP_AND_MODEL: Mapping[str, Any] = {
    **{f"chip_{name}": chip(unit, attribute=name, optional=True) for name, unit in CHIP_UNITS.items()},
    "chip_vendor": chip("text", attribute="vendor"),
    "chip_announced": chip("date", attribute="announced"),
    **{name: model(unit, optional=True) for name, unit in MODEL_UNITS.items()},
    "attention": model("text", optional=True),
    "tied_embeddings": model("text", optional=True),
}


def medians(inputs: Mapping[str, Samples]) -> dict[str, Any]:
    """The median of each input, or its text."""
    return {name: _middle(values) for name, values in inputs.items()}


def _middle(values: Samples) -> str | float:
    if values.size == 1 or values.dtype.kind == "U":  # most are certain: one number
        first: str | float = values.item(0)
        return first
    return _median(np.asarray(values).tobytes())


@functools.lru_cache(maxsize=32)
def _median(content: bytes) -> float:
    """The median of samples, from their bytes: quantities of many chips ask for that of the same few inputs."""
    return float(np.median(np.frombuffer(content)))


def placed_error(shared: Samples, own: Samples, own_share: Samples) -> Samples:
    """Where a machine lies in an engine's interval, from what it shares with all chips and what is its chip's own,
    `own_share` of the variance."""
    return shared * (1 - own_share) ** 0.5 + own * own_share**0.5


def chip_card(given: Mapping[str, Any]) -> Chip:
    """The chip in values of `CHIP_AND_MODEL`."""
    sheet: dict[str, Any] = {name: given.get(f"chip_{name}") for name in CHIP_UNITS}
    return Chip(vendor=given["chip_vendor"], released=given["chip_announced"][:7], **sheet)


def model_card(given: Mapping[str, Any]) -> Model:
    """The model in values of `CHIP_AND_MODEL`, as far as it is known."""
    card: dict[str, Any] = {name: given.get(name) for name in MODEL_UNITS}
    tied = given.get("tied_embeddings")
    return Model(attention=given.get("attention"), tied_embeddings=None if tied is None else tied == "yes", **card)
