"""Inline PTX: which instruction a statement uses, and whether it drives the matrix units."""

from __future__ import annotations

import re

from waterline.moat.findings import Kind
from waterline.moat.lexicon import pattern, rules

_LONGEST = 20_000  # characters of one statement that are looked at
_STRING = re.compile(r'"((?:[^"\\]|\\[\s\S])*)"')
_OPCODE = re.compile(r"(?:^|[;{}\s]|\\n|\\t)(?:@!?[\w%]+\s+)?([a-z][a-z0-9_]*(?:(?:\.|::)[\w]+)*)(?=[\s;]|\\n|\\t|$)")


def instruction(statement: str) -> tuple[Kind, str] | None:
    """Kind and name of the instruction of an ``asm`` statement; None when it is not PTX (another machine's, a barrier).

    A statement with several instructions is named by the one for the matrix units, else by the first.
    """
    strings = _STRING.findall(statement[:_LONGEST])
    # Operands and their constraints follow the first colon outside a string; opcodes hold a dot or are few words
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


def statement_at(text: str, code: str, start: int) -> str:
    """The statement that starts at ``start``, up to its closing parenthesis in ``code``."""
    opening = code.find("(", start, start + 200)
    depth = 0
    for place in range(opening, min(len(code), opening + _LONGEST) if opening >= 0 else opening):
        depth += (code[place] == "(") - (code[place] == ")")
        if depth == 0:
            return text[start : place + 1]
    return text[start : start + 200]
