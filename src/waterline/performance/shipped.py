"""The engines' own data files: constants, what software can do, published errors."""

from __future__ import annotations

from typing import Any

from waterline.core.data_file import data_file


def shipped(name: str) -> Any:
    """A YAML file below the package, as plain data: ``shipped("training/calibration.yaml")``."""
    return data_file("waterline.performance", name)
