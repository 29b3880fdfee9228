"""What a scan found, counted in tables: occurrences by status, library and kind, names, places and lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from waterline.moat.counts import OUTSIDE, Bound
from waterline.moat.scan import Scan
from waterline.moat.status import STATUSES

_API_KINDS = ("api", "library", "unknown")


def by_status(touchpoints: Iterable[Bound]) -> tuple[Counter[str], dict[str, Any], dict[str, Any]]:
    """Occurrences by status: of all APIs, by library, and of Python names by family."""
    apis: Counter[str] = Counter()
    libraries: dict[str, Counter[str]] = defaultdict(Counter)
    surface: dict[str, Counter[str]] = defaultdict(Counter)
    for found in touchpoints:
        kind = found.touchpoint.kind
        if kind in _API_KINDS:
            apis[found.status.name] += found.count
        if kind != "build":
            table = surface if kind == "python" else libraries
            table[found.touchpoint.library][found.status.name] += found.count
    return apis, _rows(libraries), _rows(surface)


def _rows(tallies: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {
        name: {**{status: tally.get(status, 0) for status in STATUSES}, "total": sum(tally.values())}
        for name, tally in sorted(tallies.items())
    }


def by_kind(touchpoints: Iterable[Bound]) -> dict[str, int]:
    """Occurrences by kind of touchpoint."""
    tally: Counter[str] = Counter()
    for found in touchpoints:
        tally[found.touchpoint.kind] += found.count
    return dict(sorted(tally.items()))


def names(touchpoints: Iterable[Bound]) -> list[dict[str, Any]]:
    """Every name with its status, most frequent in the code base's ``own`` code first."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for found in touchpoints:
        point = found.touchpoint
        row = rows.setdefault(
            (point.kind, point.library, point.name),
            {
                "name": point.name, "library": point.library, "kind": point.kind, "status": found.status.name,
                "why": found.status.why, "count": 0, "own": 0, "files": 0,
            },
        )  # fmt: skip
        row["count"] += found.count
        row["own"] += found.count * (found.file.role != OUTSIDE)
        row["files"] += 1
    return sorted(rows.values(), key=lambda row: (-int(row["own"]), -int(row["count"]), str(row["name"])))


def places(touchpoints: Iterable[Bound]) -> list[str]:
    """Every occurrence as ``file:line: name``."""
    places = [
        (found.file.name, line, found.touchpoint.name) for found in touchpoints for line in found.touchpoint.lines
    ]
    return [f"{file}:{line}: {name}" for file, line, name in sorted(places)]


def lines_by(scan: Scan, place: int) -> dict[str, dict[str, int]]:
    """Files and lines by language (0) or role (1)."""
    result: dict[str, dict[str, int]] = {}
    for key, (files, lines) in sorted(scan.lines_by.items()):
        row = result.setdefault(key[place], {"files": 0, "lines": 0})
        row["files"] += files
        row["lines"] += lines
    return result
