"""The files of a code base: which are read, in which role, and which are passed over and why."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from waterline.core.errors import InputError
from waterline.moat.lexicon import rules

LISTED = 200  # passed-over files that are listed by name; the rest is counted


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its path, its name below the root, language, role and size in bytes."""

    path: str
    name: str
    language: str
    role: str
    size: int


@dataclass
class Skipped:
    """Files passed over, by reason: how many, and the first of them by name."""

    counts: dict[str, int] = field(default_factory=dict)
    listed: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, reason: str) -> None:
        """One file passed over."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        if len(self.listed) < LISTED:
            self.listed.append((name, reason))


def source_files(root: Path, skipped: Skipped) -> Iterator[SourceFile]:
    """The files below ``root`` that the scanner reads, in order of name. Links are never followed.

    Raises InputError when ``root`` does not exist or cannot be listed.
    """
    root = _existing(root)
    if root.is_file():
        language = language_of(root.name)
        if language is None:
            raise InputError(f"{root}: not a source file that is known (C++, CUDA, Python, build files)")
        yield SourceFile(str(root), shown(root.name), language, "product", root.stat().st_size)
        return
    passed_over = frozenset(rules()["passed_over"])
    waiting = [(str(root), "", "product")]
    while waiting:
        directory, below, role = waiting.pop()
        found = _listed(directory, below, skipped)
        if found is None:
            if not below:
                raise InputError(f"{root}: cannot be listed")
            continue
        if role == "product" and _is_a_library(below, found):
            role = "third-party"
        directories = []
        for entry in found:
            name = below + entry.name
            if entry.is_symlink():
                skipped.add(shown(name), "symbolic link, not followed")
            elif entry.is_dir(follow_symlinks=False):
                if entry.name not in passed_over:
                    inner = role if role != "product" else role_of(entry.name)
                    directories.append((entry.path, f"{name}/", inner))
            else:
                source = _source_file(entry, name, role, skipped)
                if source is not None:
                    yield source
        waiting += reversed(directories)


def own_packages(names: Iterable[str]) -> Iterator[str]:
    """Python packages at the top of a code base, or in the folder that holds its source, by the names of its files."""
    for name in names:
        *folders, last = name.split("/")
        if last == "__init__.py" and (len(folders) == 1 or (len(folders) == 2 and folders[0] in ("src", "python"))):
            yield folders[-1]


def language_of(name: str) -> str | None:
    """Language of a file by its name; None for what is not read."""
    names, pattern, endings = _languages()
    if name in names or pattern.fullmatch(name):
        return "build"
    return endings.get(os.path.splitext(name)[1].lower())


def role_of(folder: str) -> str:
    """Role of what lies in a folder of that name."""
    return _roles().get(folder.lower(), "product")


def shown(name: str) -> str:
    """A file's name as text that can be printed as UTF-8, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "replace")


def _is_a_library(below: str, found: list[os.DirEntry[str]]) -> bool:
    """True for a folder below the root that bears a known library's name and holds its headers."""
    name = below.rstrip("/").rpartition("/")[2].lower()
    return name in _libraries() and any(entry.name == "include" for entry in found)


def _source_file(entry: os.DirEntry[str], name: str, role: str, skipped: Skipped) -> SourceFile | None:
    language = language_of(entry.name)
    if language is None:
        if os.path.splitext(entry.name)[1].lower() in rules()["archives"]:
            skipped.add(shown(name), "archive, not opened")
        return None
    try:
        if not entry.is_file(follow_symlinks=False):
            skipped.add(shown(name), "not a regular file")
            return None
        size = entry.stat(follow_symlinks=False).st_size
    except OSError as problem:
        skipped.add(shown(name), f"cannot be read: {problem.strerror}")
        return None
    return SourceFile(entry.path, name, language, role, size)


def _listed(directory: str, below: str, skipped: Skipped) -> list[os.DirEntry[str]] | None:
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as problem:
        skipped.add(shown(below or directory), f"cannot be listed: {problem.strerror}")
        return None


def _existing(root: Path) -> Path:
    try:
        return root.resolve(strict=True)
    except FileNotFoundError:
        raise InputError(f"{shown(str(root))}: no such file or directory") from None
    except (OSError, RuntimeError, ValueError) as problem:
        raise InputError(
            f"{shown(str(root))}: cannot be read: {getattr(problem, 'strerror', None) or problem}"
        ) from None


@functools.cache
def _languages() -> tuple[frozenset[str], re.Pattern[str], dict[str, str]]:
    build = rules()["build_files"]
    endings = {ending: language for language, found in rules()["languages"].items() for ending in found}
    return frozenset(build["names"]), re.compile(build["pattern"]), endings


@functools.cache
def _libraries() -> frozenset[str]:
    return frozenset(rules()["libraries_by_folder"])


@functools.cache
def _roles() -> dict[str, str]:
    return {folder: role for role, folders in rules()["roles"].items() for folder in folders}
