"""The engine's answer to a planner: the cheapest ways to serve within limits, and what would meet limits that none
does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.core.errors import InputError
from waterline.performance.constants import Constants
from waterline.performance.serving.search import Candidates, ServingQuestion, candidates_of


@dataclass(frozen=True)
class ServingAnswer:
    """Candidates, and the indices of the best batch of each layout within limits, the highest output first."""

    candidates: Candidates
    best: NDArray[np.intp]

    @property
    def first(self) -> int:
        """Index of the best candidate."""
        return int(self.best[0])


def best_serving(question: ServingQuestion, constants: Constants | None = None) -> ServingAnswer:
    """The layouts that meet the limits, each at its best batch, by output tokens/s per chip.

    Raises InputError for impossible questions, and for limits that nothing meets: it names the nearest and what
    would meet them.
    """
    found = candidates_of(question, constants)
    if not found.holds.any():
        raise InputError(_too_large(question))
    if not found.within.any():
        raise InputError(_too_slow(found))
    rate = np.where(found.within, found.output_rate, -1.0)
    deployment = found.setting.deployment
    keys = np.stack(
        [np.asarray(getattr(deployment, name)) for name in ("tensor", "attention_data", "expert", "pipeline")]
    )
    order = np.argsort(-rate, kind="stable")
    order = order[rate[order] > 0]
    _, firsts = np.unique(keys[:, order], axis=1, return_index=True)
    return ServingAnswer(found, order[np.sort(firsts)])


def pareto(candidates: Candidates) -> NDArray[np.intp]:
    """Candidates that fit and that no other beats in both time per token and output per chip, fastest first."""
    rows = np.flatnonzero(candidates.holds)
    order = rows[np.lexsort((-candidates.output_rate[rows], candidates.served.tpot[rows]))]
    best = np.maximum.accumulate(candidates.output_rate[order])
    kept = np.concatenate([[True], best[1:] > best[:-1]])
    return np.asarray(order[kept])


def _too_large(question: ServingQuestion) -> str:
    count = f"{question.count} × " if question.count else "any layout of "
    return (
        f"{question.model.name} with {question.input + question.output:g} tokens does not fit in the memory of "
        f"{count}{question.chip.name}; more chips, narrower weights or shorter requests would"
    )


def _too_slow(found: Candidates) -> str:
    """The candidate nearest to the limits, by the larger of its two excesses, and limits that it would meet."""
    question = found.question
    excess = np.maximum(found.served.ttft / question.ttft_limit, found.served.tpot / question.tpot_limit)
    nearest = int(np.argmin(np.where(found.holds, excess, np.inf)))
    ttft, tpot = 1e3 * float(found.served.ttft[nearest]), 1e3 * float(found.served.tpot[nearest])
    deployment = found.setting.deployment
    layout = ", ".join(
        f"{name} {int(np.asarray(getattr(deployment, field))[nearest])}"
        for name, field in (("TP", "tensor"), ("attention DP", "attention_data"), ("EP", "expert"))
    )
    return (
        f"nothing on {question.chip.name} meets these limits: nearest is {layout} with TTFT {ttft:.0f} ms and TPOT "
        f"{tpot:.1f} ms; --ttft-ms {np.ceil(1.02 * ttft):.0f} --tpot-ms {np.ceil(10.2 * tpot) / 10:.1f} would be met"
    )
