"""The serving engine's constants: those that every engine shares, and `constants.yaml` beside this file."""

from __future__ import annotations

from functools import cache
from importlib import resources

from waterline.performance.constants import Constants, parse_constants

FILES = ("constants.yaml", "serving/constants.yaml", "serving/software.yaml")


@cache
def serving_constants() -> Constants:
    """The constants that ship with the package."""
    import yaml

    package = resources.files("waterline.performance")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return parse_constants([yaml.load(package.joinpath(name).read_text("utf-8"), Loader=loader) for name in FILES])
