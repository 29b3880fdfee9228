"""Which formulas need no watch on what they divide by, so that they run as fast as plain NumPy.

Either they do not divide, or they keep signs: a formula that only adds, multiplies, divides and raises to powers,
starting from positive inputs and positive constants, never divides by zero or by numbers of both signs. The question is
asked of a formula's bytecode; whatever is not recognised counts as unsafe.
"""

from __future__ import annotations

import dis
import functools
from types import CodeType

_KEEPING = {"+", "*", "/", "//", "**"}
_DIVIDING = {"/", "//", "%"}
_NAMES = {"np", "abs", "ceil", "clip", "exp", "log", "maximum", "minimum", "sqrt", "where"}  # that do not divide
_MOVES = ("LOAD_FAST", "STORE_FAST", "RETURN_VALUE", "RESUME", "NOP", "COPY_FREE_VARS")
_CONSTANTS = ("LOAD_CONST", "LOAD_SMALL_INT", "RETURN_CONST")


@functools.cache
def keeps_sign(code: CodeType) -> bool:
    """True when the formula's result, and all that it computes on the way, is positive for positive inputs."""
    return not code.co_names and all(_keeps(instruction) for instruction in dis.get_instructions(code))


def _keeps(instruction: dis.Instruction) -> bool:
    if instruction.opname == "BINARY_OP":
        return instruction.argrepr in _KEEPING
    if instruction.opname in _CONSTANTS:
        return isinstance(instruction.argval, int | float) and instruction.argval > 0
    return instruction.opname.startswith(_MOVES)


@functools.cache
def never_divides(code: CodeType) -> bool:
    """True when the formula has no division of its own and calls nothing that could have one."""
    nested = any(isinstance(constant, CodeType) for constant in code.co_consts)
    if nested or code.co_freevars or not _NAMES.issuperset(code.co_names):
        return False
    operators = {found.argrepr.rstrip("=") for found in dis.get_instructions(code) if found.opname == "BINARY_OP"}
    return operators.isdisjoint(_DIVIDING)
