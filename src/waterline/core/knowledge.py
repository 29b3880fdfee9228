"""What a graph asks of the fact base: leaves with their evidence, references, and names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from waterline.core.distribution import Distribution


@dataclass(frozen=True, slots=True)
class Citation:
    """One fact behind a leaf, as it is shown: where it stands and since when it has been known."""

    fact: str
    title: str
    publisher: str
    url: str
    known: date
    valid: date
    trust: Literal["A", "B", "C"]
    stated: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that no formula computes.

    Exactly one of these says why it may be used: ``citations`` (facts), ``reason`` (an assumption),
    or ``chosen`` (the user's ``--set``). ``left_out`` are facts that were not yet known on the as-of date. ``known`` is
    the day of the newest evidence that an assumption leans on, where it leans on any.
    """

    name: str
    distribution: Distribution
    unit: str
    citations: tuple[Citation, ...] = ()
    reason: str = ""
    chosen: bool = False
    left_out: tuple[Citation, ...] = ()
    known: date | None = None

    @property
    def is_assumption(self) -> bool:
        """True when no source settles the value."""
        return not self.citations


class Knowledge(Protocol):
    """The facts and assumptions as they were known on one date."""

    def attribute(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        """Value of an entity's attribute at date ``on`` (None: the as-of date), or None when nothing is known."""
        ...

    def stated(self, entity: str, attribute: str, on: date | None) -> Leaf | None:
        """As `attribute`, but without falling back to what is assumed of the entity's whole kind."""
        ...

    def assumption(self, name: str) -> Leaf | None:
        """A free assumption by name."""
        ...

    def reference(self, entity: str, attribute: str) -> str | None:
        """The entity, text or date that an attribute of an entity names."""
        ...

    def entity(self, kind: str, name: str) -> str:
        """Canonical id for a name or alias. Raises InputError with suggestions when there is none."""
        ...

    def correlations(self) -> dict[tuple[str, str], float]:
        """Stated rank correlations between leaves, by pair of names."""
        ...
