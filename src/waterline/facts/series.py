"""One attribute of one entity as of a date: every fact, which of them count, and the value that results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from waterline.core.distribution import points
from waterline.core.errors import InputError, unknown
from waterline.core.knowledge import Leaf
from waterline.core.units import DATE, TEXT
from waterline.facts.estimate import choose
from waterline.facts.record import Attribute, Entity, Fact
from waterline.facts.store import FactBase, KnownFacts

_ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Value:
    """What a series comes to: median and 90% interval in the attribute's unit, or a text."""

    median: float | None = None
    p05: float | None = None
    p95: float | None = None
    text: str | None = None


@dataclass(frozen=True)
class Series:
    """Facts about one attribute of one entity; ``left_out`` were published after the date asked for."""

    known_facts: KnownFacts
    entity: Entity
    attribute: Attribute

    @property
    def name(self) -> str:
        """``entity.attribute``."""
        return f"{self.entity.id}.{self.attribute.name}"

    @cached_property
    def facts(self) -> list[Fact]:
        """Facts known on the date, newest first."""
        known = [fact for fact in self._all if fact.known <= self.known_facts.day]
        return sorted(known, key=lambda fact: (fact.valid, fact.known), reverse=True)

    @cached_property
    def left_out(self) -> list[Fact]:
        """Facts not yet known on the date."""
        return [fact for fact in self._all if fact.known > self.known_facts.day]

    @cached_property
    def counted(self) -> list[Fact]:
        """Facts from which the value is made."""
        if not self.facts:
            return []
        if self.is_text:
            counting = self.known_facts.text(self.entity.id, self.attribute.name)
            return [] if counting is None else [counting]
        return choose(self.attribute, self.facts, self.known_facts.day)

    @property
    def is_text(self) -> bool:
        """True for texts, dates and references."""
        return self.attribute.unit in (TEXT, DATE)

    @cached_property
    def leaf(self) -> Leaf | None:
        """The number that questions read, or None for a text or when nothing is known."""
        return None if self.is_text else self.known_facts.attribute(self.entity.id, self.attribute.name, None)

    @cached_property
    def value(self) -> Value | None:
        """The value that results, or None when nothing is known on the date."""
        if self.is_text:
            return Value(text=self.counted[0].text) if self.counted else None
        return None if self.leaf is None else value_of(self.leaf)

    @property
    def rule(self) -> str:
        """How the value follows from the facts."""
        if not self.facts:
            return "assumption" if self.leaf is not None else "nothing known"
        if self.attribute.estimate == "latest":
            return "newest observation"
        if self.attribute.estimate == "quotes":
            providers = {fact.provider or fact.source for fact in self.counted}
            return f"offers of the year before, one vote for each of {len(providers)}"
        grade = f"trust {self.counted[0].trust} counts"
        if self.is_text or len(self.counted) == 1:
            return grade
        return f"{grade}; of {len(self.counted)} facts the least, the median and the greatest"

    @property
    def _all(self) -> list[Fact]:
        return self.attribute.among(self.entity.facts)


def value_of(leaf: Leaf) -> Value:
    """Median and 90% interval of a leaf, in its unit."""
    p05, median, p95 = points(leaf.distribution)
    return Value(median=median, p05=p05, p95=p95)


def series_of(known_facts: KnownFacts, entity: Entity) -> Iterator[Series]:
    """Every attribute about which there is a fact or an assumption, in the order of names."""
    assumed = known_facts.facts.assumptions
    for name in sorted({name for kind in entity.kinds for name in known_facts.facts.attributes.get(kind, {})}):
        prefixes = (entity.id, *entity.kinds)
        if name in entity.facts or any(f"{prefix}.{name}" in assumed for prefix in prefixes):
            yield Series(known_facts, entity, known_facts.facts.attribute(entity, name))


def locate(base: FactBase, text: str) -> tuple[Entity, Attribute | None]:
    """The entity, and the attribute if one is named, that ``ENTITY`` or ``ENTITY.ATTRIBUTE`` means.

    Ids may hold dots themselves (``llama-3.1-405b``). Raises InputError with the nearest names.
    """
    try:
        return base.entity(text), None
    except InputError as problem:
        entity, _, attribute = text.rpartition(".")
        if not entity or not _ATTRIBUTE_NAME.fullmatch(attribute):
            raise _suggesting(base, text, problem) from None
    found = base.entity(entity)
    return found, base.attribute(found, attribute)


def _suggesting(base: FactBase, text: str, problem: InputError) -> InputError:
    """The error for an unknown name; one that is an attribute or assumption says so."""
    if text in base.attribute_names():
        return InputError(f"{text!r} is an attribute: say ENTITY.{text}, or search with 'waterline facts find {text}'")
    return problem if "did you mean" in str(problem) else unknown("entity", text, [*base.entities, *base.assumptions])
