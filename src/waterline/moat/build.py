"""Build files, requirement lists and container images: settings and packages that name CUDA."""

from __future__ import annotations

import re
from bisect import bisect_left

from waterline.moat.findings import Findings, Gathered, line_count
from waterline.moat.lexicon import patterns, python_surface

_COMMENT = re.compile(r"(?:(?<=\s)|^)#(?!include)[^\n]*", re.MULTILINE)
_REQUIREMENT = re.compile(r"""^[ \t]*(?:-[ \t]+)?["']?([A-Za-z][\w.-]*)[ \t]*(?=[\[<>=!~;,"'@ \t]|$)""", re.MULTILINE)


def mentions_cuda(content: bytes) -> bool:
    """False when a build file is not worth reading; they are small, so that none is passed over."""
    return bool(content)


def examine_build(text: str) -> Findings:
    """Touchpoints of a build file: settings by pattern, packages by the names of the Python surface."""
    gathered = Gathered()
    code = _COMMENT.sub(lambda found: " " * len(found.group()), text)
    newlines = [found.start() for found in re.finditer("\n", code)]
    for name, pattern in patterns("build").items():
        for found in pattern.finditer(code):
            gathered.add("build", "build", name, _line(newlines, found.end() - 1))
    for found in _REQUIREMENT.finditer(code):
        package = found.group(1).replace("-", "_").lower()
        known = python_surface().get(package)
        if known is not None and known.match == "import":
            gathered.add("python", known.family, package, _line(newlines, found.start(1)))
    return Findings(language="build", lines=line_count(text), touchpoints=gathered.touchpoints())


def _line(newlines: list[int], offset: int) -> int:
    return bisect_left(newlines, offset) + 1
