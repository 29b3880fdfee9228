"""A study's results as one plain document: what the terminal, the report and programs read.

It holds every node that anything shown rests on, so that a reader can open any number down to its sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from waterline.core.answer import Answer
from waterline.core.errors import MissingFactError
from waterline.core.records import source_record
from waterline.core.units import conversion_factor
from waterline.core.version import __version__
from waterline.studies.nodes import NodeCollector, dated_suffix, node_of
from waterline.studies.pictures import ClosedPictures, opened
from waterline.studies.read import Study
from waterline.studies.run import Decision, StudyResult

_FORMATS = {"USD": "usd", "percent": "percent", "count": "count"}


def claim_records(result: StudyResult) -> list[dict[str, Any]]:
    """The claims in the order of the study, as the ``study`` command's JSON has them."""
    return [_claim(result.study, decision) for decision in result.decisions.values()]


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


@dataclass(frozen=True)
class Presented:
    """A run with its report's model: what a run with values set shows alike is taken over from it, object for object.

    ``keys`` are digests of what decides the model's nodes, by id (`Evaluation.key`).
    """

    result: StudyResult
    earlier: StudyResult | None
    model: Mapping[str, Any]
    keys: Mapping[str, bytes]


def grounds(
    result: StudyResult, pictures: bool, base: Presented | None = None, sight: Iterable[str] | None = None
) -> Grounds:
    """What the claims and the rest of a report rest on; without ``pictures``, but for those.

    ``base`` is the same study with nothing set. With ``sight``, only what a reader has before the eyes, and the nodes
    of these ids with their inputs, is as it is here; other nodes are the base's.
    """
    collector = NodeCollector(result.as_of, base.model["nodes"] if base else {}, base.keys if base else {})
    for decision in result.decisions.values():
        collector.add(decision.answer)
    numbers, iceberg = _numbers(result, collector), _iceberg(result, collector)
    definitions = _definitions(result, collector)
    drawn = opened(result, collector.add) if pictures else {}
    nodes = collector.records() if sight is None else collector.records_in_sight([*_replaced(result), *sight])
    return Grounds(numbers, iceberg, definitions, drawn, nodes, collector.keys)


def presented(
    result: StudyResult,
    earlier: StudyResult | None,
    grounds: Callable[[], Grounds],
    closed: ClosedPictures | None,
    base: Presented | None = None,
    known_drivers: bool = False,
) -> Presented:
    """Everything the report shows, as plain data; without ``closed``, all but pictures.

    ``closed`` gives the pictures that open to nothing, ``grounds`` what the report rests on. ``base`` is the same study
    with nothing set, or without its pictures; where the drivers are known, what moves a claim is taken from it.
    """
    study = result.study
    drivers = base.model["claims"] if base is not None and known_drivers else None
    claims = {identity: _shown(result, earlier, identity, base, drivers) for identity in result.decisions}
    found = grounds()
    pictures = {} if closed is None else {**found.pictures, **closed()}
    model = {
        "study": study.name,
        "as_of": result.as_of.isoformat(),
        "earlier_as_of": earlier.as_of.isoformat() if earlier else None,
        "samples": result.inquiry.scenario.samples,
        "seed": result.inquiry.scenario.seed,
        "version": __version__,
        "overrides": {name: override.text for name, override in result.inquiry.scenario.overrides.items()},
        "text": base.model["text"] if base else {language: _prose(texts) for language, texts in study.text.items()},
        "sections": [{"key": key, "claims": list(identities)} for key, identities in study.sections],
        "claims": claims,
        "numbers": found.numbers,
        "iceberg": found.iceberg,
        "definitions": found.definitions,
        "left_out": _left_out(result),
        "nodes": found.nodes,
        "pictures": [pictures[picture.id] for picture in study.pictures if picture.id in pictures],
    }
    return Presented(result, earlier, model, found.keys)


def _replaced(result: StudyResult) -> list[str]:
    """Ids of the nodes in whose place a value of the question stands, always in the same order."""
    found = set()
    for inquiry in (result.inquiry, *result.pinned.values()):
        day = inquiry.scenario.as_of
        dated = "" if day == result.as_of else dated_suffix(day)
        found |= {below + dated for name in inquiry.scenario.overrides for below in inquiry.replaced(name)}
    return sorted(found)


