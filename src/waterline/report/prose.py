"""Prose with numbers in it: ``[[key]]`` becomes the number that the key names, ready to be opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from waterline.core.errors import unknown
from waterline.report.notes import Notes

_REFERENCE = re.compile(r"\[\[([^\[\]]+)\]\]")
_PARAGRAPH = re.compile(r"\n\s*\n")


def inline(text: str, numbers: Mapping[str, Mapping[str, Any]], notes: Notes) -> Markup:
    """``text`` escaped, with its number references filled in.

    Raises InputError for a reference that is not among ``numbers``.
    """
    pieces = _REFERENCE.split(text)
    written = [
        _number(piece.strip(), numbers, notes) if place % 2 else Markup.escape(piece)
        for place, piece in enumerate(pieces)
    ]
    return Markup("".join(written))


def paragraphs(text: str, numbers: Mapping[str, Mapping[str, Any]], notes: Notes) -> Markup:
    """``text`` as paragraphs, which blank lines part."""
    parts = [part for part in _PARAGRAPH.split(text.strip()) if part]
    return Markup("".join([f"<p>{inline(part, numbers, notes)}</p>" for part in parts]))


def _number(key: str, numbers: Mapping[str, Mapping[str, Any]], notes: Notes) -> Markup:
    if key not in numbers:
        raise unknown("number reference", f"[[{key}]]", numbers)
    if numbers[key]["node"] is None:
        return Markup("–")  # not known as of the report's date
    return notes.number(str(numbers[key]["node"]), str(numbers[key].get("format") or ""))
