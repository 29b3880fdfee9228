"""One or more quantities over entities in a role, or over values of an input: the rows of pictures and sweeps."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from waterline.core.answer import Answer
from waterline.core.errors import InputError, MissingFactError
from waterline.core.scenario import Scenario, parse_magnitude, parse_override
from waterline.questions.session import Inquiry, Session

LARGEST = 2000  # rows of one variation

_GRID = re.compile(r"([^:]+):([^:]+):(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Axis:
    """What is varied: a role with entities, or an input with values as ``--set`` takes them."""

    name: str
    values: tuple[str, ...]
    is_role: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of a variation: the quantity as asked, and where on each axis it stands."""

    quantity: str
    at: Mapping[str, str]
    answer: Answer


def axis(session: Session, name: str, values: str | Sequence[Any]) -> Axis:
    """An axis from a list of entities or values, or from ``low:high:count`` for evenly spaced values.

    Raises InputError when there is no value, or a grid cannot be read.
    """
    given = _listed(values) if isinstance(values, str) else [str(value) for value in values]
    if not given:
        raise InputError(f"{name}: nothing to vary over; give a,b,c or low:high:count")
    if len(given) > LARGEST:
        raise InputError(f"{name}: {len(given):,} values are more than {LARGEST:,}")
    return Axis(name, tuple(given), name in session.catalogue.roles())


def vary(
    session: Session,
    scenario: Scenario,
    quantities: Sequence[str],
    axes: Sequence[Axis],
    bindings: Mapping[str, str] | None = None,
    inquiry: Inquiry | None = None,
) -> Iterator[Row]:
    """Answers for every quantity at every point of the axes; a point about which nothing is known is left out.

    ``inquiry`` is one in the same scenario, to be used where no input is varied. ``ROLE.ATTRIBUTE`` asks the attribute
    of the entity that an axis puts into the role. Raises InputError.
    """
    size = len(quantities) * int(np.prod([len(each.values) for each in axes]))
    if size > LARGEST:
        raise InputError(f"{size:,} rows are more than {LARGEST:,}: take fewer values")
    inquiries: dict[tuple[str, ...], Inquiry] = {} if inquiry is None else {(): inquiry}
    first: Inquiry | None = None
    inputs = [each.name for each in axes if not each.is_role]
    for values in itertools.product(*(each.values for each in axes)):
        at = {each.name: value for each, value in zip(axes, values, strict=True)}
        entities = {each.name: at[each.name] for each in axes if each.is_role}
        chosen = tuple(at[name] for name in inputs)
        if chosen not in inquiries:
            varied = _with_values(scenario, dict(zip(inputs, chosen, strict=True)))
            inquiries[chosen] = session.inquiry(varied, first)
            first = first or inquiries[chosen]
        for quantity in quantities:
            try:
                answer = inquiries[chosen].ask(_attribute(quantity, entities), {**(bindings or {}), **entities})
            except MissingFactError:
                continue
            yield Row(quantity, at, answer)


def _with_values(scenario: Scenario, values: Mapping[str, str]) -> Scenario:
    given = {name: parse_override(name, text) for name, text in values.items()}
    return dataclasses.replace(scenario, overrides={**scenario.overrides, **given})


def _attribute(quantity: str, entities: Mapping[str, str]) -> str:
    role, dot, attribute = quantity.partition(".")
    return f"{entities[role]}.{attribute}" if dot and role in entities else quantity


def _listed(text: str) -> list[str]:
    grid = _GRID.fullmatch(text.strip())
    if grid is None:
        return [part.strip() for part in text.split(",") if part.strip()]
    (low, unit), (high, last), count = parse_magnitude(grid[1]), parse_magnitude(grid[2]), int(grid[3])
    if not 2 <= count <= LARGEST:
        raise InputError(f"{text!r}: a grid has between 2 and {LARGEST:,} values")
    unit = (last or unit).strip()
    return [f"{value:.6g} {unit}".strip() for value in np.linspace(low, high, count)]
