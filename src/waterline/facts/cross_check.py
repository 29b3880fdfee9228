"""Figures that must agree with each other, as ``checks.yaml`` declares them.

Sections, each a list of checks on every entity of ``kind`` that has all figures (others are passed over):

- ``sums``: ``total`` is the sum of ``parts``.
- ``products``: ``product`` is the product of ``factors``.
- ``growth``: ``rate`` is ``level`` ÷ ``base`` − 1.
- ``ratios``: ``value`` ÷ ``over`` lies between ``low`` and ``high``.
- ``spans``: ``total`` is the sum of ``part`` over ``count`` entities, from the one of kind ``of`` that shares the
  attributes in ``match`` (left out: the entity itself) back ``through`` a reference.

A figure is an attribute, or one of an entity that is referred to (``year_ago.revenue``, ``chip.tdp``).
``tolerance`` is relative, except for growth, where it is a difference of rates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from waterline.core.distribution import points
from waterline.core.errors import InputError
from waterline.facts.document import Mapping as Document
from waterline.facts.document import parse_document
from waterline.facts.estimate import choose, combine
from waterline.facts.record import Attribute, Base, Entity
from waterline.facts.store import FactBase

Severity = Literal["error", "warning"]

_DEFAULT_SPREAD = 0.25
_COMMON = {"kind": str, "reason": str}
_OPTIONAL = {"severity": str, "match": list}
_SECTIONS: dict[str, dict[str, type]] = {
    "growth": {"rate": str, "level": str, "base": str, "tolerance": float},
    "products": {"product": str, "factors": list, "tolerance": float},
    "ratios": {"value": str, "over": str, "low": float, "high": float},
    "spans": {"total": str, "part": str, "of": str, "through": str, "count": int, "tolerance": float},
    "sums": {"total": str, "parts": list, "tolerance": float},
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared check: its section, its keys as written, and where it stands."""

    section: str
    keys: Mapping[str, Any]
    place: str

    @property
    def severity(self) -> Severity:
        """What a failure counts as."""
        return "warning" if self.keys.get("severity") == "warning" else "error"


@dataclass(frozen=True, slots=True)
class Rules:
    """All declared checks, and how far sources of one trust may lie apart, by attribute."""

    checks: list[Rule] = field(default_factory=list)
    spreads: dict[str, float] = field(default_factory=dict)

    def spread(self, declared: Attribute) -> float:
        """Accepted distance of two values over the larger one."""
        general = self.spreads.get("default", _DEFAULT_SPREAD)
        return self.spreads.get(f"{declared.kind}.{declared.name}", general)


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that does not hold for an entity."""

    severity: Severity
    place: str
    text: str


def read_rules(files: Mapping[str, bytes], base: Base) -> tuple[Rules, list[str]]:
    """The checks declared in files named ``checks``, and what is wrong with those declarations (file:line)."""
    rules = Rules()
    problems: list[str] = []
    for place, content in files.items():
        if place.split("/")[1:2] not in (["checks.yaml"], ["checks"]):
            continue
        try:
            document = parse_document(content, place)
        except InputError:
            continue  # reported with the other files
        for section, entries in document.items():
            line = document.line_of(section)
            if section == "spreads" and isinstance(entries, Document):
                problems += _read_spreads(rules, entries, place, base)
            elif section in _SECTIONS and isinstance(entries, list):
                problems += _read_section(rules, section, entries, place, line, base)
            else:
                problems.append(f"{place}:{line}: expected lists named {', '.join(_SECTIONS)}, or spreads")
    return rules, problems


def cross_check(facts: FactBase, rules: Rules) -> Iterator[Failure]:
    """Every declared check that some entity fails."""
    compare = {
        "growth": _growth, "products": _product, "ratios": _ratio, "spans": _span, "sums": _sum,
    }  # fmt: skip
    for rule in rules.checks:
        for entity in facts.entities.values():
            if rule.keys["kind"] not in entity.kinds:
                continue
            problem = compare[rule.section](facts, rule, entity)
            if problem:
                text = f"{entity.id}: {problem} ({rule.keys['reason']}; {rule.place})"
                yield Failure(rule.severity, _place(entity, rule), text)


def _sum(facts: FactBase, rule: Rule, entity: Entity) -> str:
    total = figure(facts, entity, rule.keys["total"])
    parts = [figure(facts, entity, path) for path in rule.keys["parts"]]
    if total is None or None in parts:
        return ""
    found = sum(part for part in parts if part is not None)
    return _unequal(rule, rule.keys["total"], total, " + ".join(rule.keys["parts"]), found)


def _product(facts: FactBase, rule: Rule, entity: Entity) -> str:
    product = figure(facts, entity, rule.keys["product"])
    factors = [figure(facts, entity, path) for path in rule.keys["factors"]]
    if product is None or None in factors:
        return ""
    found = math.prod(factor for factor in factors if factor is not None)
    return _unequal(rule, rule.keys["product"], product, " × ".join(rule.keys["factors"]), found)


def _span(facts: FactBase, rule: Rule, entity: Entity) -> str:
    total = figure(facts, entity, rule.keys["total"])
    current = _counterpart(facts, rule, entity)
    found = 0.0
    for _ in range(rule.keys["count"]):
        part = None if current is None else figure(facts, current, rule.keys["part"])
        if total is None or part is None or current is None:
            return ""
        found += part
        current = _referred(facts, current, rule.keys["through"])
    what = f"{rule.keys['count']} × {rule.keys['of']}.{rule.keys['part']}"
    return _unequal(rule, rule.keys["total"], total or 0.0, what, found)


def _growth(facts: FactBase, rule: Rule, entity: Entity) -> str:
    rate, level, base = (figure(facts, entity, rule.keys[key]) for key in ("rate", "level", "base"))
    if rate is None or level is None or not base:
        return ""
    found = level / base - 1
    if abs(found - rate) <= rule.keys["tolerance"]:
        return ""
    return f"{rule.keys['rate']} is {rate:.4f}, but {rule.keys['level']} ÷ {rule.keys['base']} − 1 is {found:.4f}"


def _ratio(facts: FactBase, rule: Rule, entity: Entity) -> str:
    value, over = figure(facts, entity, rule.keys["value"]), figure(facts, entity, rule.keys["over"])
    if value is None or not over or rule.keys["low"] <= value / over <= rule.keys["high"]:
        return ""
    bounds = f"{rule.keys['low']:g}..{rule.keys['high']:g}"
    return f"{rule.keys['value']} ÷ {rule.keys['over']} is {value / over:.4g}, outside {bounds}"


def _unequal(rule: Rule, name: str, stated: float, formula: str, found: float) -> str:
    if abs(found - stated) <= rule.keys["tolerance"] * max(abs(stated), abs(found)):
        return ""
    return f"{name} is {stated:,.6g}, but {formula} is {found:,.6g}"


def figure(facts: FactBase, entity: Entity, path: str) -> float | None:
    """The middle of what all facts say of a figure, in its attribute's unit; None when a step of it is missing."""
    *references, name = path.split(".")
    current: Entity | None = entity
    for reference in references:
        current = None if current is None else _referred(facts, current, reference)
    if current is None or not current.facts.get(name):
        return None
    declared = facts.attribute(current, name)
    distribution = combine(declared, choose(declared, current.facts[name], date.max))
    return points(distribution)[1]


