"""How answers look on a terminal, and as JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from waterline.core.answer import Summary
    from waterline.core.knowledge import Citation

_SCALES = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
_DIGITS = 4
_STYLE: dict[str, Any] = {"ensure_ascii": False, "indent": 1, "allow_nan": False}


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    json.dump(document, sys.stdout, **_STYLE)
    sys.stdout.write("\n")


def print_long_json(document: Mapping[str, Any], long: str) -> None:
    """One JSON document on stdout whose list `long` comes last and is written entry by entry."""
    head = json.dumps({key: value for key, value in document.items() if key != long}, **_STYLE)
    sys.stdout.write(f"{head[:-2]},\n {json.dumps(long)}: [")
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    for place, entry in enumerate(document[long]):
        sys.stdout.write((",\n  " if place else "\n  ") + encode(entry))
    sys.stdout.write("\n ]\n}\n")


def number(value: float, unit: str = "") -> str:
    """A number with four significant digits for reading: ``5.576 million USD``, ``0.36``."""
    if unit == "fraction":
        return f"{_significant(value)}"
    for scale, word in _SCALES:
        if abs(value) >= scale:
            return f"{_significant(value / scale)}{word} {unit}".rstrip()
    return f"{_significant(value)} {unit}".rstrip()


def estimate(summary: Summary, unit: str) -> str:
    """The median, with the 90% interval where there is one; of an event, its probability."""
    from waterline.core.summary import to_show

    summary = to_show(summary, unit)
    if summary.p05 == summary.p95:
        return f"{number(summary.median)} (probability)" if unit == "probability" else number(summary.median, unit)
    return f"{number(summary.median, unit)}  (90%: {number(summary.p05)} to {number(summary.p95)})"


def citation_line(citation: Citation) -> str:
    """A fact in one line."""
    return (
        f"{citation.fact} = {citation.stated}  [{citation.trust}] {citation.title}, {citation.publisher}; "
        f"known {citation.known}  {citation.url}"
    )


def print_left_out(citations: Iterable[Citation], limit: int = 8) -> None:
    """Say which facts the as-of date left out."""
    found = list(citations)
    if found:
        print(f"left out, known only later ({len(found)}):")
        for citation in found[:limit]:
            print(f"  {citation.fact} = {citation.stated}, known {citation.known}")
        if len(found) > limit:
            print(f"  … and {len(found) - limit} more")


def _significant(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(decimals, 12)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(text: str) -> str:
    """Text without control characters, so that a study file cannot drive the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
