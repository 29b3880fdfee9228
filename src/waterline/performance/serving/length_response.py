"""How a set-up's rates and times change with the mean lengths of its requests: the engine asked again at other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waterline.core.distribution import Samples
from waterline.performance.serving.candidates import aggregated
from waterline.performance.serving.estimate import Choice
from waterline.performance.serving.prefill_units import best_way, ways_to_read
from waterline.performance.serving.search import BATCHES, Copies, ServingQuestion, batches_of
from waterline.performance.serving.split_plan import decoding_apart, matched
from waterline.performance.serving.steps import Steps, decoding_of, steps_with
from waterline.performance.table import Array, take

LENGTHS = ("input", "cached", "output")
MEASURES = ("decode_rate", "read_rate", "tpot", "ttft")
Measured = Mapping[str, Array]  # `MEASURES` and `output_rate`, output tokens/s per chip (0: serves no such requests)


@dataclass(frozen=True)
class LengthResponse:
    """For each length that varies and each measure, shape (points,): the logarithm of the factor at the first point,
    and its slopes from each point to the next on a logarithmic scale of the length."""

    lines: Mapping[str, Mapping[str, Array]]

    def factor(self, measure: str, climbs: Mapping[str, Array]) -> Samples:
        """Factor by sample on a measure of the set-up: straight in logarithms between the points of each length, and
        the same beyond them. `climbs` are those of samples of each length between its points."""
        logarithm = np.zeros(1)
        for length, lines in self.lines.items():
            start, *slopes = lines[measure]
            logarithm = logarithm + start
            for slope, climb in zip(slopes, climbs[length], strict=True):
                logarithm = logarithm + slope * climb
        return np.exp(logarithm)


def climbs_of(samples: Samples, points: Sequence[float]) -> Array:
    """How far samples have come from each of some rising points to the next on a logarithmic scale, shape
    (points − 1, samples)."""
    places, logarithms = np.log1p(points), np.log1p(samples)
    return np.array([np.clip(logarithms, low, high) - low for low, high in pairwise(places)])


def length_response(choices: Sequence[Choice], points: Mapping[str, Sequence[float]]) -> LengthResponse:
    """The response of the first of `choices` to each of `LENGTHS` alone, at rising `points` of it.

    At each point the best of the choices counts, with its layouts as they are and its best batch within the limits;
    that on the first token is longer by as much as the prompts are. Points at which they serve none count as the
    nearest ones that they serve, so that longer requests count as the longest that they serve.
    """
    copies = choices[0].candidates.copies
    asked = _asked(copies.question, points)
    layouts = [layout for choice in choices for layout in _layouts(choice)]
    steps = iter(_steps(copies, layouts, asked))
    ways = [
        _split(choice, next(steps), next(steps), asked) if choice.split else _together(choice, next(steps), asked)
        for choice in choices
    ]
    best = np.argmax([way["output_rate"] for way in ways], axis=0)
    found = {name: np.choose(best, [way[name] for way in ways]) for name in ("output_rate", *MEASURES)}
    lines: dict[str, dict[str, Array]] = {}
    start = 0
    for length, values in points.items():
        rows = slice(start, start := start + len(values))
        serves = found["output_rate"][rows] > 0
        lines[length] = {
            name: _line(values, serves, found[name][rows] / getattr(choices[0], name)) for name in MEASURES
        }
    return LengthResponse(lines)


def _line(points: Sequence[float], serves: NDArray[np.bool_], ratios: Array) -> Array:
    """Start and slopes of the logarithms of ratios, straight between points that are served and the same beyond."""
    if not serves.any():
        return np.zeros(len(ratios))
    places = np.log1p(points)
    heights = np.interp(places, places[serves], np.log(ratios[serves]))
    return np.concatenate([heights[:1], np.diff(heights) / np.diff(places)])


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


def _layouts(choice: Choice) -> list[int]:
    """The layouts of a choice, as rows of those that fit: where it decodes, and where it reads if that is elsewhere."""
    readers = choice.candidates.readers
    row = int(np.searchsorted(choice.candidates.copies.fitting, choice.index // BATCHES.size))
    return [row] if readers is None else [row, int(readers.layout[choice.index])]


def _steps(copies: Copies, layouts: Sequence[int], asked: _Asked) -> list[Steps]:
    """The steps of one copy of each of some layouts, for each request."""
    rows, size = np.array(layouts)[:, None], (len(layouts), len(asked.input), 1)
    lengths: dict[str, Any] = {name: np.broadcast_to(getattr(asked, name), size) for name in LENGTHS}
    setting = take(copies.steps.setting, rows)
    setting = replace(setting, workload=replace(setting.workload, **lengths))
    steps = steps_with(take(copies.steps.operators, rows), setting, copies.steps.constants)
    return [take(steps, place) for place in range(len(layouts))]


def _together(choice: Choice, steps: Steps, asked: _Asked) -> Measured:
    """An aggregated set-up at its best batch for each request."""
    candidates, index = choice.candidates, choice.index
    deployment = replace(steps.setting.deployment, replicas=candidates.replicas[index])
    steps = replace(steps, setting=replace(steps.setting, deployment=deployment))
    served, share, holds = aggregated(steps, decoding_of(steps, batches_of(steps), steps.room.most))
    return _best(asked, holds, served.throughput / candidates.chips[index], share, served.tpot, served.ttft)


def _split(choice: Choice, steps: Steps, reading: Steps, asked: _Asked) -> Measured:
    """A set-up with chips that only read prompts, at its best batch for each request."""
    deployment = steps.setting.deployment
    decoding = decoding_of(steps, batches_of(steps), steps.room.most)
    step, running, holds = decoding_apart(steps, decoding)
    tpot = step.total
    ways = ways_to_read(reading)
    way = best_way(ways, np.maximum(asked.ttft_limit, np.min(ways.first, axis=0)))
    size, serves = np.asarray(reading.setting.deployment.chips), way.rate > 0
    fed = size * np.where(serves, way.rate, 1.0) * asked.output / asked.input
    written = np.where(holds, running / tpot, 0.0)
    found = matched(asked.question.count, np.asarray(deployment.chips), written, size, fed)
    return _best(asked, holds & serves, found.throughput / found.chips, found.prompt_share, tpot, way.first)


def _best(asked: _Asked, holds: NDArray[np.bool_], rate: Array, share: Array, tpot: Array, ttft: Array) -> Measured:
    """The measures of the batch within the limits that writes most, of each request; no output where there is none."""
    within = holds & (ttft <= asked.ttft_limit) & (tpot <= asked.question.tpot_limit) & (rate > 0)
    written = np.where(within, rate, 0.0)
    best = np.arange(len(written)), np.argmax(written, axis=1)
    rate, share, tpot, ttft = (np.broadcast_to(part, written.shape)[best] for part in (written, share, tpot, ttft))
    return {
        "output_rate": rate,
        "decode_rate": rate / (1.0 - share),
        "read_rate": rate * asked.input[:, 0] / asked.output[:, 0] / np.where(rate > 0, share, 1.0),
        "tpot": tpot,
        "ttft": ttft,
    }
