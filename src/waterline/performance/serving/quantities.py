"""The serving engine in the graph: what one chip serves of a model, how fast, and with what energy.

The engine plans one workload, so it reads the medians of its inputs; how far its predictions are off is an
uncertain input of its own (`serving_engine_error`).
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import lab
from waterline.performance.engine_inputs import CHIP_AND_MODEL, chip_card, medians, model_card
from waterline.performance.serving.constants import serving_constants

if TYPE_CHECKING:
    from waterline.performance.serving.estimate import Choice
    from waterline.performance.serving.search import ServingQuestion

_INPUTS: dict[str, Any] = {
    **CHIP_AND_MODEL,
    "serving_input_length": "token",
    "cached_input_length": "token",
    "serving_output_length": "token",
    "serving_ttft_limit": "s",
    "serving_tpot_limit": "s",
}
_ERRORS: dict[str, Any] = {
    "serving_engine_error": "fraction",
    "serving_split": "fraction",
    "split_engine_error": "fraction",
}


@quantity("token", serving_input_length="token", cached_share=lab("fraction"))
def cached_input_length(serving_input_length: Samples, cached_share: Samples) -> Samples:
    """Input tokens of a request that are found in a cache: held in memory and attended to, but not read again.

    cached_input_length = serving_input_length × cached_share ÷ (1 − cached_share)

    `serving_input_length` counts the tokens that are read; `cached_share` is a part of both together.
    """
    return serving_input_length * cached_share / (1 - cached_share)


@quantity("token/s", opaque=True, **_INPUTS)
def modelled_serving_throughput(**inputs: Samples) -> Samples:
    """Output tokens a second of each chip that serves the workload in the best set-up within the limits.

    modelled_serving_throughput = engine(chip, model, workload, limits)
    """
    return np.array([_best(inputs).output_rate])


@quantity("fraction", opaque=True, **_INPUTS)
def serving_prompt_share(**inputs: Samples) -> Samples:
    """Part of the chips' time that reads prompts; the rest writes output.

    serving_prompt_share = engine(chip, model, workload, limits)
    """
    return np.array([_best(inputs).prompt_share])


@quantity("fraction", opaque=True, **_INPUTS)
def serving_split(**inputs: Samples) -> Samples:
    """1 where the best set-up reads prompts on chips of their own, 0 where the same chips read and write.

    serving_split = engine(chip, model, workload, limits)
    """
    return np.array([float(_best(inputs).split)])


@quantity("token/s", opaque=True, **_INPUTS)
def modelled_input_rate(**inputs: Samples) -> Samples:
    """Input tokens a second of each chip in the part of its time that reads prompts.

    modelled_input_rate = engine(chip, model, workload, limits)
    """
    best = _best(inputs)
    question = best.candidates.question
    return np.array([best.output_rate * question.input / question.output / best.prompt_share])


@quantity("s", opaque=True, **_INPUTS)
def modelled_tpot(**inputs: Samples) -> Samples:
    """Time per output token after the first in that layout.

    modelled_tpot = engine(chip, model, workload, limits)
    """
    return np.array([_best(inputs).tpot])


@quantity("s", opaque=True, **_INPUTS)
def modelled_ttft(**inputs: Samples) -> Samples:
    """Time to the first token in that layout.

    modelled_ttft = engine(chip, model, workload, limits)
    """
    return np.array([_best(inputs).ttft])


@quantity("token/s", modelled_serving_throughput="token/s", opaque=True, **_ERRORS)
def serving_throughput(modelled_serving_throughput: Samples, **errors: Samples) -> Samples:
    """Output tokens a second of one chip, the time that it reads prompts included.

    serving_throughput = modelled_serving_throughput × exp(model_error × serving_engine_error + split_error ×
    split_engine_error × serving_split)
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

    serving_input_rate = modelled_input_rate × exp(model_error × serving_engine_error + split_error ×
    split_engine_error × serving_split)
    """
    return modelled_input_rate * np.exp(_deviation("throughput", errors))


@quantity("s", modelled_tpot="s", opaque=True, **_ERRORS)
def serving_tpot(modelled_tpot: Samples, **errors: Samples) -> Samples:
    """Time per output token after the first.

    serving_tpot = modelled_tpot × exp(−model_error × serving_engine_error − split_error × split_engine_error ×
    serving_split)

    A machine faster than modelled is faster in every figure.
    """
    return modelled_tpot * np.exp(-_deviation("tpot", errors))


@quantity("s", modelled_ttft="s", opaque=True, **_ERRORS)
def serving_ttft(modelled_ttft: Samples, **errors: Samples) -> Samples:
    """Time to the first token.

    serving_ttft = modelled_ttft × exp(−model_error × serving_engine_error − split_error × split_engine_error ×
    serving_split)
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
    return together * errors["serving_engine_error"] + own * errors["split_engine_error"] * errors["serving_split"]


def _best(inputs: dict[str, Samples]) -> Choice:
    """The engine's best set-up, aggregated or split, for the medians of the inputs."""
    from waterline.performance.serving.search import ServingQuestion

    given = medians(inputs)
    return _planned(
        ServingQuestion(
            model_card(given),
            chip_card(given),
            input=given["serving_input_length"],
            output=given["serving_output_length"],
            cached=given["cached_input_length"],
            ttft_limit=given["serving_ttft_limit"],
            tpot_limit=given["serving_tpot_limit"],
        )
    )


@functools.lru_cache(maxsize=64)
def _planned(question: ServingQuestion) -> Choice:
    """The best set-up of a question; the same one is planned once."""
    from waterline.performance.serving.estimate import best_serving

    return best_serving(question).best[0]
