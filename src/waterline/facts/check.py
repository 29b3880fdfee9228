"""What is wrong or doubtful in the fact base: gaps, age, conflicts, leftovers, and figures that do not add up.

Errors are statements that cannot all be right as written; warnings are what a maintainer should look at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from waterline.core.errors import UnitError
from waterline.core.units import conversion_factor, parse
from waterline.facts.cross_check import Rules, Severity, cross_check, read_rules
from waterline.facts.estimate import choose
from waterline.facts.load import examine
from waterline.facts.record import Assumption, Attribute, Base, Fact
from waterline.facts.store import FactBase, folded

_YEAR = re.compile(r"\b(?:19[5-9]\d|20[0-3]\d)\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: where it stands (``file:line``, or empty) and what is the matter."""

    severity: Severity
    rule: str
    place: str
    text: str


def check(files: Mapping[str, bytes], day: date) -> list[Finding]:
    """Everything found in data files (see `load.read_files`), errors first; ages are counted on ``day``."""
    base, problems = examine(files)
    findings = [Finding("error", "schema", *_split(problem)) for problem in problems]
    rules, problems = read_rules(files, base)
    findings += [Finding("error", "checks", *_split(problem)) for problem in problems]
    facts = FactBase(base)
    for found in (
        _ambiguous_names(facts),
        _duplicates(facts),
        _assumptions(base),
        _undated(facts),
        _by_series(facts, rules, day),
        _holes(base),
        _dead_entities(base),
        _unused_sources(base),
        (Finding(failure.severity, "cross", failure.place, failure.text) for failure in cross_check(facts, rules)),
    ):
        findings += found
    return sorted(findings, key=lambda finding: (finding.severity, finding.rule, finding.place, finding.text))


def _split(problem: str) -> tuple[str, str]:
    place, separator, text = problem.partition(": ")
    return (place, text) if separator else ("", problem)


def _ambiguous_names(facts: FactBase) -> Iterator[Finding]:
    """Two entities of one kind that a user cannot tell apart by name."""
    bearers: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for entity in facts.entities.values():
        for kind in entity.kinds:
            for name in (entity.id, entity.name, *entity.aliases):
                bearers[kind, folded(name)][entity.id] = None
    for (kind, name), identities in bearers.items():
        if len(identities) > 1:
            yield Finding("error", "ambiguous", "", f"{kind} {name!r} may be {' or '.join(identities)}")


def _duplicates(facts: FactBase) -> Iterator[Finding]:
    """The same statement of the same source, twice."""
    seen: dict[tuple[object, ...], Fact] = {}
    for fact in facts.facts():
        first = seen.setdefault(identity(fact), fact)
        if first is not fact:
            text = f"{fact.id}: {fact.stated} from {fact.source} also stands at {first.place}"
            yield Finding("error", "duplicate", fact.place, text)


def identity(fact: Fact) -> tuple[object, ...]:
    """Equal for two facts that say the same of the same day by the same source."""
    numbers = tuple(None if x is None else x * fact.factor for x in (fact.value, fact.low, fact.mid, fact.high))
    what = (fact.id, *numbers, fact.text)
    return (*what, fact.valid, fact.source, fact.provider, fact.term, fact.where, fact.note)


def _by_series(facts: FactBase, rules: Rules, day: date) -> Iterator[Finding]:
    for entity in facts.entities.values():
        for name, items in entity.facts.items():
            declared = facts.attribute(entity, name)
            yield from _stale(declared, items, day)
            yield from _conflict(declared, items, rules, day)


def _stale(declared: Attribute, items: list[Fact], day: date) -> Iterator[Finding]:
    newest = max(items, key=lambda fact: fact.valid)
    age = (day - newest.valid).days
    if declared.stale_after is not None and age > declared.stale_after:
        text = f"{newest.id}: newest value is {age} days old ({newest.valid}); at most {declared.stale_after} wanted"
        yield Finding("warning", "stale", newest.place, text)


