"""Answers to one question for several entities, side by side: each against the first, in shared draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from waterline.core.answer import Answer, Summary, summarise
from waterline.core.errors import InputError
from waterline.core.summary import to_show


@dataclass(frozen=True, slots=True)
class Comparison:
    """Answers side by side.

    ``ratios`` are each answer over the first, ``chances_above`` the probability that it exceeds the first. Of events,
    whose samples are no or yes, chances are compared: a ratio is one of chances, None where the first never happens,
    and ``differences`` (None for anything else) are chances less that of the first.
    """

    answers: tuple[Answer, ...]
    entities: tuple[str, ...]
    ratios: tuple[Summary | None, ...]
    chances_above: tuple[float, ...]
    role: str
    differences: tuple[float, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The comparison as the ``compare`` command's JSON has it."""
        first = self.answers[0]
        shown = [to_show(answer.summary, answer.unit) for answer in self.answers]
        rows = [
            {"entity": entity, "median": found.median, "p05": found.p05, "p95": found.p95}
            for entity, found in zip(self.entities, shown, strict=True)
        ]
        return {
            "quantity": first.quantity,
            "unit": first.unit,
            "as_of": first.as_of.isoformat(),
            "role": self.role,
            "rows": rows,
            "ratios": [self._against_first(place) for place in range(1, len(self.answers))],
        }

    def _against_first(self, place: int) -> dict[str, Any]:
        ratio = self.ratios[place]
        ends = {name: None if ratio is None else getattr(ratio, name) for name in ("median", "p05", "p95")}
        found = {"entity": self.entities[place], "over": self.entities[0], **ends}
        if self.differences is not None:
            found["difference"] = self.differences[place]
        return {**found, "chance_above": self.chances_above[place]}


def compared(answers: Sequence[Answer], entities: Sequence[str], role: str) -> Comparison:
    """Answers of ``entities`` in a role (or of several values of a number), in shared draws, against the first.

    Raises InputError where the first may be zero and is no event.
    """
    names = tuple(answer.bindings.get(role, entity) for answer, entity in zip(answers, entities, strict=True))
    first = answers[0].samples
    above = tuple(float(np.mean(answer.samples > first)) for answer in answers)
    if all(_is_event(answer) for answer in answers):
        chances = [float(np.mean(answer.samples)) for answer in answers]
        over = tuple(summarise(np.array([chance / chances[0]])) if chances[0] else None for chance in chances)
        return Comparison(tuple(answers), names, over, above, role, tuple(chance - chances[0] for chance in chances))
    if first.min() <= 0 <= first.max():
        raise InputError(f"{answers[0].quantity} of {entities[0]} may be zero, so that nothing can be a multiple of it")
    ratios = tuple(summarise(np.asarray(answer.samples / first)) for answer in answers)
    return Comparison(tuple(answers), names, ratios, above, role)


def _is_event(answer: Answer) -> bool:
    """Whether an answer is the chance of an event whose samples say no or yes."""
    return answer.unit == "probability" and bool(np.isin(answer.samples, (0.0, 1.0)).all())
