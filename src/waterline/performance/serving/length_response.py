"""How a set-up's rates and times change with the mean lengths of its requests: the engine asked again at other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from waterline.core.distribution import Samples
from waterline.performance.constants import Constants
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.estimate import Choice
from waterline.performance.serving.search import Candidates, candidates_of
from waterline.performance.serving.setting import Setting
from waterline.performance.serving.split_plan import split_candidates
from waterline.performance.table import Array

LENGTHS = ("input", "cached", "output")
MEASURES = ("decode_rate", "read_rate", "tpot", "ttft")


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
    places: dict[str, Array] = {}
    factors: dict[str, dict[str, Array]] = {}
    for length, values in points.items():
        served = [(value, again) for value in values if (again := _best_again(choices, length, value, constants))]
        if served:
            places[length] = np.log1p([value for value, _ in served])
            factors[length] = {
                name: np.log([getattr(again, name) / getattr(choices[0], name) for _, again in served])
                for name in MEASURES
            }
    return LengthResponse(places, factors)


def _best_again(choices: Sequence[Choice], length: str, value: float, constants: Constants) -> Choice | None:
    found = [again for choice in choices if (again := _again(choice, length, value, constants))]
    return max(found, key=lambda again: again.output_rate, default=None)


def _again(choice: Choice, length: str, value: float, constants: Constants) -> Choice | None:
    """A set-up for another mean length, cut to the model's context, at its best batch; None where it serves none."""
    question, readers = choice.candidates.question, choice.candidates.readers
    if value == getattr(question, length):
        return choice
    others = sum(getattr(question, name) for name in LENGTHS if name != length)
    longest = (question.model.max_context or np.inf) - others
    changed = replace(question, **{length: min(value, longest)})
    changed = replace(changed, ttft_limit=question.ttft_limit * max(1.0, changed.input / question.input))
    layouts = _layout(choice.candidates.setting, choice.index)
    if readers is None:
        pool: Candidates | None = candidates_of(changed, constants, layouts)
    else:
        reading = _layout(readers.setting, int(readers.layout[choice.index]))
        pool = split_candidates(changed, constants, layouts, reading)
    if pool is None or not pool.within.any():
        return None
    return Choice(pool, int(np.argmax(np.where(pool.within, pool.output_rate, -1.0))))


def _layout(setting: Setting, index: int) -> Array:
    """Degrees of one layout, shape (1, 4)."""
    deployment = setting.deployment
    names = ("tensor", "attention_data", "expert", "pipeline")
    return np.array([[float(np.asarray(getattr(deployment, name))[index]) for name in names]])
