"""How a set-up's rates and times change with the mean lengths of its requests: the engine asked again at other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waterline.core.distribution import Samples
from waterline.performance.constants import Constants
from waterline.performance.serving.candidates import aggregated
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.estimate import Choice
from waterline.performance.serving.prefill_units import best_way, ways_to_read
from waterline.performance.serving.search import ServingQuestion, batches_of
from waterline.performance.serving.setting import Deployment, Setting
from waterline.performance.serving.split_plan import decoding, matched
from waterline.performance.serving.steps import Steps, steps_of
from waterline.performance.table import Array, take

LENGTHS = ("input", "cached", "output")
MEASURES = ("decode_rate", "read_rate", "tpot", "ttft")
Measured = Mapping[str, Array]  # `MEASURES` and `output_rate`, output tokens/s per chip (0: serves no such requests)


@dataclass(frozen=True)
class LengthResponse:
    """For each length that varies, its points on a logarithmic scale and the logarithms of the factors of each measure
    there."""

    points: Mapping[str, Array]
    factors: Mapping[str, Mapping[str, Array]]

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
    asked = _asked(choices[0].candidates.question, points)
    ways = [(_split if choice.split else _together)(choice, asked, constants) for choice in choices]
    rates = [way["output_rate"] for way in ways]
    best, serves = np.argmax(rates, axis=0), np.max(rates, axis=0) > 0
    varied = np.repeat(list(points), [len(values) for values in points.values()])
    rows = {length: np.flatnonzero(serves & (varied == length)) for length in points}
    places = np.log1p(np.concatenate(list(points.values())))
    ratios = {name: np.choose(best, [way[name] for way in ways]) / getattr(choices[0], name) for name in MEASURES}
    return LengthResponse(
        {length: places[kept] for length, kept in rows.items() if kept.size},
        {length: {name: np.log(ratios[name][kept]) for name in MEASURES} for length, kept in rows.items() if kept.size},
    )


@dataclass(frozen=True)
class _Asked:
    """Requests of other mean lengths, each of shape (points, 1), cut to the model's context, and limits on them."""

    input: Array
    cached: Array
    output: Array
    ttft_limit: Array
    question: ServingQuestion


def _asked(question: ServingQuestion, points: Mapping[str, Sequence[float]]) -> _Asked:
    usual = [getattr(question, name) for name in LENGTHS]
    longest = question.model.max_context or np.inf
    lengths = np.array(
        [
            [
                min(value, longest - (sum(usual) - own)) if name == length else own
                for name, own in zip(LENGTHS, usual, strict=True)
            ]
            for length, values in points.items()
            for value in values
        ]
    )
    read, cached, output = lengths.T[:, :, None]
    return _Asked(read, cached, output, question.ttft_limit * np.maximum(read / question.input, 1.0), question)


def _steps(setting: Setting, deployment: Deployment, asked: _Asked, constants: Constants) -> Steps:
    """The steps of one layout for each request."""
    lengths: dict[str, Any] = {name: getattr(asked, name) for name in LENGTHS}
    workload = replace(setting.workload, **lengths)
    return steps_of(replace(setting, deployment=deployment, workload=workload), constants)


def _together(choice: Choice, asked: _Asked, constants: Constants) -> Measured:
    """An aggregated set-up at its best batch for each request."""
    candidates, index = choice.candidates, np.array([choice.index])
    deployment = take(candidates.setting.deployment, index)
    batches = batches_of(np.asarray(deployment.attention_data))
    served, share, holds = aggregated(_steps(candidates.setting, deployment, asked, constants), batches)
    rate = served.throughput / candidates.chips[index]
    return _best(asked, holds, rate, share, served.tpot, served.ttft)


def _split(choice: Choice, asked: _Asked, constants: Constants) -> Measured:
    """A set-up with chips that only read prompts, at its best batch for each request."""
    candidates, readers = choice.candidates, choice.candidates.readers
    assert readers is not None
    deployment = replace(take(candidates.setting.deployment, np.array([choice.index])), replicas=1.0)
    steps = _steps(candidates.setting, deployment, asked, constants)
    step, running, holds = decoding(steps, batches_of(np.asarray(deployment.attention_data)))
    written = np.where(holds, running / step.total, 0.0)
    unit = take(readers.setting.deployment, readers.layout[[choice.index]])
    ways = ways_to_read(_steps(readers.setting, unit, asked, constants))
    way = best_way(ways, np.maximum(asked.ttft_limit, np.min(ways.first, axis=0)))
    size, serves = np.asarray(unit.chips), way.rate > 0
    fed = size * np.where(serves, way.rate, 1.0) * asked.output / asked.input
    found = matched(asked.question.count, np.asarray(deployment.chips), written, size, fed)
    return _best(asked, holds & serves, found.throughput / found.chips, found.prompt_share, step.total, way.first)


def _best(asked: _Asked, holds: NDArray[np.bool_], rate: Array, share: Array, tpot: Array, ttft: Array) -> Measured:
    """The measures of the batch within the limits that writes most, of each request; no output where there is none."""
    within = holds & (ttft <= asked.ttft_limit) & (tpot <= asked.question.tpot_limit) & (rate > 0)
    written = np.where(within, rate, 0.0)
    best = np.argmax(written, axis=1)[:, None]
    rate, share, tpot, ttft = (
        np.take_along_axis(np.broadcast_to(part, written.shape), best, 1)[:, 0] for part in (written, share, tpot, ttft)
    )
    return {
        "output_rate": rate,
        "decode_rate": rate / (1.0 - share),
        "read_rate": rate * asked.input[:, 0] / asked.output[:, 0] / np.where(rate > 0, share, 1.0),
        "tpot": tpot,
        "ttft": ttft,
    }