def _referred(facts: FactBase, entity: Entity, attribute: str) -> Entity | None:
    items = entity.facts.get(attribute)
    return None if not items else facts.entities.get(items[-1].text or "")


def _counterpart(facts: FactBase, rule: Rule, entity: Entity) -> Entity | None:
    """The entity of kind ``of`` whose texts in ``match`` are the same."""
    if "match" not in rule.keys:
        return entity
    wanted = [_text(entity, name) for name in rule.keys["match"]]
    if None in wanted:
        return None
    candidates = (other for other in facts.entities.values() if rule.keys["of"] in other.kinds and other is not entity)
    return next((other for other in candidates if [_text(other, name) for name in rule.keys["match"]] == wanted), None)


def _text(entity: Entity, attribute: str) -> str | None:
    items = entity.facts.get(attribute)
    return items[-1].text if items else None


def _place(entity: Entity, rule: Rule) -> str:
    name = next(rule.keys[key] for key in ("total", "product", "rate", "value") if key in rule.keys)
    items = entity.facts.get(name.split(".")[0])
    return items[0].place if items else ""


def _read_spreads(rules: Rules, entries: Document, place: str, base: Base) -> Iterator[str]:
    for name, spread in entries.items():
        kind, _, attribute = name.partition(".")
        if name != "default" and attribute not in base.attributes.get(kind, {}):
            yield f"{place}:{entries.line_of(name)}: unknown attribute {name!r}"
        elif not _is(spread, float) or spread < 0:
            yield f"{place}:{entries.line_of(name)}: a spread is a number from 0 up, not {spread!r}"
        else:
            rules.spreads[name] = float(spread)


def _read_section(rules: Rules, section: str, entries: list[Any], place: str, line: int, base: Base) -> Iterator[str]:
    needed = {**_COMMON, **_SECTIONS[section]}
    for entry in entries:
        if not isinstance(entry, Document):
            yield f"{place}:{line}: expected a mapping, not {str(entry)[:40]!r}"
            continue
        missing = sorted(needed.keys() - entry.keys())
        strange = sorted(entry.keys() - needed.keys() - _OPTIONAL.keys())
        wrong = [key for key, kind in {**needed, **_OPTIONAL}.items() if key in entry and not _is(entry[key], kind)]
        if missing or strange or wrong:
            parts = (("missing", missing), ("unknown", strange), ("wrong type of", wrong))
            yield f"{place}:{entry.line}: " + "; ".join(f"{what} {', '.join(keys)}" for what, keys in parts if keys)
            continue
        unknown = [path for path in _paths(entry) if not _exists(base, path)]
        if entry["kind"] not in base.attributes or unknown:
            yield f"{place}:{entry.line}: unknown {', '.join(unknown) or 'kind ' + repr(entry['kind'])}"
            continue
        rules.checks.append(Rule(section, entry, f"{place}:{entry.line}"))


def _paths(entry: Document) -> Iterator[str]:
    """Every figure that a check names, as ``kind.step.….attribute``."""
    for key in ("total", "product", "rate", "level", "base", "value", "over"):
        if key in entry:
            yield f"{entry['kind']}.{entry[key]}"
    for key in ("parts", "factors", "match"):
        for path in entry.get(key, ()):
            yield f"{entry['kind']}.{path}"
    for key in ("part", "through"):
        if key in entry:
            yield f"{entry['of']}.{entry[key]}"


def _exists(base: Base, path: str) -> bool:
    kind, *steps = path.split(".")
    for step in steps:
        declared = base.attributes.get(kind, {}).get(step)
        if declared is None:
            return False
        kind = declared.refers or ""
    return True


def _is(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if kind is list:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, kind) and not isinstance(value, bool)
