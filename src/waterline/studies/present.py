"""A study's results as one plain document: what the terminal, the report and programs read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from waterline.core.answer import Answer
from waterline.core.records import source_record
from waterline.core.units import conversion_factor
from waterline.core.version import __version__
from waterline.studies.grounds import Grounds, texts_of
from waterline.studies.nodes import node_of
from waterline.studies.pictures import ClosedPictures
from waterline.studies.read import Study
from waterline.studies.run import Decision, StudyResult


def claim_records(result: StudyResult) -> list[dict[str, Any]]:
    """The claims in the order of the study, as the ``study`` command's JSON has them."""
    return [_claim(result.study, decision) for decision in result.decisions.values()]


@dataclass(frozen=True)
class Presented:
    """A run with its report's model, and what that rests on.

    What a run with values set shows alike is taken over from it, object for object.
    """

    result: StudyResult
    earlier: StudyResult | None
    model: Mapping[str, Any]
    grounds: Grounds


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
    return Presented(result, earlier, model, found)


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
        "text": texts_of(study, "claims", identity, "text"),
        "finding": texts_of(study, "claims", identity, "finding"),
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
        "text": texts_of(study, "claims", claim.id, "text").get("en", claim.id),
        "kind": claim.kind,
        "verdict": judgement.verdict,
        "probability": judgement.probability,
        "stated": {"text": stated.text, "value": value, "low": stated.low, "high": stated.high, "unit": stated.unit},
        "comparator": claim.comparator,
        "unit": decision.unit,
        "estimate": _estimate(decision),
        "shown": decision.shown,
        "quantity": claim.quantity or claim.fact,
        "sources": [source_record(citation) for citation in decision.citations],
        "reason": judgement.reason,
        "reason_text": _reason(study, decision),
    }


def _estimate(decision: Decision) -> dict[str, float] | None:
    if decision.answer is None:
        return None
    factor = conversion_factor(decision.answer.unit, decision.unit)
    summary = decision.answer.summary
    return {"median": summary.median * factor, "p05": summary.p05 * factor, "p95": summary.p95 * factor}


def _reason(study: Study, decision: Decision) -> dict[str, str]:
    if decision.claim.decided_by:
        return texts_of(study, "decided_by", decision.claim.decided_by)
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


def _left_out(result: StudyResult) -> list[dict[str, Any]]:
    answers: Iterable[Answer] = (d.answer for d in result.decisions.values() if d.answer is not None)
    found = {citation: None for answer in answers for citation in answer.left_out}
    return [source_record(citation) for citation in found]


def _prose(texts: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("title", "headline", "lead", "answer", "sections", "iceberg", "phrases")
    return {key: texts[key] for key in kept if key in texts}
