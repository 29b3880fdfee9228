"""Questions to the fact base: names, values as of a date, references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property

import msgspec

from waterline.core.distribution import Text
from waterline.core.errors import InputError, MissingFactError, UnknownNameError, nearest, shortened, unknown
from waterline.core.knowledge import Citation, Leaf
from waterline.core.units import DATE, TEXT, conversion_factor
from waterline.facts.assumed import assumed_distribution
from waterline.facts.estimate import choose, combine
from waterline.facts.load import load_base
from waterline.facts.record import Assumption, Attribute, Base, Entity, Fact

_DAYS_KEPT = 16  # days whose values are remembered at a time


class FactBase:
    """The loaded facts, with look-up by id or alias. `as_of` gives what was known on a date."""

    def __init__(self, base: Base) -> None:
        self.sources = base.sources
        self.attributes = base.attributes
        self.entities = base.entities
        self.assumptions = base.assumptions
        self.correlations = base.correlations
        self._heard_of: dict[str, date | None] = {}
        self._days: dict[date, KnownFacts] = {}

    @classmethod
    def load(cls) -> FactBase:
        """The shipped facts and the user's own. Raises InputError with file:line when a file is wrong."""
        return cls(load_base())

    def as_of(self, day: date) -> KnownFacts:
        """What was known on ``day``. Raises MissingFactError when that is before any fact."""
        if day < self.known_from:
            raise MissingFactError(f"nothing was known as of {day}: the first fact dates from {self.known_from}")
        if day not in self._days:
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            self._days[day] = KnownFacts(self, day)
        return self._days[day]

    @cached_property
    def known_from(self) -> date:
        """Publication date of the oldest fact. Raises InputError without any fact."""
        return min(self._publication_days())

    @cached_property
    def known_to(self) -> date:
        """Publication date of the newest fact: how far the base reaches. Raises InputError without any fact."""
        return max(self._publication_days())

    def _publication_days(self) -> list[date]:
        days = [fact.known for fact in self.facts()]
        if not days:
            raise InputError("the fact base holds no facts")
        return days

    def facts(self) -> Iterable[Fact]:
        """Every fact, by entity and attribute."""
        for entity in self.entities.values():
            for facts in entity.facts.values():
                yield from facts

    def entity(self, name: str, kind: str | None = None) -> Entity:
        """The entity with that id or alias (case and punctuation aside), of ``kind`` if given.

        Raises InputError with the nearest names.
        """
        exact = self.entities.get(name)
        if exact is not None and (kind is None or kind in exact.kinds):
            return exact
        found = [self.entities[identity] for identity in self._aliases.get(folded(name), ())]
        fitting = [entity for entity in found if kind is None or kind in entity.kinds]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise InputError(f"{name!r} may be {' or '.join(entity.id for entity in fitting)}; say which")
        if exact is not None:
            raise UnknownNameError(f"{name!r} is a {' and '.join(exact.kinds)}, not a {kind}")
        raise self._unknown_entity(name, kind)

    def attribute(self, entity: Entity, name: str) -> Attribute:
        """Declaration of an entity's attribute. Raises InputError with the nearest names."""
        for kind in entity.kinds:
            if name in self.attributes[kind]:
                return self.attributes[kind][name]
        declared = [known for kind in entity.kinds for known in self.attributes[kind]]
        raise unknown(f"attribute of {entity.id}", name, declared)

    def assumed(self, name: str, day: date) -> Assumption | None:
        """What could be assumed under that name on ``day``, with its day filled in where its entity gives one.

        An assumption that states no day counts from the first fact about its entity; a free one counts on every day.
        """
        stated = self.assumptions.get(name)
        found = None if stated is None else stated.as_of(day)
        if found is None or found.known is not None:
            return found
        heard_of = self.heard_of(name.rpartition(".")[0])
        if heard_of is None:
            return found
        return msgspec.structs.replace(found, known=heard_of) if heard_of <= day else None

    def heard_of(self, entity: str) -> date | None:
        """Day on which anything was first known about an entity; None for a kind, or where nothing ever was."""
        if entity not in self._heard_of:
            found = self.entities.get(entity)
            days = [fact.known for facts in found.facts.values() for fact in facts] if found is not None else []
            self._heard_of[entity] = min(days, default=None)
        return self._heard_of[entity]

    def attribute_names(self) -> set[str]:
        """Names of all attributes of all kinds."""
        return {name for table in self.attributes.values() for name in table}

    def known_name(self, name: str) -> bool:
        """Whether ``name`` is an entity or an attribute, and no free assumption."""
        entity = name in self.entities or folded(name) in self._aliases
        return name not in self.assumptions and (entity or name in self.attribute_names())

    def citation(self, fact: Fact) -> Citation:
        """A fact as it is shown."""
        source = self.sources[fact.source]
        title = f"{source.title}, {fact.where}" if fact.where else source.title
        return Citation(
            fact.id, title, source.publisher, source.url, fact.known, fact.valid, fact.trust, fact.stated, fact.note
        )

    @cached_property
    def _aliases(self) -> Mapping[str, Sequence[str]]:
        aliases: dict[str, list[str]] = {}
        for entity in self.entities.values():
            for name in {folded(text) for text in (entity.id, entity.name, *entity.aliases)}:
                aliases.setdefault(name, []).append(entity.id)
        return aliases

    def _unknown_entity(self, name: str, kind: str | None) -> InputError:
        candidates = {
            folded(text): entity.id
            for entity in self.entities.values()
            if kind is None or kind in entity.kinds
            for text in (entity.id, entity.name, *entity.aliases)
        }
        near = nearest(folded(name), candidates, 6)
        suggestions = list(dict.fromkeys(candidates[match] for match in near))[:3]
        hint = f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""
        return UnknownNameError(f"unknown {kind or 'entity'} {shortened(name)!r}{hint}")


