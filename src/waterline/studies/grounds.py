"""What a report rests on: the numbers that its texts and pictures show, and every node under them and its claims.

So that a reader can open any number down to its sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from waterline.core.answer import Answer
from waterline.core.errors import MissingFactError
from waterline.studies.nodes import NodeCollector, dated_suffix
from waterline.studies.pictures import opened
from waterline.studies.read import Study
from waterline.studies.run import StudyResult

_FORMATS = {"USD": "usd", "percent": "percent", "count": "count"}


@dataclass(frozen=True)
class Grounds:
    """What a report shows beside its claims, and every node that it or a claim rests on, as plain data.

    ``keys`` are digests of what decides the nodes, by id (`Evaluation.key`).
    """

    numbers: Mapping[str, dict[str, Any]]
    iceberg: Mapping[str, Any] | None
    definitions: Mapping[str, Any] | None
    pictures: Mapping[str, dict[str, Any]]
    nodes: Mapping[str, dict[str, Any]]
    keys: Mapping[str, bytes]


def grounds(
    result: StudyResult, pictures: bool, base: Grounds | None = None, sight: Iterable[str] | None = None
) -> Grounds:
    """What the claims and the rest of a report rest on; without ``pictures``, but for those.

    ``base`` are those of the same study with nothing set. With ``sight``, only what a reader has before the eyes, and
    the nodes of these ids with their inputs, is as it is here; other nodes are the base's.
    """
    collector = NodeCollector(result.as_of, base.nodes if base else {}, base.keys if base else {})
    for decision in result.decisions.values():
        collector.add(decision.answer)
    numbers, iceberg = _numbers(result, collector), _iceberg(result, collector)
    definitions = _definitions(result, collector)
    drawn = opened(result, collector.add) if pictures else {}
    nodes = collector.records() if sight is None else collector.records_in_sight([*_replaced(result), *sight])
    return Grounds(numbers, iceberg, definitions, drawn, nodes, collector.keys)


def _replaced(result: StudyResult) -> list[str]:
    """Ids of the nodes in whose place a value of the question stands, always in the same order."""
    found = set()
    for inquiry in (result.inquiry, *result.pinned.values()):
        dated = dated_suffix(inquiry.scenario.as_of, result.as_of)
        found |= {below + dated for name in inquiry.scenario.overrides for below in inquiry.replaced(name)}
    return sorted(found)


def _numbers(result: StudyResult, collector: NodeCollector) -> dict[str, dict[str, Any]]:
    """Numbers that texts refer to: those the study names, and each claim's own under the claim's id.

    One that nothing was known of as of the date has no node.
    """
    found: dict[str, dict[str, Any]] = {}
    for identity, decision in result.decisions.items():
        if decision.claim.quantity:
            form = _FORMATS.get(decision.unit, "plain")
            found[identity] = {"node": collector.add(decision.answer), "format": form}
    for key, number in result.study.numbers.items():
        node = collector.add(_known(result, number.quantity, number.bindings))
        found[key] = {"node": node, "format": number.format}
    return found


def _known(result: StudyResult, quantity: str, bindings: Mapping[str, str] | None = None) -> Answer | None:
    """A number for a text or picture, or None where nothing was known yet: an early as-of date shows less."""
    try:
        return result.inquiry.ask(quantity, bindings)
    except MissingFactError:
        return None


def _iceberg(result: StudyResult, collector: NodeCollector) -> dict[str, Any] | None:
    """What the headline counts and what lies below it; None where too little was known to draw it."""
    picture = result.study.iceberg
    if not picture:
        return None
    above = _labelled(result, collector, picture["above"])
    below = [_labelled(result, collector, part) for part in picture["below"]]
    known = [part for part in below if part["node"] is not None]
    return {"above": above, "below": known} if above["node"] is not None and known else None


def _labelled(result: StudyResult, collector: NodeCollector, quantity: str) -> dict[str, Any]:
    return {"node": collector.add(_known(result, quantity)), "label": texts_of(result.study, "quantities", quantity)}


def _definitions(result: StudyResult, collector: NodeCollector) -> dict[str, Any] | None:
    """Ways of costing against quoted figures; None where neither were known."""
    table = result.study.definitions
    if not table:
        return None
    names = [result.inquiry.known.entity("figure", name) for name in table["figures"]]
    amounts = {name: _known(result, f"{name}.amount") for name in names}
    figures = {name: amount for name, amount in amounts.items() if amount is not None}
    rows = [_definition(result, collector, quantity, list(figures)) for quantity in table["quantities"]]
    known = [row for row in rows if row["node"] is not None]
    if not figures or not known:
        return None
    entities = result.inquiry.known.facts.entities
    return {
        "figures": [
            {"value": amount.summary.median, "text": entities[name].name, "node": collector.add(amount)}
            for name, amount in figures.items()
        ],
        "rows": known,
    }


def _definition(result: StudyResult, collector: NodeCollector, quantity: str, figures: list[str]) -> dict[str, Any]:
    chances = [_known(result, f"{quantity}_explains", {"figure": figure}) for figure in figures]
    return {
        **_labelled(result, collector, quantity),
        "chance": [None if chance is None else chance.summary.mean for chance in chances],
        "chance_nodes": [collector.add(chance) for chance in chances],
    }


def texts_of(study: Study, *path: str) -> dict[str, str]:
    """A text in every language that has it."""
    found = {}
    for language, texts in study.text.items():
        place: Any = texts
        for key in path:
            place = place.get(key) if isinstance(place, Mapping) else None
        if isinstance(place, str):
            found[language] = place
    return found
