"""What a question's ``NAME=VALUE`` words bind: an entity to a role, or a number to an assumption or a quantity."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from waterline.core.catalogue import Catalogue
from waterline.core.errors import InputError, unknown
from waterline.core.scenario import Scenario, parse_override
from waterline.facts.store import FactBase


def settle_numbers(scenario: Scenario, facts: FactBase, catalogue: Catalogue) -> tuple[Scenario, dict[str, str]]:
    """Move the bindings that are numbers (``utilisation=0.6``) to the overrides; returns them beside the scenario.

    A name that is a role binds an entity; the name of a free assumption or of a quantity binds a number, exactly as
    ``--set`` does. Raises InputError for a name that is neither, or for one that is overridden as well.
    """
    roles = catalogue.roles()
    entities: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for name, text in scenario.bindings.items():
        if name in roles:
            entities[name] = text
        elif name in catalogue or name in _free(facts):
            numbers[name] = text
        else:
            raise unknown("role", name, [*roles, *_free(facts)])
    twice = numbers.keys() & scenario.overrides.keys()
    if twice:
        raise InputError(f"{min(twice)!r} is given twice: as a binding and with --set")
    given = {name: parse_override(name, text) for name, text in numbers.items()}
    settled = dataclasses.replace(scenario, bindings=entities, overrides={**scenario.overrides, **given})
    return settled, numbers


def _free(facts: FactBase) -> Mapping[str, object]:
    """Assumptions that quantities read by name alone."""
    return {name: found for name, found in facts.assumptions.items() if "." not in name}
