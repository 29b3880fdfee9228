"""Runs a study: asks every claim's quantity, judges it, and does the same as of the earlier date."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from waterline.core.answer import Answer
from waterline.core.errors import GraphError, InputError, MissingFactError, UnitError
from waterline.core.knowledge import Citation
from waterline.core.scenario import Scenario
from waterline.core.units import conversion_factor
from waterline.questions.session import Inquiry, Session
from waterline.studies.claim import Claim
from waterline.studies.read import Study
from waterline.studies.verdict import Judgement, Standards, holds, judge

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Decision:
    """A claim with its judgement and what it rests on.

    ``answer`` is the deciding quantity's answer, ``shown`` the text that a fact gives; one of them, or neither when
    nothing can decide the claim yet.
    """

    claim: Claim
    judgement: Judgement
    answer: Answer | None = None
    shown: str = ""
    citations: tuple[Citation, ...] = ()
    problem: str = ""

    @property
    def unit(self) -> str:
        """Unit of what the claim states, or of the answer where it states none."""
        return self.claim.stated.unit or (self.answer.unit if self.answer else "")


@dataclass(frozen=True)
class StudyResult:
    """A study's decisions as of one date, with the inquiry that its numbers come from."""

    study: Study
    as_of: date
    inquiry: Inquiry
    decisions: Mapping[str, Decision]
    pinned: Mapping[date, Inquiry]
    standards: Standards


def run_study(
    session: Session,
    study: Study,
    scenario: Scenario,
    progress: Progress | None = None,
    base: StudyResult | None = None,
) -> StudyResult:
    """Decide every claim in ``scenario``. Raises InputError when a claim's question is wrong.

    ``base`` is the study in the same scenario with nothing set: claims that this cannot move are taken over.
    """
    filled = filled_scenario(study, scenario)
    inquiry = session.inquiry(filled, base.inquiry if base else None)
    pinned = {
        day: session.inquiry(
            dataclasses.replace(filled, as_of=min(day, scenario.as_of)), base.pinned[day] if base else None
        )
        for day in {claim.as_of for claim in study.claims if claim.as_of is not None}
    }
    standards = standards_of(inquiry)
    settled = base.decisions if base is not None and base.standards == standards else {}
    decisions = {}
    for place, claim in enumerate(study.claims, start=1):
        before = settled.get(claim.id)
        asked = pinned[claim.as_of] if claim.as_of else inquiry
        stays = before is not None and _stays(before, asked)
        decisions[claim.id] = before if before is not None and stays else _decide(claim, asked, standards)
        if progress is not None:
            progress(place, len(study.claims))
    return StudyResult(study, scenario.as_of, inquiry, decisions, pinned, standards)


def filled_scenario(study: Study, scenario: Scenario) -> Scenario:
    """The scenario with the study's own bindings where it has none."""
    return dataclasses.replace(scenario, bindings={**study.bindings, **scenario.bindings})


def _stays(decision: Decision, asked: Inquiry) -> bool:
    """Whether a decision of the base is sure to be the same here; one without a number may get one."""
    if decision.answer is None:
        return not decision.claim.quantity
    return asked.keeps(decision.answer)


def standards_of(inquiry: Inquiry) -> Standards:
    """What verdicts take for granted, as the inquiry has it."""
    reliability = {grade: _value(inquiry, f"reliability_of_grade_{grade.lower()}") for grade in "ABC"}
    return Standards(reliability, _value(inquiry, "quote_tolerance"))


def _value(inquiry: Inquiry, assumption: str) -> float:
    return inquiry.ask(assumption).summary.median


def _decide(claim: Claim, inquiry: Inquiry, standards: Standards) -> Decision:
    try:
        cited = tuple(citation for name in claim.cites for citation in _cited(name, inquiry))
        if claim.fact:
            return _by_text(claim, inquiry, cited, standards)
        if claim.quantity:
            return _by_number(claim, inquiry, cited, standards)
    except (GraphError, UnitError) as problem:
        raise InputError(f"{claim.place}: claim {claim.id}: {problem}") from problem
    return Decision(claim, Judgement("open", None, "undecided"), citations=cited)


def _by_number(claim: Claim, inquiry: Inquiry, cited: tuple[Citation, ...], standards: Standards) -> Decision:
    try:
        answer = inquiry.ask(claim.quantity, claim.bindings)
        samples = answer.samples
    except MissingFactError as problem:
        return Decision(claim, Judgement("open", None, "nothing-known"), citations=cited, problem=str(problem))
    factor = conversion_factor(answer.unit, claim.stated.unit or answer.unit)
    share = answer.evaluation.remembered(
        f"share {claim.comparator} {claim.stated} {standards.tolerance:g}",
        answer.node.id,
        lambda: float(holds(claim, samples * factor, standards.tolerance).mean()),
    )
    assumed = any(leaf.is_assumption for leaf in answer.leaves)
    found = tuple(dict.fromkeys([*answer.citations, *cited]))
    return Decision(claim, judge(share, answer.citations, assumed, standards), answer, citations=found)


def _by_text(claim: Claim, inquiry: Inquiry, cited: tuple[Citation, ...], standards: Standards) -> Decision:
    entity, _, attribute = claim.fact.rpartition(".")
    facts = inquiry.known.facts
    fact = inquiry.known.text(facts.entity(entity).id, attribute)
    if fact is None or fact.text is None:
        return Decision(claim, Judgement("open", None, "nothing-known"), citations=cited)
    citation = facts.citation(fact)
    same = claim.comparator == "happened" or fact.text.casefold() == claim.stated.text.casefold()
    share = 1.0 if same else 0.0
    found = tuple(dict.fromkeys([citation, *cited]))
    return Decision(claim, judge(share, [citation], False, standards), shown=fact.text, citations=found)


def _cited(name: str, inquiry: Inquiry) -> list[Citation]:
    """Facts that a claim cites beside what decides it, as far as they are known."""
    entity, _, attribute = name.rpartition(".")
    facts = inquiry.known.facts
    found = facts.entity(entity)
    facts.attribute(found, attribute)
    known = [fact for fact in found.facts.get(attribute, []) if fact.known <= inquiry.scenario.as_of]
    return [facts.citation(fact) for fact in known[-2:]]
