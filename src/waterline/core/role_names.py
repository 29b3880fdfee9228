"""The roles that a quantity and all under it read: what a question has to fill."""

from __future__ import annotations

from collections.abc import Iterator

from waterline.core.quantity import Catalogue, Needs, Quantity, Reads, Role


class RolesBelow:
    """Roles under the quantities of a catalogue, each quantity looked at once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._found: dict[str, tuple[Role, ...]] = {}
        self._names: dict[str, frozenset[str]] = {}

    def of(self, quantity: Quantity) -> tuple[Role, ...]:
        """Roles in the order of their first use; those that an input is asked with filled differently left out."""
        if quantity.name not in self._found:
            self._settle(quantity)
        return self._found[quantity.name]

    def names(self, quantity: Quantity) -> frozenset[str]:
        """Names of the roles that a question can fill to settle those of the quantity."""
        if quantity.name not in self._names:
            self._names[quantity.name] = frozenset().union(*(role.roots() for role in self.of(quantity)))
        return self._names[quantity.name]

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
        self._found.update(found)

    def _read(self, origin: Reads | Needs, found: dict[str, tuple[Role, ...]]) -> Iterator[Role]:
        if isinstance(origin, Reads):
            yield origin.role
            if origin.on is not None:
                yield origin.on[0]
            return
        renamed = dict(origin.renamed)
        yield from renamed.values()
        for role in self._found.get(origin.name) or found.get(origin.name, ()):
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
            elif quantity.name not in seen and quantity.name not in self._found:
                seen.add(quantity.name)
                waiting.append((quantity, True))
                needed = [origin.name for origin in _origins(quantity) if isinstance(origin, Needs)]
                waiting.extend((self._catalogue[name], False) for name in needed if name in self._catalogue)
        return order


def _origins(quantity: Quantity) -> Iterator[Reads | Needs]:
    yield from quantity.inputs.values()
    if quantity.reported is not None:
        yield quantity.reported
