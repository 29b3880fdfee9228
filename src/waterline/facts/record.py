"""The records of the fact base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

Trust = Literal["A", "B", "C"]
Rule = Literal["best", "latest", "quotes"]


class Source(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A document that states values."""

    id: str
    title: str
    publisher: str
    date: date
    url: str


class Attribute(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A named property of a kind of entity.

    ``estimate`` says how several facts become one value: ``best`` (best trust grade; where its sources differ, their
    minimum, median and maximum), ``latest`` (the newest observation) or ``quotes`` (all offers of the year before the
    date asked for, one vote per provider). ``individual``: entities of the kind differ so much that the range of all
    of them says little about one. ``of`` and ``term``: the facts are those of another attribute with this term (the
    spot offers among all offers).
    """

    kind: str
    name: str
    meaning: str
    unit: str
    low: float | None = None
    high: float | None = None
    estimate: Rule = "best"
    refers: str | None = None
    stale_after: int | None = None
    required: bool = False
    individual: bool = False
    of: str = ""
    term: str = ""

    def among(self, facts: Mapping[str, Sequence[Fact]]) -> list[Fact]:
        """The facts about this attribute, of all facts of an entity by attribute."""
        return [fact for fact in facts.get(self.of or self.name, ()) if self.term in ("", fact.term)]

    def accepts(self, number: float) -> bool:
        """True for a number, in the attribute's unit, inside the declared range (its ends included)."""
        slack = 1e-9 * abs(number)
        return (self.low is None or number >= self.low - slack) and (self.high is None or number <= self.high + slack)

    @property
    def span(self) -> str:
        """The declared range in words: ``1e+11..1e+14 byte/s``, or the unit alone where there is none."""
        if self.low is None and self.high is None:
            return self.unit
        low, high = ("" if end is None else f"{end:g}" for end in (self.low, self.high))
        return f"{low}..{high} {self.unit}"


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A cited value of an attribute of an entity.

    Numbers are in ``unit`` as published; ``factor`` takes them to the attribute's unit. ``valid`` is the date from
    which it is true of the world, ``known`` the date it was published.
    """

    entity: str
    attribute: str
    unit: str
    valid: date
    known: date
    source: str
    trust: Trust
    value: float | None = None
    low: float | None = None
    mid: float | None = None
    high: float | None = None
    text: str | None = None
    factor: float = 1.0
    where: str = ""
    note: str = ""
    provider: str = ""
    term: str = ""
    place: str = ""

    @property
    def id(self) -> str:
        """``entity.attribute``."""
        return f"{self.entity}.{self.attribute}"

    @property
    def centre(self) -> float:
        """The value, or the middle of its range, in the attribute's unit."""
        for number in (self.value, self.mid):
            if number is not None:
                return number * self.factor
        ends = [end for end in (self.low, self.high) if end is not None]
        return sum(ends) / len(ends) * self.factor

    @property
    def stated(self) -> str:
        """The value as published, in words: ``3,350 GB/s``, ``0.1 to 0.3 fraction``, ``at least 5e+08 USD``."""
        if self.text is not None:
            return self.text
        return f"{self._numbers()} {self.unit}"

    def _numbers(self) -> str:
        if self.value is not None:
            return _plain(self.value)
        if self.low is not None and self.high is not None:
            middle = f" (middle {_plain(self.mid)})" if self.mid is not None else ""
            return f"{_plain(self.low)} to {_plain(self.high)}{middle}"
        if self.low is not None:
            return f"at least {_plain(self.low)}" if self.mid is None else f"{_plain(self.mid)} or less"
        if self.high is not None:
            return f"at most {_plain(self.high)}" if self.mid is None else f"{_plain(self.mid)} or more"
        return _plain(self.mid or 0.0)


class Entity(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A thing with an id, one or more kinds, and facts by attribute."""

    id: str
    name: str
    kinds: tuple[str, ...]
    aliases: tuple[str, ...]
    facts: dict[str, list[Fact]]


class Assumption(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A value that no source settles.

    ``name`` is free, or ``entity.attribute``, or ``kind.attribute`` (for every entity of the kind without a fact).
    ``shape`` and ``numbers``: ``interval`` (5%, 50%, 95%), ``value``, ``uniform``, ``triangular``, ``pert`` or
    ``discrete`` (values, then weights). ``whole``: it counts things that come in ones.

    ``known`` is the day of the newest evidence that the value leans on; ``earlier`` holds what was assumed before,
    newest first. `as_of` picks, so that no forecast is made with hindsight. Without ``known`` it leans on nothing that
    has a day, and its reason names no year (`facts check` holds it); one about an entity then counts from the day on
    which anything was first known about that entity (see `FactBase.assumed`).
    """

    name: str
    unit: str
    reason: str
    shape: str
    numbers: tuple[float, ...]
    lower: float | None = None
    upper: float | None = None
    place: str = ""
    whole: bool = False
    known: date | None = None
    earlier: tuple[Assumption, ...] = ()

    def as_of(self, day: date) -> Assumption | None:
        """What could be assumed on ``day``: this, the newest earlier version known by then, or None."""
        versions = (self, *self.earlier)
        return next((found for found in versions if found.known is None or found.known <= day), None)


class Correlation(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A stated rank correlation between two leaves."""

    first: str
    second: str
    rank: float
    reason: str


class Base(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Everything in the data files."""

    sources: dict[str, Source]
    attributes: dict[str, dict[str, Attribute]]
    entities: dict[str, Entity]
    assumptions: dict[str, Assumption]
    correlations: tuple[Correlation, ...]


def _plain(number: float) -> str:
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}"
    return f"{number:,.10g}"
