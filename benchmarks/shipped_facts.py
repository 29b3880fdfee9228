"""Chips and models of the shipped fact base, as the engines take them."""

from __future__ import annotations

from waterline.facts.store import FactBase, KnownFacts
from waterline.performance.chip import Chip
from waterline.performance.known import chips_by_name, models_by_name
from waterline.performance.model import Model


def _known() -> KnownFacts:
    facts = FactBase.load()
    return facts.as_of(facts.known_to)


def chips() -> dict[str, Chip]:
    """Chips by id, name and alias."""
    return chips_by_name(_known())


def models() -> dict[str, Model]:
    """Models by name."""
    return models_by_name(_known())
