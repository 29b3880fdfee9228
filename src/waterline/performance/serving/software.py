"""Serving software: which engine, of which date, from free text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from waterline.performance.constants import Constants
from waterline.performance.software import decimal_year


@dataclass(frozen=True)
class ServingSoftware:
    """An engine family, and the `age` of its release: years before the reference year of the constants."""

    engine: str
    age: float


def serving_software(name: str, published: str, constants: Constants) -> ServingSoftware:
    """The engine that a free-text name such as "TensorRT-LLM 1.2.0rc6" describes.

    A version listed in `software.yaml` beside this file dates the release; otherwise the date of publication does. A
    name that no rule knows falls into the last, generic family.
    """
    rules = constants.software
    text = name.lower()
    engine = next((rule for rule in rules["engines"] if re.search(rule["match"], text)), rules["engines"][-1])
    dated = next((date for pattern, date in engine.get("releases", {}).items() if re.search(pattern, text)), None)
    year = decimal_year(str(dated)) if dated else _year(published, rules)
    return ServingSoftware(engine["name"], constants["reference_year"] - year)


def _year(published: str, rules: Mapping[str, Any]) -> float:
    try:
        return decimal_year(published)
    except ValueError:
        return float(rules["default_year"])


def assumed_drafts(name: str, published: str, has_module: bool, constants: Constants) -> float:
    """Tokens proposed per step in runs of releases that speculate by habit, for models that carry a module for it."""
    rules = constants.software["speculation"] if has_module else []
    return next(
        (
            float(rule["draft"])
            for rule in rules
            if re.search(rule["match"], name.lower()) and published >= str(rule["since"])
        ),
        0.0,
    )
