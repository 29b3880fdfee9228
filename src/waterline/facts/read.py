"""Reads the documents of the fact base into records, collecting every problem with its file and line."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping as AnyMapping
from datetime import date
from typing import Any, TypeGuard

from waterline.core.errors import InputError, UnitError
from waterline.core.units import DATE, TEXT, conversion_factor
from waterline.facts.assumed import ASSUMPTION_KEYS, read_assumption
from waterline.facts.document import Mapping, parse_document
from waterline.facts.record import Assumption, Attribute, Base, Correlation, Entity, Fact, Source

FACT_KEYS = (
    "value", "low", "mid", "high", "unit", "valid", "known", "source", "trust", "where", "note", "provider", "term",
)  # fmt: skip
ATTRIBUTE_KEYS = (
    "meaning", "unit", "range", "estimate", "refers", "stale_after", "required", "individual", "of", "term",
)  # fmt: skip


class BaseReader:
    """Turns documents into records; ``problems`` holds what is wrong, as ``file:line: what``."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._sources: dict[str, Source] = {}
        self._attributes: dict[str, dict[str, Attribute]] = defaultdict(dict)
        self._names: dict[str, str] = {}
        self._kinds: dict[str, list[str]] = defaultdict(list)
        self._aliases: dict[str, list[str]] = defaultdict(list)
        self._facts: dict[str, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
        self._assumptions: dict[str, Assumption] = {}
        self._correlations: list[Correlation] = []
        self._references: list[tuple[Fact, str]] = []

    def read(self, files: AnyMapping[str, bytes]) -> None:
        """Read files by name; declarations (attributes, sources) first, whatever their order."""
        documents = []
        for place, content in files.items():
            try:
                documents.append((place, parse_document(content, place)))
            except InputError as problem:
                self.problems.append(str(problem))
        for kind, read in (
            ("attributes", self._read_attributes),
            ("sources", self._read_sources),
            ("assumptions", self._read_assumptions),
            ("entities", self._read_entities),
        ):
            for place, document in documents:
                if self._kind_of(place, document) == kind:
                    read(place, document)
        self._check_references()

    def base(self) -> Base:
        """The records read so far."""
        entities = {
            identity: Entity(
                identity,
                self._names.get(identity, identity),
                tuple(dict.fromkeys(self._kinds[identity])),
                tuple(dict.fromkeys(self._aliases[identity])),
                {name: self._facts[identity][name] for name in sorted(self._facts[identity])},
            )
            for identity in sorted(self._kinds)
        }
        return Base(self._sources, dict(self._attributes), entities, self._assumptions, tuple(self._correlations))

    def _kind_of(self, place: str, document: Mapping) -> str:
        folder = (
            place.split("/")[1] if place.count("/") > 1 else place.rsplit("/", maxsplit=1)[-1].removesuffix(".yaml")
        )
        if folder in ("attributes", "sources", "assumptions", "checks"):
            return folder
        if "entities" not in document:
            self._problem(place, document.line, "a fact file needs 'kind' and 'entities'")
        return "entities"

    def _problem(self, place: str, line: int, what: str) -> None:
        self.problems.append(f"{place}:{line}: {what}")

    def _read_sources(self, place: str, document: Mapping) -> None:
        for identity, entry in document.items():
            line = document.line_of(identity)
            if not self._has(place, line, entry, ("title", "publisher", "date", "url"), ()):
                continue
            if identity in self._sources:
                self._problem(place, line, f"source {identity!r} is declared twice")
            if not isinstance(entry["date"], date):
                self._problem(place, line, f"source {identity!r}: date must be YYYY-MM-DD, not {entry['date']!r}")
                continue
            self._sources[identity] = Source(
                identity, str(entry["title"]), str(entry["publisher"]), entry["date"], str(entry["url"])
            )

    def _read_attributes(self, place: str, document: Mapping) -> None:
        for kind, table in document.items():
            if not self._is_mapping(table, place, document.line_of(kind)):
                continue
            for name, entry in table.items():
                line = table.line_of(name)
                if not self._has(place, line, entry, ("meaning", "unit"), ATTRIBUTE_KEYS):
                    continue
                try:
                    declared = _attribute(kind, name, entry)
                except InputError as problem:
                    self._problem(place, line, f"attribute {kind}.{name}: {problem}")
                    continue
                if name in self._attributes[kind]:
                    self._problem(place, line, f"attribute {kind}.{name} is declared twice")
                self._attributes[kind][name] = declared

    def _read_entities(self, place: str, document: Mapping) -> None:
        kind, entities = document.get("kind"), document.get("entities")
        if not isinstance(kind, str) or kind not in self._attributes:
            self._problem(place, document.line_of("kind"), f"unknown kind {kind!r}")
            return
        if not self._is_mapping(entities, place, document.line_of("entities")):
            return
        for identity, entry in entities.items():
            line = entities.line_of(identity)
            if not self._has(place, line, entry, (), ("name", "aliases", "facts")):
                continue
            aliases, name, facts = entry.get("aliases", []), entry.get("name", identity), entry.get("facts", Mapping())
            if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
                self._problem(place, entry.line_of("aliases"), f"{identity}: aliases must be a list of texts")
                continue
            if not isinstance(name, str):
                self._problem(place, entry.line_of("name"), f"{identity}: name must be text, not {name!r}")
                continue
            self._kinds[identity].append(kind)
            self._aliases[identity].extend(aliases)
            if "name" in entry:
                self._names.setdefault(identity, name)
            if self._is_mapping(facts, place, entry.line_of("facts")):
                self._read_facts(place, identity, kind, facts)

    def _read_facts(self, place: str, identity: str, kind: str, facts: Mapping) -> None:
        for attribute, items in facts.items():
            declared = self._attributes[kind].get(attribute)
            if declared is None:
                self._problem(place, facts.line_of(attribute), f"unknown attribute {kind}.{attribute}")
            elif not isinstance(items, list):
                self._problem(place, facts.line_of(attribute), f"{identity}.{attribute} must be a list of facts")
            else:
                for item in items:
                    self._read_fact(place, facts.line_of(attribute), identity, declared, item)

    def _read_fact(self, place: str, line: int, entity: str, declared: Attribute, item: Any) -> None:
        line = item.line if isinstance(item, Mapping) else line
        name = f"{entity}.{declared.name}"
        if not self._has(place, line, item, ("unit", "valid", "known", "source", "trust"), FACT_KEYS):
            return
        before = len(self.problems)
        if not isinstance(item["source"], str) or item["source"] not in self._sources:
            self._problem(place, line, f"{name}: unknown source {item['source']!r}")
        if item["trust"] not in ("A", "B", "C"):
            self._problem(place, line, f"{name}: trust must be A, B or C, not {item['trust']!r}")
        for key in ("valid", "known"):
            if not isinstance(item[key], date):
                self._problem(place, line, f"{name}: {key} must be YYYY-MM-DD, not {item[key]!r}")
        content = self._content(place, line, name, declared, item)
        if content is None or len(self.problems) > before:
            return
        fact = Fact(
            entity, declared.name, str(item["unit"]), item["valid"], item["known"], item["source"], item["trust"],
            where=str(item.get("where", "")), note=str(item.get("note", "")),
            provider=str(item.get("provider", "")), term=str(item.get("term", "")), place=f"{place}:{line}", **content,
        )  # fmt: skip
        if declared.refers:
            self._references.append((fact, declared.refers))
        self._facts[entity][declared.name].append(fact)

    def _content(self, place: str, line: int, name: str, declared: Attribute, item: Mapping) -> dict[str, Any] | None:
        if declared.unit in (TEXT, DATE):
            return self._text(place, line, name, declared, item)
        numbers = {key: item[key] for key in ("value", "low", "mid", "high") if item.get(key) is not None}
        if (
            not all(_is_number(number) for number in numbers.values())
            or not numbers
            or not all(math.isfinite(number) for number in numbers.values())
        ):
            self._problem(place, line, f"{name} needs finite numbers in value, or in low, mid and high")
            return None
        if "value" in numbers and len(numbers) > 1:
            self._problem(place, line, f"{name}: give value, or low/mid/high, not both")
        try:
            factor = conversion_factor(str(item["unit"]), declared.unit)
        except UnitError as problem:
            self._problem(place, line, f"{name}: {problem}")
            return None
        ordered = [numbers[key] for key in ("low", "mid", "high") if key in numbers]
        if ordered != sorted(ordered):
            self._problem(place, line, f"{name}: range is upside down: {', '.join(f'{x:g}' for x in ordered)}")
        for number in numbers.values():
            if not declared.accepts(number * factor):
                self._problem(place, line, f"{name}: {number:g} {item['unit']} lies outside {declared.span}")
        return {**{key: float(number) for key, number in numbers.items()}, "factor": factor}

    def _text(self, place: str, line: int, name: str, declared: Attribute, item: Mapping) -> dict[str, Any] | None:
        value = item.get("value")
        if declared.unit == DATE:
            if not isinstance(value, date):
                self._problem(place, line, f"{name}: value must be a date YYYY-MM-DD, not {value!r}")
                return None
            return {"text": value.isoformat()}
        if value is None or (isinstance(value, float | int) and not isinstance(value, bool)):
            self._problem(place, line, f"{name}: value must be text, not {value!r}")
            return None
        return {"text": ("yes" if value else "no") if isinstance(value, bool) else str(value)}

    def _read_assumptions(self, place: str, document: Mapping) -> None:
        for name, entry in document.items():
            line = document.line_of(name)
            if name == "correlations":
                self._read_correlations(place, entry)
                continue
            if not self._has(place, line, entry, ("unit", "reason"), ASSUMPTION_KEYS):
                continue
            try:
                found = read_assumption(name, entry, f"{place}:{line}")
            except InputError as problem:
                self._problem(place, line, f"assumption {name}: {problem}")
                continue
            if name in self._assumptions:
                self._problem(place, line, f"assumption {name!r} is declared twice")
            self._assumptions[name] = found

    def _read_correlations(self, place: str, entries: Any) -> None:
        for entry in entries if isinstance(entries, list) else [entries]:
            line = entry.line if isinstance(entry, Mapping) else 1
            if self._has(place, line, entry, ("first", "second", "rank", "reason"), ()):
                rank = entry["rank"]
                if not _is_number(rank) or not -1 < rank < 1:
                    self._problem(place, line, f"a correlation lies between -1 and 1, not {rank!r}")
                else:
                    first, second, reason = (str(entry[key]) for key in ("first", "second", "reason"))
                    self._correlations.append(Correlation(first, second, float(rank), reason))

    def _check_references(self) -> None:
        for fact, kind in self._references:
            if kind not in self._kinds.get(fact.text or "", ()):
                self.problems.append(f"{fact.place}: {fact.id} refers to {kind} {fact.text!r}, which does not exist")

    def _is_mapping(self, entry: Any, place: str, line: int) -> TypeGuard[Mapping]:
        if not isinstance(entry, Mapping):
            self._problem(place, line, f"expected a mapping, not {str(entry)[:40]!r}")
            return False
        return True

    def _has(self, place: str, line: int, entry: Any, needed: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
        if not self._is_mapping(entry, place, line):
            return False
        missing = [key for key in needed if key not in entry]
        strange = [key for key in entry if key not in needed and key not in allowed]
        if missing:
            self._problem(place, line, f"missing {', '.join(missing)}")
        if strange:
            self._problem(place, entry.line_of(strange[0]), f"unknown key {strange[0]!r}")
        return not missing and not strange


def _attribute(kind: str, name: str, entry: Mapping) -> Attribute:
    """Declaration of an attribute. Raises InputError for a rule, range or number that is none."""
    rule, limits = entry.get("estimate", "best"), entry.get("range") or [None, None]
    if rule not in ("best", "latest", "quotes"):
        raise InputError(f"estimate must be best, latest or quotes, not {rule!r}")
    if not isinstance(limits, list) or len(limits) != 2 or not all(_is_number(end) or end is None for end in limits):
        raise InputError(f"range must be [lowest, highest], not {limits!r}")
    stale = entry.get("stale_after")
    if stale is not None and not _is_number(stale):
        raise InputError(f"stale_after must be a number of days, not {stale!r}")
    low, high = (None if end is None else float(end) for end in limits)
    refers = entry.get("refers")
    return Attribute(
        kind, name, str(entry["meaning"]), str(entry["unit"]), low, high, rule,
        None if refers is None else str(refers), stale, entry.get("required", False) is True,
        entry.get("individual", False) is True, str(entry.get("of", "")), str(entry.get("term", "")),
    )  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
