"""The serving engine's constants: those that every engine shares, and `constants.yaml`, `exchange.yaml` and
`software.yaml` beside this file."""

from __future__ import annotations

from functools import cache

from waterline.performance.constants import Constants, parse_constants
from waterline.performance.shipped import shipped

FILES = ("constants.yaml", "serving/constants.yaml", "serving/exchange.yaml", "serving/software.yaml")


@cache
def serving_constants() -> Constants:
    """The constants that ship with the package."""
    return parse_constants([shipped(name) for name in FILES])
