"""Records of the fact base as plain data, as every door gives them out."""

from __future__ import annotations

from typing import Any

from waterline.core.knowledge import Leaf
from waterline.facts.assumed import assumed_distribution
from waterline.facts.record import Assumption, Fact, Source
from waterline.facts.search import find, find_assumptions
from waterline.facts.series import Series, Value, value_of
from waterline.facts.store import FactBase, KnownFacts


def search_record(known: KnownFacts, text: str, limit: int) -> dict[str, Any]:
    """What a search finds as of a date, best first, at most ``limit`` series. Raises InputError for an empty text."""
    matches, assumptions = find(known, text), find_assumptions(known, text)
    return {
        "text": text,
        "as_of": known.day.isoformat(),
        "count": len(matches),
        "rows": [series_row(match.series) for match in matches[:limit]],
        "assumptions": [assumption_row(assumption) for assumption in assumptions],
    }


def assumed_value(assumption: Assumption) -> Value:
    """Median and 90% interval of an assumption."""
    return value_of(Leaf(assumption.name, assumed_distribution(assumption), assumption.unit, reason=assumption.reason))


def series_row(series: Series) -> dict[str, Any]:
    """A series with its value, without its facts."""
    value = series.value
    record: dict[str, Any] = {
        "name": series.name,
        "entity": series.entity.id,
        "attribute": series.attribute.name,
        "meaning": series.attribute.meaning,
        "unit": series.attribute.unit,
        "assumption": not series.facts and series.leaf is not None,
    }
    if value is None:
        return {**record, "value": None}
    if value.median is None:
        return {**record, "value": value.text}
    return {**record, "value": value.median, "p05": value.p05, "p95": value.p95}


def series_record(base: FactBase, series: Series) -> dict[str, Any]:
    """A series with its facts."""
    reason = series.leaf.reason if series.leaf is not None and not series.facts else None
    return {
        **series_row(series),
        "rule": series.rule,
        "reason": reason,
        "facts": [{**_fact_record(base, fact), "counts": fact in series.counted} for fact in series.facts],
        "left_out": [_fact_record(base, fact) for fact in series.left_out],
    }


def _fact_record(base: FactBase, fact: Fact) -> dict[str, Any]:
    numbers = {key: getattr(fact, key) for key in ("value", "low", "mid", "high")}
    return {
        "stated": fact.stated,
        **{key: number for key, number in numbers.items() if number is not None},
        "unit": fact.unit,
        "valid": fact.valid.isoformat(),
        "known": fact.known.isoformat(),
        "trust": fact.trust,
        **{key: getattr(fact, key) for key in ("where", "provider", "term", "note") if getattr(fact, key)},
        "source": source_row(base.sources[fact.source]),
        "place": fact.place,
    }


def source_row(source: Source) -> dict[str, Any]:
    """A source."""
    return {
        "id": source.id,
        "title": source.title,
        "publisher": source.publisher,
        "date": source.date.isoformat(),
        "url": source.url,
    }


def assumption_record(known: KnownFacts, name: str) -> dict[str, Any]:
    """An assumption as of a day (None where nothing was assumed yet), and all its versions, newest first."""
    stated = known.facts.assumptions[name]
    counted = known.facts.assumed(name, known.day)
    chosen = None if counted is None else stated.as_of(known.day)
    versions = (stated, *stated.earlier)
    return {
        "as_of": known.day.isoformat(),
        "assumption": None if counted is None else assumption_row(counted),
        "versions": [{**assumption_row(version), "counts": version is chosen} for version in versions],
    }


def assumption_row(assumption: Assumption) -> dict[str, Any]:
    """An assumption with its median and 90% interval."""
    value = assumed_value(assumption)
    return {
        "name": assumption.name,
        "value": value.median,
        "p05": value.p05,
        "p95": value.p95,
        "unit": assumption.unit,
        "known": None if assumption.known is None else assumption.known.isoformat(),
        "reason": assumption.reason,
        "place": assumption.place,
    }
