"""The serving engine in the graph: what one chip serves of a model, how fast, and with what energy.

The engine plans one set-up, for the medians of its inputs; where lengths of requests are uncertain it is asked again
what that set-up does with shorter and longer ones. How far its predictions are off are uncertain inputs of their own:
`serving_error`, a part of it shared by all chips and a part each chip's own, `split_engine_error` for set-ups with
chips that only read prompts, and `serving_maker_error`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, lab, maker
from waterline.performance.engine_inputs import CHIP_AND_MODEL, chip_card, medians, model_card, placed_error
from waterline.performance.serving.constants import serving_constants
from waterline.performance.table import Array

if TYPE_CHECKING:
    from waterline.performance.serving.estimate import Choice
    from waterline.performance.serving.length_response import LengthResponse
    from waterline.performance.serving.search import ServingQuestion

POINTS = (5.0, 50.0, 95.0)  # of uncertain lengths, percent
LENGTHS = {"input": "serving_input_length", "cached": "cached_input_length", "output": "serving_output_length"}
_UNREAD = ("chip_tdp", "chip_tf32_flops", "chip_int8_ops")  # of a chip, at the precision that the engine takes itself
_INPUTS: dict[str, Any] = {
    **{name: origin for name, origin in CHIP_AND_MODEL.items() if name not in _UNREAD},
    "serving_input_length": "token",
    "cached_input_length": "token",
    "serving_output_length": "token",
    "serving_ttft_limit": "s",
    "serving_tpot_limit": "s",
}
_ERRORS: dict[str, Any] = {
    "serving_error": "fraction",
    "serving_split": "fraction",
    "split_engine_error": "fraction",
    "serving_maker_error": maker("fraction"),
}


@quantity("token", serving_input_length="token", cached_share=lab("fraction"))
def cached_input_length(serving_input_length: Samples, cached_share: Samples) -> Samples:
    """Input tokens of a request that are found in a cache: held in memory and attended to, but not read again.

    cached_input_length = serving_input_length × cached_share ÷ (1 − cached_share)

    `serving_input_length` counts the tokens that are read; `cached_share` is a part of both together.
    """
    return serving_input_length * cached_share / (1 - cached_share)


@quantity("token/s", opaque=True, **_INPUTS)
def modelled_decode_rate(**inputs: Samples) -> Samples:
    """Output tokens a second of each chip in the time that it decodes, in the best set-up within the limits.

    modelled_decode_rate = engine(chip, model, workload, limits)
    """
    return _measured("decode_rate", inputs)


@quantity("token/s", opaque=True, **_INPUTS)
def modelled_input_rate(**inputs: Samples) -> Samples:
    """Input tokens a second of each chip in the time that it reads prompts, in that set-up.

    modelled_input_rate = engine(chip, model, workload, limits)
    """
    return _measured("read_rate", inputs)


@quantity(
    "token/s", modelled_decode_rate="token/s", modelled_input_rate="token/s", serving_input_length="token",
    serving_output_length="token",
)  # fmt: skip
def modelled_serving_throughput(
    modelled_decode_rate: Samples, modelled_input_rate: Samples, serving_input_length: Samples,
    serving_output_length: Samples,
) -> Samples:  # fmt: skip
    """Output tokens a second of each chip, the time that it reads prompts included.

    modelled_serving_throughput = 1 ÷ (1 ÷ modelled_decode_rate + serving_input_length ÷ serving_output_length ÷
    modelled_input_rate)
    """
    prompts = serving_input_length / serving_output_length
    return 1.0 / (1.0 / modelled_decode_rate + prompts / modelled_input_rate)


@quantity("fraction", modelled_serving_throughput="token/s", modelled_decode_rate="token/s")
def serving_prompt_share(modelled_serving_throughput: Samples, modelled_decode_rate: Samples) -> Samples:
    """Part of the chips' time that reads prompts; the rest writes output.

    serving_prompt_share = 1 − modelled_serving_throughput ÷ modelled_decode_rate
    """
    return 1.0 - modelled_serving_throughput / modelled_decode_rate


@quantity("fraction", opaque=True, **_INPUTS)
def serving_split(**inputs: Samples) -> Samples:
    """1 where the best set-up reads prompts on chips of their own, 0 where the same chips read and write.

    serving_split = engine(chip, model, workload, limits)
    """
    return np.array([float(_planned(_question(inputs, _lengths(inputs)))[0].split)])


@quantity("s", opaque=True, **_INPUTS)
def modelled_tpot(**inputs: Samples) -> Samples:
    """Time per output token after the first in that set-up.

    modelled_tpot = engine(chip, model, workload, limits)
    """
    return _measured("tpot", inputs)


@quantity("s", opaque=True, **_INPUTS)
def modelled_ttft(**inputs: Samples) -> Samples:
    """Time to the first token in that set-up.

    modelled_ttft = engine(chip, model, workload, limits)
    """
    return _measured("ttft", inputs)


@quantity(
    "fraction",
    serving_engine_error="fraction",
    serving_chip_error=chip("fraction"),
    serving_chip_share="fraction",
)
def serving_error(serving_engine_error: Samples, serving_chip_error: Samples, serving_chip_share: Samples) -> Samples:
    """Where a deployment lies in the engine's 90% interval; positive is faster.

    serving_error = serving_engine_error × √(1 − serving_chip_share) + serving_chip_error × √serving_chip_share

    What the engine is off by for all chips alike cancels in a ratio of two of them; a chip's own part does not.
    """
    return placed_error(serving_engine_error, serving_chip_error, serving_chip_share)


@quantity("token/s", modelled_serving_throughput="token/s", opaque=True, **_ERRORS)
def serving_throughput(modelled_serving_throughput: Samples, **errors: Samples) -> Samples:
    """Output tokens a second of one chip, the time that it reads prompts included.

    serving_throughput = modelled_serving_throughput × exp(model_error × serving_error + split_error ×
    split_engine_error × serving_split + serving_maker_error)
    """
    return modelled_serving_throughput * np.exp(_deviation("throughput", errors))


@quantity("token/s", serving_throughput="token/s", serving_prompt_share="fraction")
def serving_output_rate(serving_throughput: Samples, serving_prompt_share: Samples) -> Samples:
    """Output tokens a second of one chip in the time that it writes output.

    serving_output_rate = serving_throughput ÷ (1 − serving_prompt_share)

    With `serving_input_rate` it splits the chips' time, so that the costs of a request's input and output add up
    to what the chips cost.
    """
    return serving_throughput / (1.0 - serving_prompt_share)


@quantity("token/s", modelled_input_rate="token/s", opaque=True, **_ERRORS)
def serving_input_rate(modelled_input_rate: Samples, **errors: Samples) -> Samples:
    """Input tokens a second of one chip in the time that it reads prompts.

    serving_input_rate = modelled_input_rate × exp(model_error × serving_error + split_error ×
    split_engine_error × serving_split + serving_maker_error)
    """
    return modelled_input_rate * np.exp(_deviation("throughput", errors))


@quantity("s", modelled_tpot="s", opaque=True, **_ERRORS)
def serving_tpot(modelled_tpot: Samples, **errors: Samples) -> Samples:
    """Time per output token after the first.

    serving_tpot = modelled_tpot × exp(−model_error × serving_error − split_error × split_engine_error ×
    serving_split − serving_maker_error)

    A machine faster than modelled is faster in every figure.
    """
    return modelled_tpot * np.exp(-_deviation("tpot", errors))


@quantity("s", modelled_ttft="s", opaque=True, **_ERRORS)
def serving_ttft(modelled_ttft: Samples, **errors: Samples) -> Samples:
    """Time to the first token.

    serving_ttft = modelled_ttft × exp(−model_error × serving_error − split_error × split_engine_error ×
    serving_split − serving_maker_error)
    """
    return modelled_ttft * np.exp(-_deviation("ttft", errors))


@quantity("J/token", power_per_chip="W", serving_power_share="fraction", serving_throughput="token/s")
def serving_energy_per_token(
    power_per_chip: Samples, serving_power_share: Samples, serving_throughput: Samples
) -> Samples:
    """Energy at the wall of the server for one output token, its share of the prompt included.

    serving_energy_per_token = power_per_chip × serving_power_share ÷ serving_throughput
    """
    return power_per_chip * serving_power_share / serving_throughput


def _deviation(metric: str, errors: dict[str, Samples]) -> Samples:
    """Natural logarithm by which machines are faster than modelled.

    Published runs of a given concurrency give the half-width of the 90% interval that all set-ups share; split runs are
    further off, by an error of their own that is independent of it.
    """
    together, apart = (serving_constants().of("model_error", f"{metric}_{kind}") for kind in ("closed", "split"))
    own = math.sqrt(max(apart**2 - together**2, 0.0))
    split = own * errors["split_engine_error"] * errors["serving_split"]
    return together * errors["serving_error"] + split + errors["serving_maker_error"]


def _measured(measure: str, inputs: dict[str, Samples]) -> Samples:
    """A rate or time of the best set-up for the medians of the inputs, by sample of the lengths of requests."""
    lengths = _lengths(inputs)
    question = _question(inputs, lengths)
    value = np.array([float(getattr(_planned(question)[0], measure))])
    varied = {name: length for name, length in lengths.items() if len(length.points) > 1}
    if not varied:
        return value
    response = _response(question, tuple((name, length.points) for name, length in varied.items()))
    return value * response.factor(measure, {name: length.climbs for name, length in varied.items()})


def _question(inputs: dict[str, Samples], lengths: dict[str, _Length]) -> ServingQuestion:
    """What the medians of the inputs ask the engine."""
    from waterline.performance.serving.search import ServingQuestion

    given = medians({name: samples for name, samples in inputs.items() if name not in LENGTHS.values()})
    usual: dict[str, Any] = {name: length.median for name, length in lengths.items()}
    return ServingQuestion(
        model_card(given),
        chip_card(given),
        ttft_limit=given["serving_ttft_limit"],
        tpot_limit=given["serving_tpot_limit"],
        **usual,
    )


@dataclass(frozen=True)
class _Length:
    """Mean lengths of requests in samples: their median, the distinct `POINTS`, and how far each sample has come from
    one of these to the next."""

    median: float
    points: tuple[float, ...]
    climbs: Array


def _lengths(inputs: dict[str, Samples]) -> dict[str, _Length]:
    """The lengths of requests by the engine's name for them."""
    return {name: _length(np.asarray(inputs[quantity]).tobytes()) for name, quantity in LENGTHS.items()}


@functools.lru_cache(maxsize=16)
def _length(content: bytes) -> _Length:
    """One length from the bytes of its samples: every measure of every set-up asks for the same few."""
    from waterline.performance.serving.length_response import climbs_of

    samples = np.frombuffer(content)
    points = tuple(float(point) for point in np.unique(np.percentile(samples, POINTS)))
    return _Length(float(np.median(samples)), points, climbs_of(samples, points))


@functools.lru_cache(maxsize=64)
def _planned(question: ServingQuestion) -> tuple[Choice, ...]:
    """The best set-up of a question, and after it the best of the other mode; the same one is planned once."""
    from waterline.performance.serving.estimate import best_serving

    best = best_serving(question).best
    other = next((choice for choice in best if choice.split != best[0].split), None)
    return (best[0],) if other is None else (best[0], other)


@functools.lru_cache(maxsize=64)
def _response(question: ServingQuestion, points: tuple[tuple[str, tuple[float, ...]], ...]) -> LengthResponse:
    """How the best set-up of a question answers to other lengths; the same points are asked once."""
    from waterline.performance.serving.length_response import length_response

    return length_response(_planned(question), dict(points))
