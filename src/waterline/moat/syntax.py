"""Second pass over C++ and CUDA: the grammar's view of launches, assembly, kernels and definitions.

A file that the grammar cannot read without an error is read from its tokens instead; of its tree only the members of
classes are taken. Recovering from errors takes time that grows with a power of the text's length, so that the grammar
is stopped at more steps than code needs. The last resort is processor time, far above what code of that length takes.
"""

from __future__ import annotations

import functools
import itertools
import re
import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from waterline.moat.source_text import SourceText

LARGEST_PARSED = 2_000_000  # bytes
# Of a file, and of each of its bytes: see docs/explanation/moat.md for what code takes
STEPS = (10_000, 2.0)
SECONDS = (0.25, 4e-6)  # of processor time
MOST_LOOKS = 10**8  # of a query, from the parts of an error at all that follow; code with errors takes up to 3 × 10⁷

_CHUNK = 1 << 16
_STEPS_A_CALL = 100  # of the grammar, between two questions whether it is to stop
_QUERY = """
(kernel_call_syntax) @launch
(gnu_asm_expression) @assembly
(field_declaration declarator: (field_identifier) @member)
(field_declaration declarator: (_ (field_identifier) @member))
(field_declaration declarator: (_ (_ (_ (field_identifier) @member))))
(function_definition declarator: (function_declarator declarator: (identifier) @defined))
(struct_specifier name: (type_identifier) @defined body: (_))
(class_specifier name: (type_identifier) @defined body: (_))
(preproc_def name: (identifier) @defined)
(preproc_function_def name: (identifier) @defined)
(enumerator name: (identifier) @defined)
(enum_specifier name: (type_identifier) @defined)
(alias_declaration name: (type_identifier) @defined)
(declaration declarator: (function_declarator declarator: (identifier) @defined))
(preproc_arg) @macro
"""
_LAUNCH = re.compile(r"<<<(?!<)(?<!<<<<)(?<!operator<<<)")  # what stands before is asked last: the search stays fast
# Possessive: blanks between are often those of a literal, and long
_ASSEMBLY = re.compile(
    r"\b(?:asm|__asm__|__asm)\b(?=\s*+(?:volatile|__volatile__|goto|inline)?+\s*+(?:volatile\s*+)?+\()"
)
_KERNEL = re.compile(r"\b__global__\b|[;{]", re.ASCII)
_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.ASCII | re.MULTILINE)
_FUNCTION = re.compile(r"\b(\w+)[ \t]*\([^;{}()]*(?:\([^;{}()]*\)[^;{}()]*)*\)\s*(?:const\s*|noexcept\s*)*\{", re.ASCII)


@dataclass(frozen=True)
class Structure:
    """Offsets of launches, assembly and declared members; names defined; kernels; how it was read."""

    launches: tuple[int, ...]
    assembly: tuple[int, ...]
    members: frozenset[int]
    defined: frozenset[str]
    kernels: int
    parsed: str
    note: str = ""


def structure(source: SourceText, names: bool) -> Structure:
    """The structure of a source, by the grammar where that reads it, else by tokens.

    ``names``: CUDA's names stand in it, so that members of the same name must be told from them. Without names,
    launches and assembly there is nothing that the grammar would tell better, and it is not asked.
    """
    tokens = _by_tokens(source)
    if not (names or tokens.launches or tokens.assembly):
        return replace(tokens, parsed="")
    if len(source.text) > LARGEST_PARSED:
        return replace(tokens, note=f"larger than {LARGEST_PARSED:,} bytes: read from its tokens")
    if _grammar()[0] is None:
        return tokens
    tree = _parse(source.closed_text().encode("latin-1"))
    if tree is None or _too_wide(tree):
        return replace(tokens, note="too broken for the grammar: read from its tokens")
    captures = _captures(tree)
    members = frozenset(node.start_byte for node in captures.get("member", ()))
    if tree.root_node.has_error:
        # Inside what the grammar could not read, launches and assembly may be missing: tokens see all of them
        return replace(tokens, members=members)
    macros = sorted((node.start_byte, node.end_byte) for node in captures.get("macro", ()))
    return Structure(
        launches=_places(captures.get("launch", ()), tokens.launches, macros),
        assembly=_places(captures.get("assembly", ()), tokens.assembly, macros),
        members=members,
        defined=frozenset(source.text[node.start_byte : node.end_byte] for node in captures.get("defined", ())),
        kernels=tokens.kernels,
        parsed="tree",
    )


