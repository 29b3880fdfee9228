"""Python: touchpoints by the syntax tree, with imports resolved; by tokens where a file does not parse."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Iterator

from waterline.moat.cpp import KERNEL_SOURCE, examine_cpp
from waterline.moat.findings import Findings, Gathered, line_count
from waterline.moat.lexicon import PythonName, patterns, python_surface, rules

LARGEST_PARSED = 1_000_000  # bytes

_MARKERS = (b"cuda", b"CUDA", b"__global__", b"nccl", b"NCCL", b"pin_memory", b"nvidia", b"NVIDIA")
# Two searches that start with plain text are several times faster than one for either at the start of a line
_IMPORTED = re.compile(rb"import[ \t]+([^\n#;(]+)")
_FROM = re.compile(rb"from[ \t]+(\w+)")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_LITERAL = re.compile(
    r'#[^\n]*|("""|\'\'\')[\s\S]*?(?:\1|\Z)|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|\'[^\'\\\n]*(?:\\.[^\'\\\n]*)*\'?'
)
_DOTTED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_IMPORT_LINE = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]+([^\n#;]+)", re.MULTILINE)
_DEVICE = re.compile(r"cuda(?::\d*)?")


def mentions_cuda(content: bytes) -> bool:
    """False when a Python source certainly holds no touchpoint."""
    if any(marker in content for marker in _MARKERS):
        return True
    roots = _roots()
    if not roots.isdisjoint(_FROM.findall(content)):
        return True
    return any(not roots.isdisjoint(_WORD.findall(line)) for line in set(_IMPORTED.findall(content)))


def examine_python(text: str, build: bool) -> Findings:
    """Touchpoints of a Python source. ``build``: its strings are also read as settings of a build (setup.py)."""
    gathered = Gathered()
    kernels, note, layers = 0, "", set[str]()
    tree = _parse(text)
    if tree is None:
        note = "does not parse as Python: read from its tokens"
        _tokens(text, gathered)
    else:
        reader = _Reader(gathered, build)
        reader.read(tree)
        kernels, layers = reader.kernels, reader.layers
    return Findings(
        language="python",
        lines=line_count(text),
        device=kernels > 0,
        parsed=("tokens" if tree is None else "tree") if len(gathered) else "",
        kernels=kernels,
        touchpoints=gathered.touchpoints(),
        layers=tuple(sorted(layers)),
        notes=(note,) if note else (),
    )


def surface_name(dotted: str) -> tuple[str, PythonName] | None:
    """The name of the surface that a dotted name stands for: itself, or the longest part of it that is listed."""
    surface = python_surface()
    parts = dotted.split(".")
    for length in range(min(len(parts), _most_parts()), 0, -1):
        known = surface.get(".".join(parts[:length]))
        if known is not None and known.match in ("attr", "import"):
            shown = length + 1 if parts[:length] == ["torch", "cuda"] and len(parts) > length else length
            return ".".join(parts[:shown]), known
    return None


class _Reader:
    """Walks a syntax tree without recursion, so that deep ones are no danger."""

    def __init__(self, gathered: Gathered, build: bool) -> None:
        self._gathered = gathered
        self._build = build
        self._meaning: dict[str, str] = {}
        self._skipped: set[int] = set()
        self.kernels = 0
        self.layers: set[str] = set()

    def read(self, tree: ast.AST) -> None:
        nodes = list(_walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node)
        for node in nodes:  # parents come before their children
            if id(node) in self._skipped:
                continue
            if isinstance(node, ast.Attribute | ast.Name):
                self._dotted(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._string(node.value, node.lineno)
            elif isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                self._skipped.add(id(node.value))  # a docstring, or a comment written as one

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        module = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module and not node.level else ""
        if isinstance(node, ast.ImportFrom) and not module:
            return
        for alias in node.names:
            full = module + alias.name
            if alias.asname or module:
                self._meaning[alias.asname or alias.name] = full
            else:
                self._meaning[alias.name.split(".")[0]] = alias.name.split(".")[0]
            self._found(full, node.lineno)

    def _dotted(self, node: ast.Attribute | ast.Name) -> None:
        parts: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            self._skipped.add(id(inner.value))
            inner = inner.value
        if not isinstance(inner, ast.Name):
            self._skipped.discard(id(inner))
            if parts[0] == "is_cuda":
                self._add(".is_cuda", node.lineno)
            return
        meaning = self._meaning.get(inner.id)
        dotted = ".".join([meaning or inner.id, *reversed(parts)])
        if meaning and self._found(dotted, node.lineno):
            return
        if parts and parts[0] == "is_cuda":
            self._add(".is_cuda", node.lineno)

    def _call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "cuda":
            self._add(".cuda()", node.lineno)
        for keyword in node.keywords:
            if keyword.arg == "pin_memory":
                self._add("pin_memory", node.lineno)

    def _string(self, value: str, line: int) -> None:
        if _DEVICE.fullmatch(value):
            self._add('"cuda"', line)
        elif value == "nccl":
            self._add('"nccl"', line)
        elif KERNEL_SOURCE.search(value):
            inside = examine_cpp(value.encode("utf-8", "replace").decode("latin-1"), "cuda", embedded=True)
            self._gathered.extend(inside.touchpoints, after=line - 1)
            self.kernels += inside.kernels
        else:
            for name in set(_text_names().findall(value)):
                self._add(name, line)
            if self._build:
                for name, found in patterns("build").items():
                    if found.search(value):
                        self._gathered.add("build", "build", name, line)

    def _found(self, dotted: str, line: int) -> bool:
        for layer, rule in rules()["python_layers"].items():
            if any(dotted == name or dotted.startswith(f"{name}.") for name in rule["names"]):
                self.layers.add(layer)
        known = surface_name(dotted)
        if known is None:
            return False
        self._gathered.add("python", known[1].family, known[0], line)
        return True

    def _add(self, name: str, line: int) -> None:
        self._gathered.add("python", python_surface()[name].family, name, line)


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node, parents before their children; as `ast.walk`, at less than half the time."""
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.AST):
            continue
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if value.__class__ is list:
                waiting += value
            elif name != "ctx":
                waiting.append(value)


def _parse(text: str) -> ast.AST | None:
    if len(text) > LARGEST_PARSED:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _tokens(text: str, gathered: Gathered) -> None:
    """Imports and dotted names of the surface, in code without strings and comments."""
    code = _LITERAL.sub(lambda found: "\n" * found.group().count("\n") if "\n" in found.group() else " ", text)
    meaning: dict[str, str] = {}
    for found in _IMPORT_LINE.finditer(code):
        line = code.count("\n", 0, found.start()) + 1
        for part in found.group(2).strip("() ").split(","):
            name, _, alias = part.strip().partition(" as ")
            full = f"{found.group(1)}.{name}" if found.group(1) else name
            if name:
                meaning[alias.strip() or name.split(".")[0]] = full if alias or found.group(1) else name.split(".")[0]
                _add_dotted(full, line, gathered)
    for number, text_line in enumerate(code.split("\n"), 1):
        if re.match(r"\s*(?:import|from)\b", text_line):
            continue
        for word in _DOTTED.findall(text_line):
            first, dot, rest = word.partition(".")
            if first in meaning:
                _add_dotted(f"{meaning[first]}{dot}{rest}", number, gathered)
            elif rest.split(".")[-1:] == ["cuda"] and f"{word}(" in text_line:
                gathered.add("python", "torch", ".cuda()", number)


def _add_dotted(dotted: str, line: int, gathered: Gathered) -> None:
    known = surface_name(dotted)
    if known:
        gathered.add("python", known[1].family, known[0], line)


@functools.cache
def _roots() -> frozenset[bytes]:
    return frozenset(
        name.split(".")[0].encode()
        for name, entry in python_surface().items()
        if entry.match in ("attr", "import") and not name.startswith(("torch.", "tf.", "deepspeed."))
    ) | {b"deepspeed", b"torch_xla"}


@functools.cache
def _most_parts() -> int:
    """Parts of the longest dotted name of the surface; one in code may have any number."""
    return max(name.count(".") + 1 for name in python_surface())


@functools.cache
def _text_names() -> re.Pattern[str]:
    names = [re.escape(name) for name, entry in python_surface().items() if entry.match == "text"]
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(names, reverse=True))})(?![\w-])")