def _conflict(declared: Attribute, items: list[Fact], rules: Rules, day: date) -> Iterator[Finding]:
    """Best-trust facts about one thing and time that lie further apart than the attribute's spread."""
    if declared.estimate == "quotes":
        return
    chosen = choose(declared, items, day)
    if declared.estimate == "latest":
        chosen = [fact for fact in items if (fact.valid, fact.trust) == (chosen[0].valid, chosen[0].trust)]
    texts = {fact.text for fact in chosen}
    if len(texts) > 1:
        stated = "; ".join(f"{fact.text} ({fact.source})" for fact in chosen)
        yield Finding("warning", "conflict", chosen[0].place, f"{chosen[0].id}: sources of one trust differ: {stated}")
    elif chosen[0].text is None:
        low, high = min(fact.centre for fact in chosen), max(fact.centre for fact in chosen)
        allowed = rules.spread(declared)
        if high - low > allowed * max(abs(low), abs(high)):
            stated = "; ".join(f"{fact.stated} ({fact.source})" for fact in chosen)
            text = f"{chosen[0].id}: sources of one trust lie more than {allowed:.0%} apart: {stated}"
            yield Finding("warning", "conflict", chosen[0].place, text)


def _holes(base: Base) -> Iterator[Finding]:
    for entity in base.entities.values():
        for kind in entity.kinds:
            for declared in base.attributes.get(kind, {}).values():
                assumed = any(f"{owner}.{declared.name}" in base.assumptions for owner in (entity.id, kind))
                if declared.required and declared.name not in entity.facts and not assumed:
                    yield Finding("warning", "hole", "", f"{kind} {entity.id} has no {declared.name}")


def _dead_entities(base: Base) -> Iterator[Finding]:
    """Entities that say nothing and that nothing names."""
    named = {
        fact.text for entity in base.entities.values() for items in entity.facts.values() for fact in items if fact.text
    }
    owners = {name.rpartition(".")[0] for name in base.assumptions}
    for entity in base.entities.values():
        if not entity.facts and entity.id not in named and entity.id not in owners:
            text = f"{' and '.join(entity.kinds)} {entity.id} has no facts and nothing refers to it"
            yield Finding("warning", "dead", "", text)


def _unused_sources(base: Base) -> Iterator[Finding]:
    cited = {fact.source for entity in base.entities.values() for items in entity.facts.values() for fact in items}
    for name in base.sources:
        if name not in cited:
            yield Finding("warning", "unused", "", f"source {name} is cited by no fact")


def _assumptions(base: Base) -> Iterator[Finding]:
    """Assumptions about what does not exist, or in a unit that cannot be read as what they stand for."""
    for assumption in base.assumptions.values():
        declared = _declared(base, assumption)
        if declared is None and "." in assumption.name:
            text = f"assumption {assumption.name} is about no known entity or kind with such an attribute"
            yield Finding("error", "assumption", assumption.place, text)
            continue
        try:
            parse(assumption.unit)
            if declared is not None:
                conversion_factor(assumption.unit, declared.unit)
        except UnitError as problem:
            yield Finding("error", "assumption", assumption.place, f"assumption {assumption.name}: {problem}")


def _undated(facts: FactBase) -> Iterator[Finding]:
    """Assumptions whose reason names a year that they may not have known: each such needs its ``known`` day."""
    for assumption in facts.assumptions.values():
        since = assumption.known or facts.heard_of(assumption.name.rpartition(".")[0])
        named = max(_YEAR.findall(assumption.reason), default="")
        if assumption.known is None and named > ("" if since is None else str(since.year)):
            text = f"assumption {assumption.name} names {named} in its reason: give the day it was known by ('known')"
            yield Finding("error", "undated", assumption.place, text)


def _declared(base: Base, assumption: Assumption) -> Attribute | None:
    owner, _, name = assumption.name.rpartition(".")
    kinds: Iterable[str] = base.entities[owner].kinds if owner in base.entities else (owner,)
    return next((base.attributes[kind][name] for kind in kinds if name in base.attributes.get(kind, {})), None)
