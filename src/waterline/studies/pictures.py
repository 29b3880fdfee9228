"""A study's pictures as plain data: long rows of median and 90% range, each with where it stands on the axes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from waterline.core.answer import Answer
from waterline.core.beside import Begin
from waterline.core.distribution import points
from waterline.core.errors import InputError, NumberError
from waterline.core.scenario import Scenario, parse_override
from waterline.core.summary import to_show
from waterline.core.units import conversion_factor
from waterline.questions.bindings import settle_numbers
from waterline.questions.session import Inquiry, Session
from waterline.questions.variation import Axis, Row, axis, vary
from waterline.studies.read import Study, StudyPicture
from waterline.studies.run import StudyResult

AddNode = Callable[[Answer | None], str | None]
ClosedPictures = Callable[[], dict[str, dict[str, Any]]]  # by id


def begin_closed(session: Session, study: Study, scenario: Scenario, begin: Begin) -> ClosedPictures:
    """Begin a study's pictures over values of an input: none of their numbers opens, and they rest on no claim."""
    closed = [picture for picture in study.pictures if not _opens(session, picture)]
    if not closed:
        return dict
    return begin(lambda: {picture.id: picture_model(session, study, scenario, picture) for picture in closed})


def opened(result: StudyResult, add_node: AddNode) -> dict[str, dict[str, Any]]:
    """The other pictures by id, over entities; the nodes of their numbers are added."""
    session, study, scenario = result.inquiry.session, result.study, result.inquiry.scenario
    return {
        picture.id: picture_model(session, study, scenario, picture, result.inquiry, add_node)
        for picture in study.pictures
        if _opens(session, picture)
    }


def _opens(session: Session, picture: StudyPicture) -> bool:
    return session.catalogue.roles().issuperset(picture.over)


def picture_model(
    session: Session,
    study: Study,
    scenario: Scenario,
    picture: StudyPicture,
    inquiry: Inquiry | None = None,
    add_node: AddNode | None = None,
) -> dict[str, Any]:
    """One picture with its rows in the picture's unit. Raises InputError naming the picture's place in the file.

    Rows over entities carry the node that their number opens to, where ``add_node`` takes it; rows over values of an
    input have none. ``inquiry`` is one in the scenario, to be used where no input is varied.
    """
    try:
        axes = [axis(session, name, values) for name, values in picture.over.items()]
        bound = {name: value for name, value in picture.bindings.items() if name not in scenario.overrides}
        own, numbers = settle_numbers(dataclasses.replace(scenario, bindings=bound), session.facts, session.catalogue)
        asked = dataclasses.replace(own, bindings=scenario.bindings)
        shared = None if numbers else inquiry
        rows = list(vary(session, asked, picture.quantities, axes, own.bindings, shared))
        if scenario.as_of < session.facts.known_to:
            rows = [row for row in rows if _has_value(row)]
        shown = rows_model(session, rows, axes, picture.unit, add_node)
    except InputError as problem:
        raise InputError(f"{picture.place}: picture {picture.id}: {problem}") from problem
    return {
        "id": picture.id,
        "chart": picture.chart,
        "section": picture.section,
        "text": {
            language: texts["pictures"][picture.id]
            for language, texts in study.text.items()
            if picture.id in (texts.get("pictures") or {})
        },
        "labels": {language: texts.get("quantities") or {} for language, texts in study.text.items()},
        **shown,
    }


def rows_model(
    session: Session, rows: list[Row], axes: list[Axis], unit: str, add_node: AddNode | None = None
) -> dict[str, Any]:
    """Axes and rows as plain data; ``value`` is a row's place on an axis of numbers, ``name`` that of an entity."""
    unit = unit or (rows[0].answer.unit if rows else "")
    certain = all(each.is_role for each in axes)
    return {
        "unit": unit,
        "axes": [{"name": each.name, "role": each.is_role} for each in axes],
        "rows": [
            {
                "quantity": row.quantity,
                "name": row.answer.node.name,
                "label": row.answer.node.quantity.label if row.answer.node.quantity else "",
                "at": {each.name: _place(session, each, row.at[each.name]) for each in axes},
                **_summary(row.answer, unit),
                "node": add_node(row.answer) if add_node is not None and certain else None,
            }
            for row in rows
        ],
    }


def _has_value(row: Row) -> bool:
    """False where too little was known on an early day for a formula or an engine to give a value: it shows less."""
    try:
        return bool(row.answer.samples.size)
    except (InputError, NumberError):
        return False


def _summary(answer: Answer, unit: str) -> Mapping[str, float]:
    factor, found = conversion_factor(answer.unit, unit), to_show(answer.summary, answer.unit)
    return {"median": found.median * factor, "p05": found.p05 * factor, "p95": found.p95 * factor}


def _place(session: Session, each: Axis, value: str) -> dict[str, Any]:
    if each.is_role:
        entity = session.facts.entity(value)
        return {"id": entity.id, "name": entity.name}
    override = parse_override(each.name, value)
    return {"value": points(override.distribution)[1], "unit": override.unit or ""}
