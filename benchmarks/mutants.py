"""Small changes of a source file, each as it could slip into a formula: what `mutation.py` draws from."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}  # fmt: skip
LEFT_ALONE = (ast.Raise, ast.Assert, ast.JoinedStr, ast.arguments, ast.Import, ast.ImportFrom)
FIELDS_LEFT_ALONE = ("decorator_list", "annotation", "returns", "format_spec")


class Mutant(NamedTuple):
    """A change: characters ``start`` to ``end`` of a file (in bytes) become ``text``.

    ``function`` is file and first line of the function that holds it; outside of functions ``constant`` is the name
    that the changed statement gives.
    """

    path: Path
    line: int
    start: int
    end: int
    text: str
    function: str
    constant: str

    def __str__(self) -> str:
        before = " ".join(self.path.read_bytes()[self.start : self.end].decode().split())
        return f"{'/'.join(self.path.parts[-2:])}:{self.line}: {before} → {self.text}"

    def mutated(self) -> str:
        """The whole file with the change."""
        source = self.path.read_bytes()
        return (source[: self.start] + self.text.encode() + source[self.end :]).decode()

    def value(self) -> str:
        """The expression that the changed statement gives to its constant."""
        for statement in ast.parse(self.mutated()).body:
            if _constant(statement) == self.constant:
                return ast.unparse(statement.value)  # type: ignore[attr-defined]
        raise AssertionError(self.constant)


def mutants(path: Path) -> list[Mutant]:
    """Every change of one file."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node, changed, function, constant in _of_module(ast.parse(source), str(path)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        text = changed if isinstance(changed, str) else f"({ast.unparse(changed)})"
        found.append(Mutant(path, node.lineno, start, end, text, function, constant))
    return found


def _of_module(tree: ast.AST, file: str) -> Iterator[tuple[ast.AST, ast.AST | str, str, str]]:
    """Changes in functions and methods, and in constants of the module."""
    for statement in ast.iter_child_nodes(tree):
        if isinstance(statement, ast.ClassDef):
            yield from (found for found in _of_module(statement, file) if found[2])
        elif isinstance(statement, ast.FunctionDef):
            first = min([statement.lineno, *(one.lineno for one in statement.decorator_list)])
            for part in statement.body:
                yield from ((node, changed, f"{file}:{first}", "") for node, changed in _changes(part))
        elif _constant(statement):
            changes = _changes(statement.value)  # type: ignore[attr-defined]
            yield from ((node, changed, "", _constant(statement)) for node, changed in changes)


def _constant(statement: ast.AST) -> str:
    """The one name that a statement gives a value to, or nothing."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.AST()):
            return name
    return ""


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | str]]:
    """Nodes under ``node`` with what may stand in their place."""
    if isinstance(node, LEFT_ALONE):
        return
    yield from ((node, changed) for changed in _instead(node))
    for name, value in ast.iter_fields(node):
        for below in value if isinstance(value, list) else [value]:
            if isinstance(below, ast.AST) and name not in FIELDS_LEFT_ALONE:
                yield from _changes(below)


def _instead(node: ast.AST) -> Iterator[ast.AST | str]:
    match node:
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            yield _with(node, op=OPERATORS[type(op)]())
        case ast.AugAssign(op=op) if type(op) in OPERATORS:
            yield ast.unparse(_with(node, op=OPERATORS[type(op)]()))
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            yield from (_with(node, ops=[other()]) for other in COMPARISONS[type(op)])
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1 if isinstance(value, int) or value == 0 else value * 2)
        case ast.Expr(value=ast.Call()):
            yield "pass"
        case ast.IfExp(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return ast.fix_missing_locations(changed)
