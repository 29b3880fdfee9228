"""Errors of many predictions, added up as they come."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np


class Tally:
    """Counts and errors of predictions: 8 bytes each, so that a group of any size needs little memory."""

    def __init__(self) -> None:
        self.rows = 0
        self._covered = 0
        self._inside = 0
        self._errors = array("d")

    def add(self, entry: Mapping[str, Any]) -> None:
        """Count an entry with the keys `predicted, low, high, measured, error_pct`."""
        self.rows += 1
        if entry["predicted"] is None:
            return
        self._covered += 1
        if entry["measured"]:
            self._errors.append(entry["error_pct"])
            self._inside += entry["low"] <= entry["measured"] <= entry["high"]

    def errors(self) -> dict[str, Any]:
        """Covered rows, error quantiles and interval coverage; None where nothing is measured."""
        errors = np.array(self._errors, dtype=float)
        size = np.abs(errors)
        some = bool(errors.size)
        return {
            "covered": self._covered,
            "compared": int(errors.size),
            "median_abs_pct_error": float(np.median(size)) if some else None,
            "p90_abs_pct_error": float(np.quantile(size, 0.9)) if some else None,
            "bias_pct": float(np.median(errors)) if some else None,
            "interval90_coverage": self._inside / errors.size if some else None,
        }


def errors_of(predictions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """`Tally.errors` of some predictions."""
    tally = Tally()
    for entry in predictions:
        tally.add(entry)
    return tally.errors()
