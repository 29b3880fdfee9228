"""Puts new entries into YAML text: only lines are added, so that comments, order and layout of the rest stay.

New keys go before the first greater one, list items after the last. Text that would have to be rewritten for that
(a filled mapping or list in flow style) is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from waterline.core.errors import InputError

_STEP = 2
_LARGEST_PLAIN = 1e6
_SMALLEST_PLAIN = 1e-3


def insert_item(text: str, path: Sequence[str], item: str) -> str:
    """``text`` with ``- item`` at the end of the list under the keys of ``path``; missing keys are made.

    Raises InputError when what stands there is not a block mapping or list.
    """
    return _insert(text, path, [f"- {item}"], list_at_end=True)


def insert_mapping(text: str, path: Sequence[str], lines: Sequence[str]) -> str:
    """``text`` with the block ``lines`` under the keys of ``path``.

    Raises InputError when the last of the keys is there already, or what stands above it is not a block mapping.
    """
    return _insert(text, path, [f"{' ' * _STEP}{line}" for line in lines], list_at_end=False)


def _insert(text: str, path: Sequence[str], block: list[str], list_at_end: bool) -> str:
    import yaml

    if text and not text.endswith("\n"):
        text += "\n"
    node: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    if node is None:
        return text + "\n".join(_nested(path, block)) + "\n"
    column = 0  # of keys that stand under the last one found
    line = 0  # after which they go when there are none yet
    for depth, key in enumerate(path):
        if _is_empty(node):
            text = _without(text, node)
            return _with_lines(text, line, column, _nested(path[depth:], block))
        _refuse_flow(node, yaml.MappingNode)
        column = node.start_mark.column
        entry = next(((name, value) for name, value in node.value if name.value == key), None)
        if entry is None:
            before = [value for name, value in node.value if _precedes(node, name, key)]
            line = _last_line(before[-1]) + 1 if before else node.start_mark.line
            return _with_lines(text, line, column, _nested(path[depth:], block))
        node, line, column = entry[1], entry[0].start_mark.line + 1, column + _STEP
    if not list_at_end:
        raise InputError(f"{path[-1]!r} is there already, at line {node.start_mark.line + 1}")
    if _is_empty(node):
        return _with_lines(_without(text, node), line, column - _STEP, block)
    _refuse_flow(node, yaml.SequenceNode)
    return _with_lines(text, _last_line(node) + 1, node.start_mark.column, block)


def _precedes(mapping: Any, name: Any, key: str) -> bool:
    """True for entries that stand before the first key greater than ``key``."""
    for other, _ in mapping.value:
        if other.value > key:
            return False
        if other is name:
            return True
    return False


def _nested(path: Sequence[str], block: list[str]) -> list[str]:
    keys = [f"{' ' * _STEP * depth}{scalar(key)}:" for depth, key in enumerate(path)]
    return keys + [f"{' ' * _STEP * (len(path) - 1)}{line}" for line in block]


def _with_lines(text: str, line: int, column: int, added: list[str]) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:line], *(f"{' ' * column}{new}\n" for new in added), *lines[line:]])


def _is_empty(node: Any) -> bool:
    return node.tag == "tag:yaml.org,2002:null" or (node.id in ("mapping", "sequence") and not node.value)


def _without(text: str, node: Any) -> str:
    """Text without a null, ``{}`` or ``[]`` that is to be filled."""
    return text[: node.start_mark.index].rstrip(" ") + text[node.end_mark.index :]


def _refuse_flow(node: Any, kind: type[Any]) -> None:
    if not isinstance(node, kind) or node.flow_style:
        line = node.start_mark.line + 1
        raise InputError(f"line {line} is not a block {kind.__name__.removesuffix('Node').lower()}; rewrite it as one")


def _last_line(node: Any) -> int:
    """Line on which the content of a node ends, without comments after it."""
    if node.id == "mapping" and node.value and not node.flow_style:
        return _last_line(node.value[-1][1])
    if node.id == "sequence" and node.value and not node.flow_style:
        return _last_line(node.value[-1])
    end = node.end_mark
    return int(end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line)


def scalar(value: object) -> str:
    """A text or number as it is written in a fact file."""
    if isinstance(value, float | int):
        return _number(float(value))
    import yaml

    written: str = yaml.safe_dump([str(value)], default_flow_style=True, width=10**9, allow_unicode=True)
    return written.strip()[1:-1]


def _number(value: float) -> str:
    if value == 0 or _SMALLEST_PLAIN <= abs(value) < _LARGEST_PLAIN:
        return str(int(value)) if value == int(value) else repr(value)
    mantissa, exponent = f"{Decimal(repr(value)).normalize():E}".split("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}"
