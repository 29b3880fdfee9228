"""Every node that anything in a report rests on, as plain data; what a base report has alike is taken over from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from waterline.core.answer import Answer
from waterline.core.trace import record

Nodes = Mapping[str, dict[str, Any]]


class NodeCollector:
    """Collects the nodes under the answers that are shown; those as of another date than the study's say so.

    ``keys`` are digests of what decides the nodes, by id (`Evaluation.key`).
    """

    def __init__(self, as_of: date, base: Nodes, known: Mapping[str, bytes]) -> None:
        """``base`` are the nodes of a report that this one starts from, ``known`` the keys that they have there."""
        self._as_of = as_of
        self._base, self._known = base, known
        self._answers: dict[str, Answer] = {}
        self.keys = dict(known)

    def add(self, answer: Answer | None) -> str | None:
        """Take an answer in; returns the id of its node."""
        if answer is None:
            return None
        identity = node_of(answer, self._as_of)
        self._answers.setdefault(identity, answer)
        return identity

    def records(self) -> dict[str, dict[str, Any]]:
        """Every node at or below an answer, by id; over a base, also those that only the base rests on."""
        made = {identity: self._record(answer, below) for identity, (answer, below) in self._sought().items()}
        return laid_over(made, self._base)

    def records_in_sight(self, others: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The base with what a reader sees of this: the nodes of the answers, and ``others`` with their inputs."""
        sought: dict[str, tuple[Answer, str]] = {}
        for identity in others:
            for answer, below in self._holders(identity):
                inputs = answer.evaluation.graph.nodes[below].below
                sought |= {each + self._dated(answer): (answer, each) for each in (below, *inputs)}
        sought |= {identity: (answer, answer.node.id) for identity, answer in self._answers.items()}
        moved = {
            identity: self._record(answer, below)
            for identity, (answer, below) in sought.items()
            if self._known.get(identity) != answer.evaluation.key(below)
        }
        return laid_over(moved, self._base)

    def _holders(self, identity: str) -> Iterator[tuple[Answer, str]]:
        """Answers in whose graphs a node is, one of each graph, with its id there."""
        for answer in {id(answer.evaluation): answer for answer in self._answers.values()}.values():
            dated = self._dated(answer)
            below = identity.removesuffix(dated)
            if identity.endswith(dated) and below in answer.evaluation.graph.nodes:
                yield answer, below

    def _sought(self) -> dict[str, tuple[Answer, str]]:
        """The nodes but for those with a known key, as the answer that they are under and their id there.

        All that is under a node with a known key is known as well.
        """
        sought: dict[str, tuple[Answer, str]] = {}
        for answer in self._answers.values():
            evaluation, dated = answer.evaluation, self._dated(answer)
            nodes, waiting = evaluation.graph.nodes, [answer.node.id]
            while waiting:  # what is under a node that was found before was found with it
                below = waiting.pop()
                identity = below + dated
                if identity in sought:
                    continue
                key = evaluation.key(below)
                if self._known.get(identity) != key:
                    self.keys[identity] = key
                    sought[identity] = answer, below
                    waiting.extend(reversed(nodes[below].below))
        return sought

    def _record(self, answer: Answer, below: str) -> dict[str, Any]:
        """A node as plain data, the same object for as long as nothing under it changes."""

        def make() -> dict[str, Any]:
            entry = record(answer.evaluation, below)
            dated = self._dated(answer)
            return {**entry, "id": below + dated, "inputs": [each + dated for each in entry["inputs"]]}

        return answer.evaluation.remembered(f"record as of {answer.as_of} in {self._as_of}", below, make)

    def _dated(self, answer: Answer) -> str:
        return dated_suffix(answer.as_of, self._as_of)


def node_of(answer: Answer, as_of: date) -> str:
    """Id of the node of an answer in a report as of a date."""
    return answer.node.id + dated_suffix(answer.as_of, as_of)


def dated_suffix(day: date, as_of: date) -> str:
    """What is added to the ids of nodes as of a day, where that is another than the study's."""
    return "" if day == as_of else f" as of {day}"


def laid_over(nodes: Nodes, base: Nodes) -> dict[str, dict[str, Any]]:
    """``nodes`` in the places that they have in ``base``, new ones after them.

    A leaf of the base in whose place the user's value stands becomes that value; any other that is not among the nodes
    keeps what it was.
    """
    chosen = {
        node["name"]: node for node in nodes.values() if node.get("assumption") and node["assumption"].get("chosen")
    }
    placed = {**base, **nodes}
    if chosen:
        for identity, node in base.items():
            if node["name"] in chosen and identity not in nodes:
                placed[identity] = chosen[node["name"]]
    return placed
