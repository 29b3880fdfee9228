"""The engine's answer to a planner: the cheapest ways to serve within limits, and what would meet limits that none
does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.core.errors import InputError
from waterline.performance.constants import Constants
from waterline.performance.serving.candidates import Candidates, aggregated_candidates
from waterline.performance.serving.search import BATCHES, ServingQuestion, copies_of
from waterline.performance.serving.split_plan import split_candidates


@dataclass(frozen=True)
class Choice:
    """One set-up: a row of some candidates."""

    candidates: Candidates
    index: int

    @property
    def split(self) -> bool:
        """Whether prompts are read on chips of their own."""
        return self.candidates.readers is not None

    @property
    def output_rate(self) -> float:
        """Output tokens/s per chip."""
        return float(self.candidates.served.throughput[self.index] / self.candidates.chips[self.index])

    @property
    def prompt_share(self) -> float:
        """Part of the chips' time that reads prompts."""
        return float(self.candidates.prompt_share[self.index])

    @property
    def decode_rate(self) -> float:
        """Output tokens/s per chip in the time that it decodes."""
        return self.output_rate / (1.0 - self.prompt_share)

    @property
    def read_rate(self) -> float:
        """Input tokens/s per chip in the time that it reads prompts."""
        question = self.candidates.question
        return self.output_rate * question.input / question.output / self.prompt_share

    @property
    def tpot(self) -> float:
        """Seconds per token after the first."""
        return float(self.candidates.served.tpot[self.index])

    @property
    def ttft(self) -> float:
        """Seconds to the first token."""
        return float(self.candidates.served.ttft[self.index])


@dataclass(frozen=True)
class ServingAnswer:
    """Candidates, aggregated and split, and the best batch of each layout within limits, the highest output first: at
    one price of a chip-hour that is the cheapest per token."""

    pools: tuple[Candidates, ...]
    best: tuple[Choice, ...]

    @property
    def question(self) -> ServingQuestion:
        """What was asked."""
        return self.pools[0].question


def best_serving(question: ServingQuestion, constants: Constants | None = None) -> ServingAnswer:
    """The layouts that meet the limits, each at its best batch, by output tokens/s per chip.

    Raises InputError for impossible questions, and for limits that nothing meets: it names the nearest and what
    would meet them.
    """
    copies = copies_of(question, constants)
    split = None if question.count == 1 else split_candidates(copies)
    pools = (aggregated_candidates(copies), *([split] if split else []))
    best = [choice for pool in pools for choice in _best_batches(pool)]
    if not best:
        raise InputError(_too_slow(pools))
    return ServingAnswer(pools, tuple(sorted(best, key=lambda choice: -choice.output_rate)))


def _best_batches(pool: Candidates) -> list[Choice]:
    """The best batch of each layout within the limits, the highest output first."""
    rate = np.where(pool.within, pool.output_rate, 0.0).reshape(-1, BATCHES.size)
    batch = np.argmax(rate, axis=1)
    highest = np.max(rate, axis=1)
    layouts = np.argsort(-highest, kind="stable")
    return [Choice(pool, int(layout * BATCHES.size + batch[layout])) for layout in layouts[highest[layouts] > 0]]


def pareto(pools: tuple[Candidates, ...]) -> list[Choice]:
    """Set-ups that fit and that no other beats in both time per token and output per chip, fastest first."""
    owner = np.concatenate([np.full(pool.holds.size, place) for place, pool in enumerate(pools)])
    row = np.concatenate([np.arange(pool.holds.size) for pool in pools])
    holds, rate, tpot = (
        np.concatenate(parts)
        for parts in zip(*((pool.holds, pool.output_rate, pool.served.tpot) for pool in pools), strict=True)
    )
    rows: NDArray[np.intp] = np.flatnonzero(holds)
    order = rows[np.lexsort((-rate[rows], tpot[rows]))]
    best = np.maximum.accumulate(rate[order])
    kept = np.concatenate([[True], best[1:] > best[:-1]])
    return [Choice(pools[owner[index]], int(row[index])) for index in order[kept]]


def _too_slow(pools: tuple[Candidates, ...]) -> str:
    """The candidate nearest to the limits, by the larger of its two excesses, and limits that it would meet."""
    question = pools[0].question
    choices = [Choice(pool, int(index)) for pool in pools for index in np.flatnonzero(pool.holds)]
    nearest = min(choices, key=lambda choice: max(choice.ttft / question.ttft_limit, choice.tpot / question.tpot_limit))
    pool, index = nearest.candidates, nearest.index
    ttft, tpot = 1e3 * nearest.ttft, 1e3 * nearest.tpot
    deployment = pool.setting.deployment
    layout = ", ".join(
        f"{name} {int(np.asarray(getattr(deployment, field))[index])}"
        for name, field in (("TP", "tensor"), ("attention DP", "attention_data"), ("EP", "expert"))
    )
    split = ", prompts on chips of their own," if pool.readers else ""
    return (
        f"nothing on {question.chip.name} meets these limits: nearest is {layout}{split} with TTFT {ttft:.0f} ms and "
        f"TPOT {tpot:.1f} ms; --ttft-ms {np.ceil(1.02 * ttft):.0f} --tpot-ms {np.ceil(10.2 * tpot) / 10:.1f} would be "
        "met"
    )
