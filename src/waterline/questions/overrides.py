"""Values given with ``--set``: their names must exist, and they must lie where such a value can lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from waterline.core.catalogue import Catalogue
from waterline.core.distribution import points
from waterline.core.errors import InputError, UnitError, unknown
from waterline.core.scenario import Override, Scenario
from waterline.core.units import DATE, TEXT, conversion_factor
from waterline.facts.record import Attribute
from waterline.facts.store import FactBase


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a value may lie: its unit, its bounds, and whether it counts whole things."""

    unit: str
    low: float | None
    high: float | None
    whole: bool = False


def check_overrides(scenario: Scenario, facts: FactBase, catalogue: Catalogue) -> None:
    """Raise InputError for a name that nothing has, a unit that does not fit, or a value outside its bounds."""
    for name, override in scenario.overrides.items():
        limits = list(limits_of(name, facts, catalogue))
        problems = [_problem(name, override, found) for found in limits]
        if problems and all(problems):
            raise InputError(problems[0])


def limits_of(name: str, facts: FactBase, catalogue: Catalogue) -> Iterator[Limits]:
    """Unit and bounds of everything that the name may stand for; an attribute's name may belong to several kinds."""
    if name in catalogue:
        yield Limits(catalogue[name].unit, *catalogue[name].within)
        return
    assumption = facts.assumptions.get(name)
    entity, _, attribute = name.rpartition(".")
    unbounded = assumption is not None and assumption.lower is None and assumption.upper is None
    if assumption is not None and entity not in facts.entities:
        yield Limits(assumption.unit, assumption.lower, assumption.upper, assumption.whole)
        return
    if assumption is not None and not unbounded:
        unit = facts.attribute(facts.entity(entity), attribute).unit
        factor = conversion_factor(assumption.unit, unit)
        low, high = (None if end is None else end * factor for end in (assumption.lower, assumption.upper))
        yield Limits(unit, low, high, assumption.whole)
        return
    if entity:
        yield _of_attribute(facts.attribute(facts.entity(entity), attribute))
        return
    declared = [table[name] for table in facts.attributes.values() if name in table]
    if not declared:
        raise unknown("name in --set", name, [*catalogue, *facts.attribute_names(), *facts.assumptions])
    for found in declared:
        yield _of_attribute(found)


def _of_attribute(found: Attribute) -> Limits:
    if found.unit in (TEXT, DATE):
        raise InputError(f"--set {found.name}: it is {found.unit}, not a number")
    return Limits(found.unit, found.low, found.high)


def _problem(name: str, override: Override, limits: Limits) -> str | None:
    unit, low, high = limits.unit, limits.low, limits.high
    try:
        least, _, most = points(override.within(unit))
    except UnitError as problem:
        fits = f"{name!r} is in {unit!r}, not {override.unit!r}" if "converted" in str(problem) else str(problem)
        return f"--set {name}: {fits}"
    if (low is not None and least < low) or (high is not None and most > high):
        bounds = f"{low if low is not None else '-∞'} and {high if high is not None else '∞'}"
        shown = f"{least:g}" if least == most else f"{least:g}..{most:g}"
        return f"--set {name}: {shown} {unit} does not lie between {bounds}"
    if limits.whole and least == most and not least.is_integer():
        return f"--set {name}: {least:g} is not a whole number"
    return None
