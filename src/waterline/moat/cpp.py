"""C, C++ and CUDA: touchpoints by the tokens of the code, then by its structure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from waterline.moat.assembly import instruction, statement_end
from waterline.moat.findings import Findings, Gathered, Kind, line_count
from waterline.moat.lexicon import apis, pattern, patterns, rules
from waterline.moat.source_text import SourceText
from waterline.moat.syntax import defined_by_tokens, structure

Verdict = tuple[Kind, str] | None

# A file in which none of these is found holds nothing of CUDA. Each starts with two or more plain characters, for
# which the search runs at memory speed; one pattern for all of them would be a hundred times slower.
_MARKERS = tuple(
    re.compile(marker)
    for marker in (
        rb"cu(?:da|blas|dnn|fft|rand|sparse|solver|tensor|tlass|te::|b::|b/|pti|Mem|Ctx|Module|Launch|Init|Device|Tensor)",
        rb"CU(?:DA|BLAS|DNN|FFT|RAND|SPARSE|SOLVER|device|context|stream|module|tensor|result)",
        rb"__(?:global__|device__|shfl|syncthreads|half|nv_|ballot)",
        rb"nv(?:ml|rtc|tx|infer|jpeg|shmem|cuda)",
        rb"NvInfer", rb"nccl", rb"thrust::", rb"wmma", rb"<<<", rb"threadIdx",
    )
)  # fmt: skip
_DEVICE = re.compile(r"\b(?:__global__|__device__|threadIdx|blockIdx|__syncthreads|__shfl\w*)\b", re.ASCII)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]{1,300})[>"]', re.ASCII | re.MULTILINE)
_ALIAS = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)(?:\([^)\n]*\))?[ \t]+(?:__)?(\w*)", re.ASCII | re.MULTILINE)
_ELSEWHERE = re.compile(r"hip|HIP|roc|rccl|miopen|MIOPEN|amd|AMD|sycl|dpct|mu[A-Z]|musa")
# Each starts with plain characters; that a word begins there is asked after, so that the search stays fast
_NAMESPACE_ALIAS = re.compile(r"namespace(?<=\bnamespace)\s+(\w+)\s*=\s*([\w:]+)", re.ASCII)
_NAMESPACE_OPENED = re.compile(r"using(?<=\busing)\s+namespace\s+(?:::)?(\w+)", re.ASCII)
_QUALIFIER = re.compile(r"([A-Za-z_]\w*)\s*::\s*$", re.ASCII)
KERNEL_SOURCE = re.compile(r"__global__|__device__")  # what a string with a kernel in it holds
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LOOK_BACK = 80  # characters before a name in which its qualifier is looked for


def mentions_cuda(content: bytes) -> bool:
    """False when a C++ source certainly holds no touchpoint."""
    return any(marker.search(content) for marker in _MARKERS)


def examine_cpp(text: str, language: str, embedded: bool = False) -> Findings:
    """Touchpoints of a source given as one character a byte (Latin-1). ``embedded``: it stands in another's string."""
    source = SourceText(text)
    code = source.code
    gathered = Gathered()
    _headers(source, gathered)
    words = frozenset(_WORD.findall(code))
    names = _namespaces(source, words, gathered)
    layers = tuple(_layers(source))
    known = {word: meaning for word in words if (meaning := verdict(word)) is not None}
    device = bool(_DEVICE.search(code))
    found = structure(source, bool(known)) if device or known or len(gathered) else None
    if known:
        _names(source, known, found.members if found else frozenset(), gathered)
    _unqualified(source, names, gathered)
    if found:
        for offset in found.launches:
            gathered.add("launch", "kernel", "<<<…>>>", source.line(offset))
    if device:
        _device_code(source, found.assembly if found else (), gathered)
    kernels = found.kernels if found else 0
    notes = [found.note] if found and found.note else []
    if not embedded:
        kernels += _raw_strings(source, language, gathered)
    defined = found.defined if found else defined_by_tokens(code)
    return Findings(
        language=language,
        lines=line_count(text),
        device=device,
        parsed=found.parsed if found and len(gathered) else "",
        kernels=kernels,
        touchpoints=gathered.touchpoints(),
        layers=layers,
        aliases=_aliases(code, layers),
        defined=tuple(sorted({name for name in defined if verdict(name)} | _own_namespaces(code))),
        notes=tuple(notes),
    )


@functools.lru_cache(maxsize=200_000)
def verdict(name: str) -> Verdict:
    """Kind and library of a name in code; None when it is not CUDA's."""
    if name in rules()["keywords"]:
        return "keyword", "kernel"
    if _matcher("tensor_core_names").fullmatch(name):
        return "tensor core", "cute" if name.startswith(("SM", "MMA_", "Tiled", "Copy_")) else "wmma"
    api = apis().get(name)
    if api is not None:
        return "api", api.library
    if _matcher("unknown_names").fullmatch(name):
        return "unknown", _library_of_unknown(name)
    return None


@functools.cache
def _matcher(rule: str) -> re.Pattern[str]:
    return pattern(rules()[rule])


def _library_of_unknown(name: str) -> str:
    starts = rules()["libraries_of_unknown"]
    return next((library for start, library in starts.items() if name.startswith(start)), "other")


