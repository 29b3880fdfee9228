"""Which formulas keep signs: what they make of positive numbers is positive, whatever happens on the way.

A formula that only adds, multiplies, divides and raises to powers, starting from positive inputs and positive
constants, never divides by zero or by numbers of both signs. Such a formula needs no watch on its divisions, and runs
as fast as plain NumPy. The question is asked of a formula's bytecode; whatever is not recognised counts as unsafe.
"""

from __future__ import annotations

import dis
import functools
from types import CodeType

_KEEPING = {"+", "*", "/", "//", "**"}
_MOVES = ("LOAD_FAST", "STORE_FAST", "RETURN_VALUE", "RESUME", "NOP", "COPY_FREE_VARS")
_CONSTANTS = ("LOAD_CONST", "LOAD_SMALL_INT", "RETURN_CONST")


@functools.cache
def keeps_sign(code: CodeType) -> bool:
    """True when the formula's result, and all that it computes on the way, is positive for positive inputs."""
    return all(_keeps(instruction) for instruction in dis.get_instructions(code))


def _keeps(instruction: dis.Instruction) -> bool:
    if instruction.opname == "BINARY_OP":
        return instruction.argrepr in _KEEPING
    if instruction.opname in _CONSTANTS:
        return isinstance(instruction.argval, int | float) and instruction.argval > 0
    return instruction.opname.startswith(_MOVES)
