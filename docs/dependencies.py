"""Fills in the licence and size of every library in docs/explanation/dependencies.md: ``python docs/dependencies.py``.

What a library is for is written by hand; the rest of a row is read from what is installed.
"""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "dependencies.md"
ROW = re.compile(r"^\| `(?P<name>[\w.-]+)` \|(?P<words>.*)\| [^|]* \| [^|]* \|$", re.M)
TOTAL = re.compile(r"brings \d+ packages, \d+ MB")
SPOKEN = {
    "Apache License 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0", "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause", "MIT License": "MIT",
}  # fmt: skip


def declared() -> dict[str, list[str]]:
    """Libraries of pyproject.toml by the extra that brings them ('' brings the first table)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: [Requirement(line).name for line in lines] for extra, lines in groups.items()}


def listed(text: str) -> dict[str, list[str]]:
    """Libraries of the page by the extra that its sections name."""
    found: dict[str, list[str]] = {}
    extra = ""
    for line in text.splitlines():
        if line.startswith("### `"):
            extra = line.split("`")[1]
        row = ROW.match(line)
        if row:
            found.setdefault(extra, []).append(row["name"])
    return found


def licence(name: str) -> str:
    """The licence that a library states of itself."""
    stated: Mapping[str, str] = importlib.metadata.metadata(name)  # type: ignore[assignment]
    classified = [line.split(" :: ")[-1] for line in stated.get_all("Classifier") or () if line.startswith("License")]  # type: ignore[attr-defined]
    words = stated.get("License-Expression") or "".join(classified[:1]) or stated.get("License") or ""
    return SPOKEN.get(words, words)


def megabytes(name: str) -> float:
    """Size of a library's own files as installed, compiled Python left out."""
    files = importlib.metadata.files(name) or ()
    places = (Path(str(file.locate())) for file in files if "__pycache__" not in file.parts)
    return sum(place.stat().st_size for place in places if place.is_file()) / 1e6


def with_all_below(names: Iterable[str]) -> set[str]:
    """Libraries and all that they need, without extras."""
    found: set[str] = set()
    waiting = [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _needs(name)
    return found


def _needs(name: str) -> Iterator[str]:
    for line in importlib.metadata.requires(name) or ():
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            yield canonicalize_name(needed.name)


def shown(size: float) -> str:
    """Megabytes for the table."""
    return "< 1" if size < 1 else f"{size:.0f}"


def filled(text: str) -> str:
    """The page with licences and sizes as they are installed here."""
    every = with_all_below(declared()[""])
    text = TOTAL.sub(f"brings {len(every)} packages, {sum(map(megabytes, every)):.0f} MB", text)
    return ROW.sub(
        lambda row: f"| `{row['name']}` |{row['words']}| {licence(row['name'])} | {shown(megabytes(row['name']))} |",
        text,
    )


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
