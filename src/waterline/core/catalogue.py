"""Every quantity that can be asked for, by name, and the roles that each of them reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from waterline.core.errors import GraphError, unknown
from waterline.core.quantity import Needs, Quantity, Reads, Role


class Catalogue(dict[str, Quantity]):
    """Every quantity that can be asked for, by name."""

    @classmethod
    def of_modules(cls, modules: Iterable[ModuleType]) -> Catalogue:
        """Collect the quantities that modules define. Raises GraphError when two have one name."""
        catalogue = cls()
        for module in modules:
            for found in vars(module).values():
                if isinstance(found, Quantity) and found.formula.__module__ == module.__name__:
                    catalogue.add(found)
        return catalogue

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._roles: dict[str, tuple[Role, ...]] = {}
        self._role_names: dict[str, tuple[str, ...]] = {}
        self._every_role: frozenset[str] | None = None

    def add(self, found: Quantity) -> None:
        """Add one quantity."""
        if self.get(found.name, found) is not found:
            raise GraphError(f"two quantities are called {found.name!r}")
        self[found.name] = found

    def __setitem__(self, name: str, found: Quantity) -> None:
        super().__setitem__(name, found)
        self._roles, self._role_names, self._every_role = {}, {}, None

    def roles(self) -> frozenset[str]:
        """Names of all roles that any quantity reads or renames."""
        if self._every_role is None:
            self._every_role = self._named_roles()
        return self._every_role

    def roles_of(self, name: str) -> tuple[Role, ...]:
        """Roles that a quantity and all under it read, in the order of their first use.

        Those that an input is asked with filled differently are left out.
        """
        if name not in self._roles:
            self._settle(self[name])
        return self._roles[name]

    def role_names_of(self, name: str) -> tuple[str, ...]:
        """Names, sorted, of the roles that a question for a quantity can fill."""
        if name not in self._role_names:
            roots: frozenset[str] = frozenset().union(*(role.roots() for role in self.roles_of(name)))
            self._role_names[name] = tuple(sorted(roots))
        return self._role_names[name]

    def _settle(self, top: Quantity) -> None:
        """Go over everything under ``top``, inputs first, until nothing changes: twice, or more within a cycle."""
        order = self._below(top)
        found: dict[str, tuple[Role, ...]] = {}
        changed = True
        while changed:
            changed = False
            for quantity in order:
                roles = tuple(
                    dict.fromkeys(role for origin in _origins(quantity) for role in self._read(origin, found))
                )
                if roles != found.get(quantity.name):
                    found[quantity.name] = roles
                    changed = True
        self._roles.update(found)

    def _read(self, origin: Reads | Needs, found: dict[str, tuple[Role, ...]]) -> Iterator[Role]:
        if isinstance(origin, Reads):
            yield origin.role
            if origin.on is not None:
                yield origin.on[0]
            return
        renamed = dict(origin.renamed)
        yield from renamed.values()
        for role in self._roles.get(origin.name) or found.get(origin.name, ()):
            if not role.roots() & renamed.keys():
                yield role

    def _below(self, top: Quantity) -> list[Quantity]:
        """The quantities under ``top`` that are not settled yet, inputs before what needs them."""
        order: list[Quantity] = []
        seen: set[str] = set()
        waiting = [(top, False)]
        while waiting:
            quantity, inputs_done = waiting.pop()
            if inputs_done:
                order.append(quantity)
            elif quantity.name not in seen and quantity.name not in self._roles:
                seen.add(quantity.name)
                waiting.append((quantity, True))
                needed = [origin.name for origin in _origins(quantity) if isinstance(origin, Needs)]
                waiting.extend((self[name], False) for name in needed if name in self)
        return order

    def _named_roles(self) -> frozenset[str]:
        found: set[str] = set()
        for quantity_ in self.values():
            for origin in (*quantity_.inputs.values(), *([quantity_.reported] if quantity_.reported else [])):
                if isinstance(origin, Needs):
                    used = [role for _, role in origin.renamed]
                else:
                    used = [origin.role, *([origin.on[0]] if origin.on else [])]
                for role in used:
                    found |= role.roots()
        return frozenset(found)

    def find(self, name: str, more: Iterable[str] = ()) -> Quantity:
        """The quantity of that name, or a GraphError that suggests the nearest."""
        if name not in self:
            raise unknown("quantity", name, [*self, *more], GraphError)
        return self[name]


def _origins(quantity: Quantity) -> Iterator[Reads | Needs]:
    yield from quantity.inputs.values()
    if quantity.reported is not None:
        yield quantity.reported
