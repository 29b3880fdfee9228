"""The engines' own data files: constants, what software can do, published errors."""

from __future__ import annotations

from importlib import resources
from typing import Any


def shipped(name: str) -> Any:
    """A YAML file below the package, as plain data: ``shipped("training/calibration.yaml")``."""
    import yaml

    text = resources.files("waterline.performance").joinpath(name).read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
