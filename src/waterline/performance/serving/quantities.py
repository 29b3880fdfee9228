"""The serving engine in the graph: what one chip serves of a model, how fast, and with what energy.

The engine plans one workload, so it reads the medians of its inputs; how far its predictions are off is an
uncertain input of its own (`serving_error`), a part of it shared by all chips and a part each chip's own.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import chip, maker
from waterline.performance.engine_inputs import CHIP_AND_MODEL, chip_card, medians, model_card
from waterline.performance.serving.constants import serving_constants

if TYPE_CHECKING:
    from waterline.performance.serving.estimate import ServingAnswer
    from waterline.performance.serving.search import ServingQuestion

_INPUTS: dict[str, Any] = {
    **CHIP_AND_MODEL,
    "serving_input_length": "token",
    "serving_output_length": "token",
    "serving_ttft_limit": "s",
    "serving_tpot_limit": "s",
}
_ERRORS: dict[str, Any] = {"serving_error": "fraction", "serving_maker_error": maker("fraction")}


@quantity("token/s", opaque=True, **_INPUTS)
def modelled_serving_throughput(**inputs: Samples) -> Samples:
    """Output tokens a second of each chip that serves the workload in the best layout within the limits.

    modelled_serving_throughput = engine(chip, model, workload, limits)
    """
    answer = _answer(inputs)
    return np.array([float(answer.candidates.output_rate[answer.first])])


@quantity("fraction", opaque=True, **_INPUTS)
def serving_prompt_share(**inputs: Samples) -> Samples:
    """Part of the chips' time that reads prompts; the rest writes output.

    serving_prompt_share = engine(chip, model, workload, limits)
    """
    answer = _answer(inputs)
    return np.array([float(answer.candidates.prompt_share[answer.first])])


@quantity("token/s", opaque=True, **_INPUTS)
def modelled_input_rate(**inputs: Samples) -> Samples:
    """Input tokens a second of each chip in the part of its time that reads prompts.

    modelled_input_rate = engine(chip, model, workload, limits)
    """
    answer = _answer(inputs)
    question, first = answer.candidates.question, answer.first
    rate = answer.candidates.output_rate[first] * question.input / question.output
    return np.array([float(rate / answer.candidates.prompt_share[first])])


@quantity("s", opaque=True, **_INPUTS)
def modelled_tpot(**inputs: Samples) -> Samples:
    """Time per output token after the first in that layout.

    modelled_tpot = engine(chip, model, workload, limits)
    """
    answer = _answer(inputs)
    return np.array([float(answer.candidates.served.tpot[answer.first])])


@quantity("s", opaque=True, **_INPUTS)
def modelled_ttft(**inputs: Samples) -> Samples:
    """Time to the first token in that layout.

    modelled_ttft = engine(chip, model, workload, limits)
    """
    answer = _answer(inputs)
    return np.array([float(answer.candidates.served.ttft[answer.first])])


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
    return serving_engine_error * (1 - serving_chip_share) ** 0.5 + serving_chip_error * serving_chip_share**0.5


@quantity("token/s", modelled_serving_throughput="token/s", opaque=True, **_ERRORS)
def serving_throughput(
    modelled_serving_throughput: Samples, serving_error: Samples, serving_maker_error: Samples
) -> Samples:
    """Output tokens a second of one chip, the time that it reads prompts included.

    serving_throughput = modelled_serving_throughput × exp(model_error × serving_error + serving_maker_error)
    """
    return modelled_serving_throughput * np.exp(_width("throughput") * serving_error + serving_maker_error)


@quantity("token/s", serving_throughput="token/s", serving_prompt_share="fraction")
def serving_output_rate(serving_throughput: Samples, serving_prompt_share: Samples) -> Samples:
    """Output tokens a second of one chip in the time that it writes output.

    serving_output_rate = serving_throughput ÷ (1 − serving_prompt_share)

    With `serving_input_rate` it splits the chips' time, so that the costs of a request's input and output add up
    to what the chips cost.
    """
    return serving_throughput / (1.0 - serving_prompt_share)


@quantity("token/s", modelled_input_rate="token/s", opaque=True, **_ERRORS)
def serving_input_rate(modelled_input_rate: Samples, serving_error: Samples, serving_maker_error: Samples) -> Samples:
    """Input tokens a second of one chip in the time that it reads prompts.

    serving_input_rate = modelled_input_rate × exp(model_error × serving_error + serving_maker_error)
    """
    return modelled_input_rate * np.exp(_width("throughput") * serving_error + serving_maker_error)


@quantity("s", modelled_tpot="s", opaque=True, **_ERRORS)
def serving_tpot(modelled_tpot: Samples, serving_error: Samples, serving_maker_error: Samples) -> Samples:
    """Time per output token after the first.

    serving_tpot = modelled_tpot × exp(−model_error × serving_error − serving_maker_error)

    A machine faster than modelled is faster in every figure.
    """
    return modelled_tpot * np.exp(-_width("tpot") * serving_error - serving_maker_error)


@quantity("s", modelled_ttft="s", opaque=True, **_ERRORS)
def serving_ttft(modelled_ttft: Samples, serving_error: Samples, serving_maker_error: Samples) -> Samples:
    """Time to the first token.

    serving_ttft = modelled_ttft × exp(−model_error × serving_error − serving_maker_error)
    """
    return modelled_ttft * np.exp(-_width("ttft") * serving_error - serving_maker_error)


@quantity("J/token", power_per_chip="W", serving_power_share="fraction", serving_throughput="token/s")
def serving_energy_per_token(
    power_per_chip: Samples, serving_power_share: Samples, serving_throughput: Samples
) -> Samples:
    """Energy at the wall of the server for one output token, its share of the prompt included.

    serving_energy_per_token = power_per_chip × serving_power_share ÷ serving_throughput
    """
    return power_per_chip * serving_power_share / serving_throughput


def _width(metric: str) -> float:
    """Half-width of the engine's 90% interval at a given concurrency, in natural logarithms."""
    return serving_constants().of("model_error", f"{metric}_closed")


def _answer(inputs: dict[str, Samples]) -> ServingAnswer:
    """The engine's best layout for the medians of the inputs."""
    from waterline.performance.serving.search import ServingQuestion

    given = medians(inputs)
    return _planned(
        ServingQuestion(
            model_card(given),
            chip_card(given),
            input=given["serving_input_length"],
            output=given["serving_output_length"],
            ttft_limit=given["serving_ttft_limit"],
            tpot_limit=given["serving_tpot_limit"],
        )
    )


@functools.lru_cache(maxsize=64)
def _planned(question: ServingQuestion) -> ServingAnswer:
    """The best layout of a question; the same one is planned once."""
    from waterline.performance.serving.estimate import best_serving

    return best_serving(question)
