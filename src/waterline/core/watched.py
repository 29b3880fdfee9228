"""Formulas run with an eye on what they divide by: there is never a silent wrong number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import NumberError
from waterline.core.graph import Node
from waterline.core.signs import never_divides


def watched(node: Node, inputs: Mapping[str, Samples]) -> Samples:
    """A formula's result, with an eye on what it divides by. Raises NumberError."""
    assert node.quantity is not None
    arguments: Mapping[str, Any] = inputs
    if not never_divides(node.quantity.formula.__code__):
        arguments = {name: values.view(_Guarded) for name, values in inputs.items()}
    try:
        result = np.asarray(node.quantity.formula(**arguments), dtype=float)
    except _SpansZeroError as problem:
        ranges = _ranges(inputs)
        raise NumberError(f"{node.id} divides by a range that spans zero; its inputs: {ranges}") from problem
    if not _all_finite(result):
        raise NumberError(f"{node.id} is not a finite number for some samples; its inputs: {_ranges(inputs)}")
    return result


def _all_finite(values: Samples) -> bool:
    """The sum shows at once that all is well; only where it does not is every number looked at."""
    return math.isfinite(np.add.reduce(values, axis=None)) or bool(np.isfinite(values).all())


class _SpansZeroError(ArithmeticError):
    """A denominator takes both signs, or zero."""


_DIVISIONS = frozenset({np.true_divide, np.floor_divide, np.remainder, np.reciprocal})


class _Guarded(np.ndarray):
    """Array that refuses to be a denominator when its samples are not all on one side of zero."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [value.view(np.ndarray) if isinstance(value, _Guarded) else value for value in inputs]
        if ufunc in _DIVISIONS:
            denominator = np.asarray(plain[-1])
            if denominator.size and denominator.min() <= 0 <= denominator.max():
                raise _SpansZeroError
        result = getattr(ufunc, method)(*plain, **options)
        return result.view(_Guarded) if isinstance(result, np.ndarray) else result


def _ranges(inputs: Mapping[str, Samples]) -> str:
    return ", ".join(f"{name} {values.min():g}..{values.max():g}" for name, values in inputs.items())
