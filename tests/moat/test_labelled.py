"""Precision and recall on touchpoints labelled by hand (see labelled/README.md)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from waterline.moat.counts import bound
from waterline.moat.scan import scan
from waterline.moat.tree import language_of

LABELLED = Path(__file__).with_name("labelled")
SHORT = {
    "launch": "<<<…>>>", "warp32": "32 lanes a warp", "mask32": "32-bit lane mask", "lanes": "arithmetic with 32 lanes",
    "arch": "compute capability", "dynsmem": "dynamic shared memory", "cluster": "thread block cluster",
    "build:language": "language CUDA", "build:find": "find_package CUDA", "build:variable": "CMake CUDA variable",
    "build:target": "CMake CUDA target", "build:wheels": "wheels for CUDA", "build:package": "CUDA package",
    "build:image": "NVIDIA image", "build:path": "CUDA path", "build:archlist": "TORCH_CUDA_ARCH_LIST",
    "build:nvcc": "nvcc",
}  # fmt: skip
LABEL = re.compile(r"(?://|#)=(?:\^(\d+))? (.+)$")

Places = Counter[tuple[str, int, str]]


def labels() -> Places:
    found: Places = Counter()
    for path in sorted(LABELLED.rglob("*")):
        if language_of(path.name):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                label = LABEL.search(line)
                for word in label[2].split() if label else ():
                    name = SHORT.get(word) or word.replace("ptx:", "ptx ")
                    found[path.relative_to(LABELLED).as_posix(), number - int(label[1] or 0), name] += 1
    return found


def scanned() -> Places:
    found: Places = Counter()
    for place in bound(scan(LABELLED, workers=1, use_memory=False), "hip"):
        for line in place.touchpoint.lines:
            found[place.file.name, line, place.touchpoint.name] += 1
    return found


def test_precision_and_recall_on_labelled_touchpoints():
    expected, found = labels(), scanned()
    both = (expected & found).total()
    wrong, missed = found - expected, expected - found
    assert expected.total() >= 300
    assert both / found.total() >= 0.98, sorted(wrong)
    assert both / expected.total() >= 0.98, sorted(missed)