def _names(source: SourceText, known: dict[str, tuple[Kind, str]], members: frozenset[int], gathered: Gathered) -> None:
    code = source.code
    for found in _WORD.finditer(code):
        name = found.group()
        if name in known and found.start() not in members and not written_as_another(code, found.start()):
            gathered.add(*known[name], name, source.line(found.start()))


def written_as_another(code: str, start: int) -> bool:
    """True for a member (``a.name``, ``a->name``) and for a name that a namespace qualifies."""
    before = code[max(0, start - _LOOK_BACK) : start]
    if before[-1:].isspace():
        before = before.rstrip()
    if before.endswith("::"):
        return _QUALIFIER.search(before) is not None
    return before.endswith("->") or (before.endswith(".") and not before.endswith(".."))


def _headers(source: SourceText, gathered: Gathered) -> None:
    for found in _INCLUDE.finditer(source.text):
        if source.code[found.end(0) - len(found.group().lstrip()) : found.end(0)].lstrip()[:1] != "#":
            continue  # inside a comment or a raw string
        path = found.group(1)
        known = _header(path)
        if known:
            gathered.add(known[0], known[1], f"<{path}>", source.line(found.start(1)))


@functools.lru_cache(maxsize=20_000)
def _header(path: str) -> Verdict:
    api = apis().get(path)
    if api is not None:
        return "api", "headers"
    for start, rule in rules()["headers"].items():
        if path.startswith(start):
            return rule["kind"], rule["library"]
    return None


def _namespaces(source: SourceText, words: frozenset[str], gathered: Gathered) -> set[str]:
    """Adds names used through a library's namespace; returns the libraries that the file opens or includes."""
    code = source.code
    roots = rules()["namespaces"]
    short = {
        alias: target.removeprefix("::").split("::")[0]
        for alias, target in _NAMESPACE_ALIAS.findall(code)
        if target.removeprefix("::").split("::")[0] in roots and alias not in roots
    }
    present = [root for root in roots if root.partition("::")[0] in words]
    if not present and not short:
        return set()
    spelled = [re.escape(root).replace("::", r"\s*::\s*") for root in sorted(present, reverse=True)]
    used: set[str] = set()
    for found in re.finditer(rf"\b({'|'.join([*spelled, *short])})\s*::\s*(\w+)", code, re.ASCII):
        if written_as_another(code, found.start()):
            continue  # a member, or the inner part of a name: of another's, or one that its root has counted
        written = str(found.group(1))
        root = re.sub(r"\s", "", short.get(written, written))
        rule = roots[root]
        name = f"{root}::{found.group(2)}"
        kind: Kind = "api" if name in apis() else rule["kind"]
        gathered.add(kind, rule["library"], name, source.line(found.start()))
        used.add(rule["library"])
    for found in _NAMESPACE_OPENED.finditer(code):
        if found.group(1) in roots:
            used.add(roots[found.group(1)]["library"])
    return used


def _unqualified(source: SourceText, used: set[str], gathered: Gathered) -> None:
    """CuTe's own functions where the file opens its namespace."""
    if "cute" not in used or "cute" not in _NAMESPACE_OPENED.findall(source.code):
        return
    for found in re.finditer(rf"\b(?:{_matcher('cute_names').pattern})\b", source.code, re.ASCII):
        if not written_as_another(source.code, found.start()):
            gathered.add("template", "cute", f"cute::{found.group()}", source.line(found.start()))


def _device_code(source: SourceText, statements: tuple[int, ...], gathered: Gathered) -> None:
    end = 0
    for start in statements:
        if start < end:
            continue  # inside a statement that is not closed
        end = statement_end(source.code, start)
        known = instruction(source.text[start:end])
        if known:
            gathered.add(known[0], "ptx", f"ptx {known[1]}", source.line(start))
    for name, found in patterns("hardware").items():
        for place in found.finditer(source.code):
            gathered.add("hardware", "hardware", name, source.line(place.start()))


def _raw_strings(source: SourceText, language: str, gathered: Gathered) -> int:
    """Scans kernels that stand in raw strings; returns how many there are."""
    kernels = 0
    for start, end in source.raw_strings:
        text = source.text[start:end]
        if KERNEL_SOURCE.search(text):
            opening, closing = text.find("(") + 1, text.rfind(")")
            inside = examine_cpp(text[opening:closing], language, embedded=True)
            gathered.extend(inside.touchpoints, after=source.line(start + opening) - 1)
            kernels += inside.kernels
    return kernels


def _layers(source: SourceText) -> Iterator[str]:
    """Portability layers whose guards or names stand in a source."""
    for name, found in patterns("layers").items():
        marked = any(mark in source.code for mark in rules()["layers"][name]["marks"])
        if (marked and found.search(source.code)) or (name == "hip" and "hip/hip_" in source.text):
            yield name


def _aliases(code: str, layers: tuple[str, ...]) -> tuple[str, ...]:
    """CUDA names that a macro gives to another platform: any macro of such a name in a file on that platform."""
    if "#" not in code or not layers:
        return ()
    return tuple(
        sorted(
            {
                name
                for name, meaning in _ALIAS.findall(code)
                if verdict(name) and (_ELSEWHERE.match(meaning) or "hip" in layers)
            }
        )
    )


def _own_namespaces(code: str) -> set[str]:
    own = "|".join(rules()["own_namespaces"])
    opened = rf"namespace(?<=\bnamespace)\s+(?:\w+\s*::\s*)*({own})\s*\{{"
    return {f"{name}::" for name in re.findall(opened, code, re.ASCII)}
