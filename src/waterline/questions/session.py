"""A session answers questions from one fact base and one catalogue, and remembers samples between them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from waterline.core.answer import Answer
from waterline.core.catalogue import Catalogue
from waterline.core.distribution import points
from waterline.core.errors import InputError, UnknownNameError
from waterline.core.evaluate import Evaluation, SampleMemory
from waterline.core.graph import Node
from waterline.core.graph_builder import GraphBuilder
from waterline.core.scenario import Scenario, differing
from waterline.core.units import DATE, TEXT
from waterline.facts.store import FactBase
from waterline.questions.bindings import settle_numbers
from waterline.questions.catalogue import shipped_catalogue
from waterline.questions.comparison import Comparison, compared
from waterline.questions.overrides import check_overrides

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass
class Session:
    """Facts, quantities and the samples already computed."""

    facts: FactBase
    catalogue: Catalogue
    memory: SampleMemory = field(default_factory=SampleMemory)

    def ask(self, name: str, scenario: Scenario) -> Answer:
        """Answer one question. Raises InputError for anything wrong with it."""
        return self.inquiry(scenario).ask(name)

    def inquiry(self, scenario: Scenario, base: Inquiry | None = None) -> Inquiry:
        """Several questions in one scenario, sharing one graph.

        ``base`` has asked before in a scenario that differs in its overrides alone; its answers that this cannot move
        are taken from it. No other thread may ask it any more.
        """
        settled, numbers = settle_numbers(scenario, self.facts, self.catalogue)
        check_overrides(settled, self.facts, self.catalogue)
        return Inquiry(self, settled, numbers, base)

    def compare(self, name: str, role: str, entities: Sequence[str], scenario: Scenario) -> Comparison:
        """The same question for several entities in one role (or several values of a number), with shared draws.

        Raises InputError for fewer than two of them, or anything wrong with the question (see `compared`).
        """
        if len(entities) < 2:
            raise InputError(f"compare needs at least two entities: {role}=A,B")
        answers = []
        for entity in entities:
            filled = Scenario(
                scenario.as_of, {**scenario.bindings, role: entity}, scenario.overrides, scenario.samples, scenario.seed
            )
            answers.append(self.ask(name, filled))
        return compared(answers, entities, role)


class Inquiry:
    """Questions that share a scenario, and with it one graph and one evaluation.

    ``numbers`` are the overrides that the question gave as bindings (``utilisation=0.6``), as they were written.
    """

    def __init__(
        self,
        session: Session,
        scenario: Scenario,
        numbers: Mapping[str, str] = _NONE,
        base: Inquiry | None = None,
    ) -> None:
        self.session = session
        self._answered: dict[tuple[str, tuple[tuple[str, str], ...]], Answer] = {}
        self._numbers = numbers
        self._base = base if base is not None and base._numbers == numbers else None  # whose answers show the same
        self.scenario = scenario
        self.known = session.facts.as_of(scenario.as_of)
        self._builder = GraphBuilder(session.catalogue, self.known, scenario)
        self._differing = frozenset[str]() if base is None else differing(scenario.overrides, base.scenario.overrides)
        if base is not None:
            self._builder.take_over(base._builder, self._differing)
        self.evaluation = Evaluation(self._builder.graph(), scenario.samples, scenario.seed, session.memory)
        if base is not None:
            self.evaluation.take_over(base.evaluation, self._builder.moved)

    def ask(self, name: str, bindings: Mapping[str, str] | None = None) -> Answer:
        """Answer a quantity, an assumption, or ``entity.attribute``."""
        key = name, tuple(sorted((bindings or {}).items()))
        known = None if self._base is None else self._base._answered.get(key)
        if known is None or not self._stands(known):
            known = self._asked(name, bindings)
        elif known.node.id in self._builder.moved:
            known = dataclasses.replace(known, evaluation=self.evaluation)
        self._answered[key] = known
        return known

    def _asked(self, name: str, bindings: Mapping[str, str] | None) -> Answer:
        if name not in self.session.catalogue and "." in name:
            return self._attribute(name)
        filled = {**self.scenario.bindings, **(bindings or {})}
        if name not in self.session.catalogue and self.session.facts.known_name(name):
            raise UnknownNameError(
                f"{name!r} is not a quantity; see 'waterline facts show {name}', or ask ENTITY.ATTRIBUTE"
            )
        node = self._builder.add(name, filled)
        bound = self._builder.bound(name, filled) if name in self.session.catalogue else {}
        return self._answer(name, node, bound)

    def keeps(self, answer: Answer) -> bool:
        """Whether an answer of the base is sure to be the same here."""
        return self._stands(answer) and answer.node.id not in self._builder.moved

    def _stands(self, answer: Answer) -> bool:
        """Whether an answer of the base is sure to have the same node here, be it with other samples."""
        return answer.quantity not in self._differing and self._builder.holds(answer.node)

    def refuse_assumed_individuals(self, answer: Answer) -> None:
        """Raise InputError when what should be known of an entity itself (a price, a power) is only assumed."""
        facts = self.session.facts
        assumed = []
        for leaf in answer.leaves:
            entity, _, attribute = leaf.name.rpartition(".")
            if leaf.is_assumption and not leaf.chosen and entity:
                low, _, high = points(leaf.distribution)
                if facts.attribute(facts.entity(entity), attribute).individual:
                    assumed.append(f"{leaf.name} (assumed: {low:,.4g} to {high:,.4g} {leaf.unit})")
        if assumed:
            raise InputError(
                f"no fact gives {', '.join(assumed)}: give a value with --set, add a fact, or leave --strict out"
            )

    @property
    def unused_overrides(self) -> set[str]:
        """Names given with ``--set`` that nothing asked so far depends on."""
        return set(self.scenario.overrides) - self._builder.used_overrides

    def replaced(self, name: str) -> frozenset[str]:
        """Ids of the nodes that what was given for ``name`` stands in for; empty when nothing asked depends on it."""
        return self._builder.replaced(name)

    def _attribute(self, name: str) -> Answer:
        entity, attribute = name.rsplit(".", 1)
        found = self.session.facts.entity(entity)
        declared = self.session.facts.attribute(found, attribute)
        if declared.unit in (TEXT, DATE):
            raise UnknownNameError(f"{name} is {declared.unit}, not a number; see 'waterline facts show {name}'")
        node = self._builder.read(found.id, attribute, declared.unit)
        return self._answer(f"{found.id}.{attribute}", node, {})

    def _answer(self, name: str, node: Node, bindings: Mapping[str, str]) -> Answer:
        graph = self._builder.graph()
        self.evaluation.extend(graph)
        chosen = {found.name for found in graph.leaves(node.id)} if self._numbers else set()
        numbers = {name: text for name, text in self._numbers.items() if name in chosen}
        return Answer(name, node, self.scenario.as_of, {**bindings, **numbers}, self.evaluation)


@functools.cache
def default_session() -> Session:
    """The session of the shipped facts and quantities."""
    return Session(FactBase.load(), shipped_catalogue())


def today() -> date:
    """The date that questions are asked on unless they say otherwise."""
    return date.today()
