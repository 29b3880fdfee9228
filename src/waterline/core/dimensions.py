"""Does a formula produce the unit that it declares? Asked of pint once for every version of a formula.

The formula runs on one number per input, once plain and once carrying its unit; the two must come to the same
value in the declared unit. That finds a wrong dimension and also a wrong scale (a price per year added to one per
hour), which a check of dimensions alone would miss. What has passed is remembered by the formula's fingerprint.
"""

from __future__ import annotations

import functools
import hashlib
import warnings
from typing import Any

import numpy as np

from waterline.core.errors import UnitError
from waterline.core.files import read_cache, write_cache
from waterline.core.quantity import Quantity

_MEMORY = "checked-formulas"
_DIGEST = 12

_new: list[bytes] = []  # passed, and not yet kept for the next run


def check_dimensions(found: Quantity) -> None:
    """Raise UnitError when the formula's unit is not the one it declares."""
    if found.opaque:
        return
    if found.fingerprint not in _passed():
        run_with_units(found)
        _passed().add(found.fingerprint)
        _new.append(found.fingerprint)


def remember_checked() -> None:
    """Keep for the next run which formulas have passed since the last call."""
    if _new:
        _new.clear()
        write_cache(_MEMORY, b"".join(sorted(_passed())))


def run_with_units(found: Quantity) -> None:
    """The check itself, without memory."""
    import pint

    from waterline.core.units import parse, registry

    plain = {argument: np.array([_magnitude(argument)]) for argument in found.inputs}
    units = registry()
    carrying = {
        argument: units.Quantity(plain[argument].copy(), parse(origin.unit, units))
        for argument, origin in found.inputs.items()
    }
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected = np.asarray(found.formula(**plain), dtype=float)
        try:
            result: Any = found.formula(**carrying)
            reached = units.Quantity(result).to(parse(found.unit, units)).magnitude
        except pint.errors.PintError as problem:
            given = ", ".join(f"{argument} in {origin.unit!r}" for argument, origin in found.inputs.items())
            raise UnitError(
                f"quantity {found.name!r} declares {found.unit!r}, but its formula does not give that from "
                f"{given}: {problem}"
            ) from problem
    if not np.allclose(np.asarray(reached, dtype=float), expected, rtol=1e-9, atol=0, equal_nan=True):
        raise UnitError(
            f"quantity {found.name!r} declares {found.unit!r}, but its formula mixes scales: the same inputs give "
            f"{float(np.ravel(expected)[0]):g} plain and {float(np.ravel(reached)[0]):g} with their units"
        )


@functools.cache
def _passed() -> set[bytes]:
    stored = read_cache(_MEMORY) or b""
    if len(stored) % _DIGEST:
        return set()
    return {stored[start : start + _DIGEST] for start in range(0, len(stored), _DIGEST)}


def _magnitude(argument: str) -> float:
    """A number between 0.2 and 0.9 that differs between arguments, so that no two cancel by accident."""
    digest = hashlib.blake2b(argument.encode(), digest_size=4).digest()
    return 0.2 + 0.7 * int.from_bytes(digest, "little") / 2**32