def _shown(
    result: StudyResult,
    earlier: StudyResult | None,
    identity: str,
    base: Presented | None,
    known_drivers: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """A claim with what the report shows of it beside the command's JSON; what moves it, from where it is known."""
    study, decision = result.study, result.decisions[identity]
    if base is not None and base.result.decisions[identity] is decision and _same(identity, base.earlier, earlier):
        known: dict[str, Any] = base.model["claims"][identity]
        return known
    return {
        **_claim(study, decision),
        "text": _texts(study, "claims", identity, "text"),
        "finding": _texts(study, "claims", identity, "finding"),
        "node": None if decision.answer is None else node_of(decision.answer, result.as_of),
        "influences": known_drivers[identity]["influences"] if known_drivers else _influences(decision.answer),
        "earlier": _earlier(study, earlier, identity),
    }


def _same(identity: str, one: StudyResult | None, other: StudyResult | None) -> bool:
    """Whether both decided the claim by one and the same decision, or neither did."""
    decisions = [each and each.decisions[identity] for each in (one, other)]
    return decisions[0] is decisions[1]


def _claim(study: Study, decision: Decision) -> dict[str, Any]:
    claim, judgement = decision.claim, decision.judgement
    stated = claim.stated
    value = stated.value if stated.value is not None else None
    return {
        "id": claim.id,
        "text": _texts(study, "claims", claim.id, "text").get("en", claim.id),
        "kind": claim.kind,
        "verdict": judgement.verdict,
        "probability": judgement.probability,
        "stated": {"text": stated.text, "value": value, "low": stated.low, "high": stated.high, "unit": stated.unit},
        "comparator": claim.comparator,
        "unit": _unit(decision),
        "estimate": _estimate(decision),
        "shown": decision.shown,
        "quantity": claim.quantity or claim.fact,
        "sources": [source_record(citation) for citation in decision.citations],
        "reason": judgement.reason,
        "reason_text": _reason(study, decision),
    }


def _unit(decision: Decision) -> str:
    if decision.answer is None:
        return decision.claim.stated.unit
    return decision.claim.stated.unit or decision.answer.unit


def _estimate(decision: Decision) -> dict[str, float] | None:
    if decision.answer is None:
        return None
    factor = conversion_factor(decision.answer.unit, _unit(decision))
    summary = decision.answer.summary
    return {"median": summary.median * factor, "p05": summary.p05 * factor, "p95": summary.p95 * factor}


def _reason(study: Study, decision: Decision) -> dict[str, str]:
    if decision.claim.decided_by:
        return _texts(study, "decided_by", decision.claim.decided_by)
    return {"en": decision.problem} if decision.problem else {}


def _influences(answer: Answer | None) -> list[dict[str, Any]]:
    if answer is None:
        return []
    return [
        {"name": found.name, "share": found.share, "when_low": found.when_low, "when_high": found.when_high}
        for found in answer.influences[:6]
        if found.share >= 0.01
    ]


def _earlier(study: Study, earlier: StudyResult | None, identity: str) -> dict[str, Any] | None:
    if earlier is None:
        return None
    decision = earlier.decisions[identity]
    return {
        "verdict": decision.judgement.verdict,
        "probability": decision.judgement.probability,
        "estimate": _estimate(decision),
        "shown": decision.shown,
    }


def _numbers(result: StudyResult, collector: NodeCollector) -> dict[str, dict[str, Any]]:
    """Numbers that texts refer to: those the study names, and each claim's own under the claim's id.

    One that nothing was known of as of the date has no node.
    """
    found: dict[str, dict[str, Any]] = {}
    for identity, decision in result.decisions.items():
        if decision.claim.quantity:
            form = _FORMATS.get(_unit(decision), "plain")
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
    return {"node": collector.add(_known(result, quantity)), "label": _texts(result.study, "quantities", quantity)}


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


def _left_out(result: StudyResult) -> list[dict[str, Any]]:
    answers: Iterable[Answer] = (d.answer for d in result.decisions.values() if d.answer is not None)
    found = {citation: None for answer in answers for citation in answer.left_out}
    return [source_record(citation) for citation in found]


def _texts(study: Study, *path: str) -> dict[str, str]:
    """A text in every language that has it."""
    found = {}
    for language, texts in study.text.items():
        place: Any = texts
        for key in path:
            place = place.get(key) if isinstance(place, Mapping) else None
        if isinstance(place, str):
            found[language] = place
    return found


def _prose(texts: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("title", "headline", "lead", "answer", "sections", "iceberg", "phrases")
    return {key: texts[key] for key in kept if key in texts}