class KnownFacts:
    """The fact base as it was known on one date; what a graph asks (see `core.knowledge.Knowledge`)."""

    def __init__(self, facts: FactBase, day: date) -> None:
        self.facts = facts
        self.day = day
        self._stated: dict[tuple[str, str, date | None], Leaf | None] = {}

    def attribute(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        """See `Knowledge.attribute`."""
        found = self.facts.entity(entity)
        kinds = (assumption for kind in found.kinds for assumption in self._assumed(f"{kind}.{attribute}"))
        return self.stated(entity, attribute, on) or next(
            (self._leaf(f"{entity}.{attribute}", assumption, found) for assumption in kinds), None
        )

    def stated(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        """See `Knowledge.stated`. One value is worked out once: engines ask for the same of a chip many times."""
        asked = (entity, attribute, on)
        if asked not in self._stated:
            self._stated[asked] = self._work_out(entity, attribute, on)
        return self._stated[asked]

    def _work_out(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        found = self.facts.entity(entity)
        declared = self.facts.attribute(found, attribute)
        everything = declared.among(found.facts)
        known = [fact for fact in everything if fact.known <= self.day]
        if not known:
            assumed = self._assumed(f"{entity}.{attribute}")
            return self._leaf(f"{entity}.{attribute}", assumed[0], found) if assumed else None
        chosen = choose(declared, known, min(on or self.day, self.day))
        if declared.unit in (TEXT, DATE):
            newest = max(chosen, key=lambda fact: fact.known)
            cited = (self.facts.citation(newest),)
            return Leaf(f"{entity}.{attribute}", Text(newest.text or ""), declared.unit, citations=cited)
        wanted = choose(declared, everything, on or date.max) if len(known) < len(everything) else []
        left_out = tuple(self.facts.citation(fact) for fact in wanted if fact.known > self.day)
        return Leaf(
            f"{entity}.{attribute}",
            combine(declared, chosen),
            declared.unit,
            citations=tuple(self.facts.citation(fact) for fact in chosen),
            left_out=left_out,
        )

    def assumption(self, name: str) -> Leaf | None:
        """See `Knowledge.assumption`."""
        if name not in self.facts.assumptions or "." in name:
            return None
        versions = self._assumed(name)
        if not versions:
            raise MissingFactError(f"nothing supports an assumption about {name!r} yet as of {self.day}")
        found = versions[0]
        return Leaf(name, assumed_distribution(found), found.unit, reason=found.reason, known=found.known)

    def text(self, entity: str, attribute: str) -> Fact | None:
        """The text or date fact that counts, or None."""
        found = self.facts.entity(entity)
        declared = self.facts.attribute(found, attribute)
        known = [fact for fact in found.facts.get(attribute, []) if fact.known <= self.day]
        if not known:
            return None
        return choose(declared, sorted(known, key=lambda fact: fact.known, reverse=True), self.day)[0]

    def reference(self, entity: str, attribute: str) -> str | None:
        """See `Knowledge.reference`."""
        fact = self.text(entity, attribute)
        return None if fact is None else fact.text

    def entity(self, kind: str, name: str) -> str:
        """See `Knowledge.entity`."""
        return self.facts.entity(name, kind).id

    def correlations(self) -> dict[tuple[str, str], float]:
        """See `Knowledge.correlations`."""
        return {(stated.first, stated.second): stated.rank for stated in self.facts.correlations}

    def _assumed(self, name: str) -> list[Assumption]:
        found = self.facts.assumed(name, self.day)
        return [] if found is None else [found]

    def _leaf(self, name: str, assumption: Assumption, entity: Entity) -> Leaf:
        """What is assumed of an attribute, in the attribute's unit as facts are: a bare number set for it is so too."""
        declared = self.facts.attribute(entity, name.split(".", 1)[-1])
        later = tuple(
            self.facts.citation(fact) for fact in entity.facts.get(declared.name, []) if fact.known > self.day
        )
        assumed = assumed_distribution(assumption)
        if assumption.unit != declared.unit:
            assumed = assumed.scaled(conversion_factor(assumption.unit, declared.unit))
        return Leaf(name, assumed, declared.unit, reason=assumption.reason, known=assumption.known, left_out=later)


def folded(name: str) -> str:
    """Name without case and punctuation, so that "H100 SXM" and "h100-sxm" meet, in any script."""
    return "".join(character for character in name.casefold() if character.isalnum())
