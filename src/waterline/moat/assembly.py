"""Inline PTX: which instruction a statement uses, and whether it drives the matrix units."""

from __future__ import annotations

import re

from waterline.moat.findings import Kind
from waterline.moat.lexicon import pattern, rules

_LONGEST = 20_000  # characters of one statement that are looked at
_PARENTHESIS = re.compile(r"[()]")
_STRING = re.compile(r'"((?:[^"\\]|\\[\s\S])*)"')
_OPCODE = re.compile(r"(?:^|[;{}\s]|\\n|\\t)(?:@!?[\w%]+\s+)?([a-z][a-z0-9_]*(?:(?:\.|::)[\w]+)*)(?=[\s;]|\\n|\\t|$)")


def instruction(statement: str) -> tuple[Kind, str] | None:
    """Kind and name of the instruction of an ``asm`` statement; None when it is not PTX (another machine's, a barrier).

    A statement with several instructions is named by the one for the matrix units, else by the first.
    """
    strings = _STRING.findall(statement[:_LONGEST])
    opcodes = [found for text in strings for found in _OPCODE.findall(text)]
    tensor_core = pattern(rules()["assembly"]["tensor_core"])
    plain = rules()["assembly"]["plain"]
    for opcode in opcodes:
        if tensor_core.match(opcode):
            return "tensor core", _short(opcode)
    for opcode in opcodes:
        if "." in opcode or opcode in plain:
            return "assembly", _short(opcode)
    return None


def _short(opcode: str) -> str:
    """The instruction without its types: ``mma.sync``, ``cp.async.bulk``, ``ld.global``."""
    parts = opcode.split(".")
    return ".".join(parts[:3] if parts[:2] == ["cp", "async"] and parts[2:3] == ["bulk"] else parts[:2])


def statement_end(code: str, start: int) -> int:
    """Offset after the closing parenthesis of the statement at ``start``, or after `_LONGEST` without one."""
    opening = code.find("(", start, start + 200)
    if opening < 0:
        return start + 200
    depth = 0
    for found in _PARENTHESIS.finditer(code, opening, start + _LONGEST):
        depth += 1 if found.group() == "(" else -1
        if depth == 0:
            return found.end()
    return start + _LONGEST
