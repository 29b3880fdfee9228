"""The SEC's company facts: every number that a company has reported in XBRL, with when it was filed.

The format is that of ``https://data.sec.gov/api/xbrl/companyfacts/CIK##########.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from waterline.core.errors import InputError

TAXONOMIES = ("us-gaap", "dei", "ifrs-full")


@dataclass(frozen=True)
class ReportedFact:
    """One number as one filing states it. ``start`` is None for what is true of a day, such as a balance."""

    company: int
    taxonomy: str
    concept: str
    unit: str
    start: date | None
    end: date
    value: float
    accession: str
    form: str
    fiscal_year: int | None
    fiscal_period: str
    filed: date


def read_company_facts(content: bytes, place: str) -> list[ReportedFact]:
    """The facts of one company, in the order of the document.

    Raises InputError, with the concept, for a document that is cut off, is no company-facts document, or holds a value
    without its date, its filing or a number.
    """
    try:
        document = json.loads(content)
    except ValueError as problem:
        raise InputError(f"{place}: not a whole JSON document: {problem}") from None
    if not isinstance(document, dict) or not {"cik", "facts"} <= document.keys():
        held = ", ".join(map(str, document)) if isinstance(document, dict) else type(document).__name__
        raise InputError(f"{place}: expected company facts with 'cik' and 'facts', not {held[:80]}")
    try:
        company = int(document["cik"])
    except (TypeError, ValueError):
        raise InputError(f"{place}: 'cik' is {document['cik']!r}, not a number") from None
    return list(_facts(document["facts"], company, place))


def _facts(taxonomies: Any, company: int, place: str) -> Iterator[ReportedFact]:
    for taxonomy in TAXONOMIES:
        for concept, described in _table(taxonomies, place).get(taxonomy, {}).items():
            for unit, entries in _table(_table(described, place).get("units"), place).items():
                for entry in entries:
                    yield _fact(entry, company, taxonomy, concept, unit, place)


def _fact(entry: Any, company: int, taxonomy: str, concept: str, unit: str, place: str) -> ReportedFact:
    try:
        start = entry.get("start")
        year = entry.get("fy")
        return ReportedFact(
            company,
            taxonomy,
            concept,
            unit,
            None if start is None else date.fromisoformat(start),
            date.fromisoformat(entry["end"]),
            float(entry["val"]),
            str(entry["accn"]),
            str(entry["form"]),
            None if year is None else int(year),
            str(entry.get("fp") or ""),
            date.fromisoformat(entry["filed"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise InputError(
            f"{place}: {taxonomy}:{concept} in {unit}: malformed entry {entry!r:.80} ({problem})"
        ) from None


def _table(part: Any, place: str) -> dict[str, Any]:
    if not isinstance(part, dict):
        raise InputError(f"{place}: expected a table, not {part!r:.60}")
    return part


def read_ticker_list(content: bytes, place: str) -> dict[str, int]:
    """Company numbers by ticker, from the SEC's ``company_tickers.json``. Raises InputError for anything else."""
    try:
        entries = json.loads(content).values()
        return {str(entry["ticker"]).upper(): int(entry["cik_str"]) for entry in entries}
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise InputError(f"{place}: not the SEC's list of tickers ({problem})") from None
