"""Search in the fact base: ids, names, aliases, attributes, meanings, values and sources, best first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from waterline.core.errors import InputError
from waterline.facts.record import Assumption, Entity, Source
from waterline.facts.series import Series, series_of
from waterline.facts.store import FactBase, KnownFacts, folded

_EXACT = 2.0  # a word that is the whole field counts double
_FIELDS = {"id": 16.0, "attribute": 12.0, "name": 8.0, "kind": 4.0, "meaning": 3.0, "value": 2.0, "source": 1.0}


@dataclass(frozen=True, slots=True)
class Match:
    """A series that a search found, and how well it fits."""

    series: Series
    score: float


def find(known_facts: KnownFacts, text: str) -> list[Match]:
    """Series of which every word of ``text`` matches something, best first. Raises InputError for an empty text."""
    words = _words(text)
    base = known_facts.facts
    found = []
    for entity in base.entities.values():
        general = _entity_fields(entity)
        whole = folded(text) in {field for _, field in general}
        for series in series_of(known_facts, entity):
            fields = general + _series_fields(base, series)
            score = _score(words, fields)
            if score:
                found.append(Match(series, score + (_FIELDS["id"] * len(words) if whole else 0)))
    return sorted(found, key=lambda match: (-match.score, match.series.name))


def find_assumptions(known_facts: KnownFacts, text: str) -> list[Assumption]:
    """Assumptions of the day whose name or reason holds every word."""
    words = _words(text)
    base, day = known_facts.facts, known_facts.day
    held = (found for name in base.assumptions if (found := base.assumed(name, day)) is not None)
    chosen = (
        assumption
        for assumption in held
        if all(word in folded(f"{assumption.name} {assumption.reason}") for word in words)
    )
    return sorted(chosen, key=lambda assumption: assumption.name)


def find_sources(base: FactBase, text: str) -> list[tuple[Source, int]]:
    """Sources whose id, title, publisher or address holds every word, with the number of facts that cite each.

    An empty text finds all of them.
    """
    words = _words(text) if text.strip() else []
    cited: dict[str, int] = {}
    for fact in base.facts():
        cited[fact.source] = cited.get(fact.source, 0) + 1
    chosen = [
        source
        for source in base.sources.values()
        if all(word in folded(f"{source.id} {source.title} {source.publisher} {source.url}") for word in words)
    ]
    return [(source, cited.get(source.id, 0)) for source in sorted(chosen, key=lambda source: source.id)]


def _entity_fields(entity: Entity) -> list[tuple[str, str]]:
    names = [("name", folded(name)) for name in (entity.name, *entity.aliases)]
    return [("id", folded(entity.id)), *names, *(("kind", folded(kind)) for kind in entity.kinds)]


def _series_fields(base: FactBase, series: Series) -> list[tuple[str, str]]:
    fields = [("attribute", folded(series.attribute.name)), ("meaning", folded(series.attribute.meaning))]
    for fact in series.facts:
        source = base.sources[fact.source]
        if fact.text is not None:
            fields.append(("value", folded(fact.text)))
        fields.append(("source", folded(f"{source.id} {source.title} {source.publisher} {fact.note} {fact.provider}")))
    return fields


def _score(words: Sequence[str], fields: Sequence[tuple[str, str]]) -> float:
    """Sum over the words of the best field each is found in; zero when one of them is found nowhere."""
    total = 0.0
    for word in words:
        best = 0.0
        for field, content in fields:
            weight = _FIELDS[field]
            if weight * _EXACT > best and word in content:
                best = max(best, weight * _EXACT if word == content else weight)
        if not best:
            return 0.0
        total += best
    return total


def _words(text: str) -> list[str]:
    words = [folded(word) for word in re.split(r"[\s.,]+", text) if folded(word)]
    if not words:
        raise InputError(f"nothing to search for in {text[:40]!r}; give a name, such as 'h100 price'")
    return words
