"""How a set-up's rates and times change with the mean lengths of its requests: the engine asked again at other ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waterline.core.distribution import Samples
from waterline.performance.constants import Constants
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.estimate import Choice
from waterline.performance.serving.prefill_units import prefill_units
from waterline.performance.serving.search import BATCHES, ServingQuestion, aggregated, batches_of
from waterline.performance.serving.setting import Deployment, Setting
from waterline.performance.serving.split_plan import decoding, matched
from waterline.performance.table import Array, take

LENGTHS = ("input", "cached", "output")
MEASURES = ("decode_rate", "read_rate", "tpot", "ttft")
Measured = Mapping[str, float]  # `MEASURES` and `output_rate`, output tokens/s per chip
NONE: Measured = {"output_rate": 0.0}  # of a set-up that does not serve such requests


@dataclass(frozen=True)
class LengthResponse:
    """For each length that varies, its points on a logarithmic scale and the logarithms of the factors of each measure
    there."""

    points: Mapping[str, Sequence[float]]
    factors: Mapping[str, Mapping[str, Sequence[float]]]

    def factor(self, measure: str, lengths: Mapping[str, Samples]) -> Samples:
        """Factor by sample on a measure of the set-up: straight in logarithms between the points of each length, and
        the same beyond them."""
        logarithm = np.zeros(1)
        for length, places in self.points.items():
            found = np.interp(np.log1p(lengths[length]), places, self.factors[length][measure])
            logarithm = logarithm + found
        return np.exp(logarithm)


def length_response(
    choices: Sequence[Choice], points: Mapping[str, Sequence[float]], constants: Constants | None = None
) -> LengthResponse:
    """The response of the first of `choices` to each of `LENGTHS` alone, at `points` of it.

    At each point the best of the choices counts, with its layouts as they are and its best batch within the limits;
    that on the first token is longer by as much as the prompts are. Points at which they serve none are left out, so
    that longer requests count as the longest that they serve.
    """
    constants = constants or serving_constants()
    question = choices[0].candidates.question
    asked = [(length, value) for length, values in points.items() for value in values]
    others = [_changed(question, length, value) for length, value in asked]
    ways = [(_split if choice.split else _together)(choice, others, constants) for choice in choices]
    places: dict[str, list[float]] = {}
    factors: dict[str, dict[str, list[float]]] = {}
    for place, (length, value) in enumerate(asked):
        best = max((way[place] for way in ways), key=lambda measured: measured["output_rate"])
        if best["output_rate"] > 0:
            places.setdefault(length, []).append(float(np.log1p(value)))
            for name in MEASURES:
                ratio = best[name] / getattr(choices[0], name)
                factors.setdefault(length, {}).setdefault(name, []).append(float(np.log(ratio)))
    return LengthResponse(places, factors)


def _changed(question: ServingQuestion, length: str, value: float) -> ServingQuestion:
    """The question with another mean length, cut to the model's context."""
    others = sum(getattr(question, name) for name in LENGTHS if name != length)
    changed = replace(question, **{length: min(value, (question.model.max_context or np.inf) - others)})
    return replace(changed, ttft_limit=question.ttft_limit * max(1.0, changed.input / question.input))


def _together(choice: Choice, questions: Sequence[ServingQuestion], constants: Constants) -> list[Measured]:
    """An aggregated set-up for each question, at its best batch."""
    candidates, index = choice.candidates, np.array([choice.index])
    deployment = take(candidates.setting.deployment, index)
    setting, batches = _rows(candidates.setting, deployment, questions)
    served, share, holds = aggregated(setting, batches, constants)
    rate = served.throughput / candidates.chips[index]
    return [
        _best(question, holds[rows], rate[rows], share[rows], served.tpot[rows], served.ttft[rows])
        for question, rows in _each(questions)
    ]


def _split(choice: Choice, questions: Sequence[ServingQuestion], constants: Constants) -> list[Measured]:
    """A set-up with chips that only read prompts, for each question, at its best batch."""
    candidates, readers = choice.candidates, choice.candidates.readers
    assert readers is not None
    deployment = replace(take(candidates.setting.deployment, np.array([choice.index])), replicas=1.0)
    setting, batches = _rows(candidates.setting, deployment, questions)
    step, running, holds = decoding(setting, batches, constants)
    written = np.where(holds, running / step.total, 0.0)
    reading = take(readers.setting.deployment, readers.layout[[choice.index]])
    found = []
    for question, rows in _each(questions):
        workload = replace(
            readers.setting.workload, input=question.input, output=question.output, cached=question.cached
        )
        alone = replace(readers.setting, deployment=reading, workload=workload)
        units = prefill_units(alone, question.ttft_limit, constants)
        if not units.rate.size:
            found.append(NONE)
            continue
        chips = np.broadcast_to(deployment.chips, written[rows].shape)
        match = matched(question, chips, written[rows], units)
        rate, first = match.throughput / match.chips, units.first[match.unit]
        found.append(_best(question, holds[rows], rate, match.prompt_share, step.total[rows], first))
    return found


def _rows(setting: Setting, deployment: Deployment, questions: Sequence[ServingQuestion]) -> tuple[Setting, Array]:
    """One layout under every batch of every question, and the batches of a copy; shape (questions × batches,)."""
    batches = batches_of(np.repeat(deployment.attention_data, len(questions)))
    lengths: dict[str, Any] = {
        name: np.repeat([float(getattr(question, name)) for question in questions], BATCHES.size) for name in LENGTHS
    }
    workload = replace(setting.workload, concurrency=batches * deployment.replicas, **lengths)
    return replace(setting, deployment=deployment, workload=workload), batches


def _each(questions: Sequence[ServingQuestion]) -> Iterator[tuple[ServingQuestion, slice]]:
    """Each question with its rows."""
    for place, question in enumerate(questions):
        yield question, slice(place * BATCHES.size, (place + 1) * BATCHES.size)


def _best(
    question: ServingQuestion, holds: NDArray[np.bool_], rate: Array, share: Array, tpot: Array, ttft: Array
) -> Measured:
    """The measures of the batch within the limits that writes most; no output where there is none."""
    within = holds & (ttft <= question.ttft_limit) & (tpot <= question.tpot_limit) & (rate > 0)
    if not within.any():
        return NONE
    best = int(np.argmax(np.where(within, rate, -1.0)))
    return {
        "output_rate": float(rate[best]),
        "decode_rate": float(rate[best] / (1.0 - share[best])),
        "read_rate": float(rate[best] * question.input / question.output / share[best]),
        "tpot": float(tpot[best]),
        "ttft": float(ttft[best]),
    }
