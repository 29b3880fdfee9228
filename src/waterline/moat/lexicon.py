"""The API map and the rules of the scanner, read from ``data/`` and ready to match."""

from __future__ import annotations

import csv
import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waterline.core.data_file import data_file

DATA = Path(__file__).with_name("data")


@dataclass(frozen=True, slots=True)
class Api:
    """An API of the map: library, status and equal under HIP, SYCLomatic's status, table it stands in."""

    library: str
    hip: str
    hip_name: str
    sycl: str
    source: str


@dataclass(frozen=True, slots=True)
class PythonName:
    """A name of the Python surface. ``match``: attr, import, method, keyword, value or text."""

    family: str
    match: str
    hip: str
    alternative: str
    weight: float


@functools.cache
def apis() -> Mapping[str, Api]:
    """The API map by name."""
    with (DATA / "apis.csv").open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        return {name: Api(*row) for name, *row in rows}


@functools.cache
def python_surface() -> Mapping[str, PythonName]:
    """The Python surface by name."""
    with (DATA / "python_surface.csv").open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        return {
            name: PythonName(family, match, hip, alternative, float(weight))
            for name, match, family, hip, alternative, weight in rows
        }


@functools.cache
def rules() -> dict[str, Any]:
    """The scanner's rules."""
    return _yaml("rules.yaml")


@functools.cache
def targets() -> dict[str, Any]:
    """What becomes of touchpoints on each target."""
    return _yaml("targets.yaml")


def pattern(text: str) -> re.Pattern[str]:
    """A rule's pattern, which may be folded over several lines."""
    return re.compile(re.sub(r"\n?\s+(?=\|)", "", text.strip()), re.ASCII)


@functools.cache
def patterns(group: str) -> Mapping[str, re.Pattern[str]]:
    """The compiled patterns of a group of rules, by what they find."""
    return {
        name: pattern(entry if isinstance(entry, str) else entry["pattern"]) for name, entry in rules()[group].items()
    }


@functools.cache
def digest() -> bytes:
    """Changes whenever the map or a rule does, so that remembered findings are not used beyond it."""
    found = hashlib.blake2b(digest_size=12)
    for path in sorted(DATA.iterdir()):
        found.update(path.read_bytes())
    return found.digest()


def _yaml(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = data_file("waterline.moat", "data", name)
    return loaded