def _places(nodes: Iterable[Any], tokens: Iterable[int], macros: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Offsets of nodes, and of tokens in the bodies of macros, which the grammar leaves as text."""
    starts = [start for start, _ in macros]
    inside = []
    for offset in tokens:
        macro = bisect_right(starts, offset) - 1
        if macro >= 0 and offset < macros[macro][1]:
            inside.append(offset)
    return tuple(sorted({*inside, *(node.start_byte for node in nodes)}))


def defined_by_tokens(code: str) -> frozenset[str]:
    """Names that a source defines, as far as its tokens show: macros and functions."""
    return frozenset(_DEFINE.findall(code)) | frozenset(_FUNCTION.findall(code))


def _by_tokens(source: SourceText) -> Structure:
    return Structure(
        launches=_offsets(_LAUNCH, source),
        assembly=_offsets(_ASSEMBLY, source) if "asm" in source.code else (),
        members=frozenset(),
        defined=defined_by_tokens(source.code),
        kernels=_kernels(source.code),
        parsed="tokens",
    )


def _kernels(code: str) -> int:
    """Kernels that have a body: ``__global__`` before which no statement ends and after which a brace comes first."""
    if "__global__" not in code:
        return 0
    count, waiting = 0, False
    for token in _KERNEL.findall(code):
        count += waiting and token == "{"
        waiting = token == "__global__"
    return count


def _offsets(pattern: re.Pattern[str], source: SourceText) -> tuple[int, ...]:
    return tuple(found.start() for found in pattern.finditer(source.code))


def _parse(content: bytes) -> Any:
    """The tree; None where the grammar takes more work than code needs."""
    parser = _grammar()[0]
    most = STEPS[0] + STEPS[1] * len(content)
    end = time.thread_time() + SECONDS[0] + SECONDS[1] * len(content)
    steps = itertools.count(_STEPS_A_CALL, _STEPS_A_CALL)
    given: list[memoryview] = []

    def chunk(offset: int, _: Any) -> memoryview:
        given.append(memoryview(content)[offset : offset + _CHUNK])
        return given[-1]

    def hopeless(*_: Any) -> bool:
        return next(steps) > most or time.thread_time() > end

    try:
        return parser.parse(chunk, progress_callback=hopeless)
    except ValueError:
        parser.reset()
        return None
    finally:
        for view in given:
            view.release()  # the binding keeps what it is given, which would be the whole text


def _too_wide(tree: Any) -> bool:
    """Whether the tree's errors have so many parts that a query takes more than `MOST_LOOKS`."""
    waiting = [tree.root_node] if tree.root_node.has_error else []
    looks = 0
    while waiting:
        node = waiting.pop()
        if node.is_error:
            looks += node.child_count**2
        waiting += [child for child in node.children if child.has_error]
    return looks > MOST_LOOKS


def _captures(tree: Any) -> dict[str, list[Any]]:
    from tree_sitter import QueryCursor

    captures: dict[str, list[Any]] = QueryCursor(_grammar()[1]).captures(tree.root_node)
    return captures


@functools.cache
def _grammar() -> tuple[Any, Any]:
    """Parser and query; (None, None) where the grammar is not installed."""
    try:
        import tree_sitter_cuda
        from tree_sitter import Language, Parser, Query
    except ImportError:
        return None, None
    language = Language(tree_sitter_cuda.language())
    return Parser(language), Query(language, _QUERY)
