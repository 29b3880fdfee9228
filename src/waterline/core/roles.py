"""Who fills the roles of a question: the entities it names, those that follow from them, and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from waterline.core.catalogue import Catalogue
from waterline.core.errors import GraphError, MissingFactError
from waterline.core.knowledge import Knowledge
from waterline.core.quantity import Reads, Role


class Roles:
    """The entities in the roles that quantities read, for any bindings, as of one date."""

    def __init__(self, catalogue: Catalogue, knowledge: Knowledge, as_of: date) -> None:
        self._catalogue = catalogue
        self._knowledge = knowledge
        self._as_of = as_of

    def bound(self, name: str, bindings: Mapping[str, str]) -> dict[str, str]:
        """The entities a quantity was asked for: the bindings it uses, defaults and followed references included."""
        used: dict[str, str] = {}
        for role in self._catalogue.roles_of(name):
            entity = self.filled(role, bindings) if "." not in role.name else None
            if entity is None:
                continue
            used[role.name] = entity
            above = role
            while above.follows is not None and above.name not in bindings:
                above = above.follows[0]
                followed = self.filled(above, bindings)
                if followed is not None:
                    used.setdefault(above.name, followed)
        return used

    def entity(self, role: Role, bindings: Mapping[str, str], reader: str = "") -> str:
        """The entity in a role. Raises GraphError or MissingFactError saying what to give where nothing says."""
        found = self.filled(role, bindings)
        if found is None:
            if "." in role.name and role.follows is not None and self.filled(role.follows[0], bindings) is None:
                return self.entity(role.follows[0], bindings, reader)  # it is the role above that lacks its entity
            wanted = role.name.split(".")[0]
            needed = f" (needed by {reader!r})" if reader else ""
            lacking = self._lacking(role, bindings)
            if lacking:
                raise MissingFactError(f"{lacking} is not known as of {self._as_of}{needed}: say {wanted}=ENTITY")
            raise GraphError(f"role {wanted!r} is not filled{needed}: say {wanted}=ENTITY")
        return found

    def _lacking(self, role: Role, bindings: Mapping[str, str]) -> str:
        """The fact that would fill a followed role, or the role that it follows; empty where a binding is missing."""
        while role.follows is not None:
            role, attribute = role.follows
            owner = self.filled(role, bindings)
            if owner is not None:
                return f"{owner}.{attribute}"
        return ""

    def filled(self, role: Role, bindings: Mapping[str, str]) -> str | None:
        """The entity in a role: as given, as followed from another role, or by default; None when nothing says."""
        given = bindings.get(role.name)
        if given is None and role.follows is not None:
            given = self._followed(*role.follows, bindings)
        if given is None:
            return role.default
        return self._knowledge.entity(role.kind, given)

    def _followed(self, source: Role, attribute: str, bindings: Mapping[str, str]) -> str | None:
        entity = self.filled(source, bindings)
        return None if entity is None else self._knowledge.reference(entity, attribute)

    def name_of(self, reads: Reads, bindings: Mapping[str, str]) -> str:
        """The attribute that is read, with its entity. Raises as `entity` does."""
        return f"{self.entity(reads.role, bindings)}.{reads.attribute}"

    def date_of(self, reads: Reads, bindings: Mapping[str, str]) -> date | None:
        """The day at which an attribute is looked up; None for the as-of date."""
        if reads.on is None:
            return None
        stated = self._followed(*reads.on, bindings)
        return None if stated is None else date.fromisoformat(stated)
