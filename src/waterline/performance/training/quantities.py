"""The training engine in the graph: the modelled step and its parts, and what they make of a model's tokens.

The engine plans one configuration, so it reads the medians of its inputs; how far its predictions are off is an
uncertain input of its own (`training_error`), a part of it shared by all chips and a part each chip's own.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import of, quantity
from waterline.facts.roles import chip, model, rival_model
from waterline.performance.engine_inputs import CHIP_AND_MODEL, chip_card, medians, model_card, placed_error

if TYPE_CHECKING:
    from waterline.performance.training.estimate import Answer, Question

ENGINE_INPUTS: dict[str, Any] = {
    **CHIP_AND_MODEL,
    "training_precision": model("text", optional=True),
    "training_chips": "count",
}


@quantity("s", opaque=True, **ENGINE_INPUTS)
def modelled_matmul_time(**inputs: Samples) -> Samples:
    """Time of an optimiser step in matrix products, the vocabulary's included.

    modelled_matmul_time = engine(chip, model, training_chips)
    """
    return _part("matmul", inputs)


@quantity("s", opaque=True, **ENGINE_INPUTS)
def modelled_attention_time(**inputs: Samples) -> Samples:
    """Time of an optimiser step in attention.

    modelled_attention_time = engine(chip, model, training_chips)
    """
    return _part("attention", inputs)


@quantity("s", opaque=True, **ENGINE_INPUTS)
def modelled_memory_bound_time(**inputs: Samples) -> Samples:
    """Time of an optimiser step in element-wise kernels and conversions of precision.

    modelled_memory_bound_time = engine(chip, model, training_chips)
    """
    return _part("memory_bound", inputs)


@quantity("s", opaque=True, **ENGINE_INPUTS)
def modelled_recompute_time(**inputs: Samples) -> Samples:
    """Time of an optimiser step in repeating the forward pass for lack of memory.

    modelled_recompute_time = engine(chip, model, training_chips)
    """
    return _part("recompute", inputs)


@quantity("s", opaque=True, **ENGINE_INPUTS)
def modelled_communication_time(**inputs: Samples) -> Samples:
    """Time of an optimiser step in communication that no computation hides.

    modelled_communication_time = engine(chip, model, training_chips)
    """
    return _part("communication", inputs)


@quantity("s", opaque=True, **ENGINE_INPUTS)
def modelled_bubble_time(**inputs: Samples) -> Samples:
    """Time of an optimiser step in which pipeline stages wait for each other.

    modelled_bubble_time = engine(chip, model, training_chips)
    """
    return _part("bubble", inputs)


@quantity("s", opaque=True, **ENGINE_INPUTS)
def modelled_overhead_time(**inputs: Samples) -> Samples:
    """Time of an optimiser step in the weight update, waiting for the host, and stragglers.

    modelled_overhead_time = engine(chip, model, training_chips)
    """
    return _part("overhead", inputs)


@quantity("token", opaque=True, **ENGINE_INPUTS)
def modelled_step_tokens(**inputs: Samples) -> Samples:
    """Tokens of one optimiser step that the engine plans with.

    modelled_step_tokens = engine(chip, model, training_chips)
    """
    answer = _answer(inputs)
    return np.array([answer.tokens_per_second * answer.question.count * float(answer.ranking.time.total[0])])


@quantity("fraction", opaque=True, **ENGINE_INPUTS)
def modelled_log_error(**inputs: Samples) -> Samples:
    """Half-width of the engine's 90% interval for a model and chip of this kind, in the logarithm.

    modelled_log_error = engine(chip, model, training_chips)

    From the errors on published runs of the kind, wider where the plan or the architecture is not known.
    """
    answer = _answer(inputs)
    return np.array([np.log(answer.high / answer.tokens_per_second)])


@quantity("fraction", opaque=True, training_chips="count")
def modelled_goodput(training_chips: Samples) -> Samples:
    """Part of the wall time that trains, after interruptions that grow with the number of chips.

    modelled_goodput = 1 ÷ (1 + training_chips × interruptions per chip-day × hours lost ÷ 24)

    Source: The Llama 3 Herd of Models, section 3.3.4.
    """
    from waterline.performance.training.estimate import goodput

    return np.array([goodput(max(1, round(float(np.median(training_chips)))))])


@quantity(
    "s",
    modelled_matmul_time="s",
    modelled_attention_time="s",
    modelled_memory_bound_time="s",
    modelled_recompute_time="s",
    modelled_communication_time="s",
    modelled_bubble_time="s",
    modelled_overhead_time="s",
)
def modelled_step_time(
    modelled_matmul_time: Samples,
    modelled_attention_time: Samples,
    modelled_memory_bound_time: Samples,
    modelled_recompute_time: Samples,
    modelled_communication_time: Samples,
    modelled_bubble_time: Samples,
    modelled_overhead_time: Samples,
) -> Samples:
    """Time of one optimiser step under the best plan that fits.

    modelled_step_time = modelled_matmul_time + modelled_attention_time + modelled_memory_bound_time
    + modelled_recompute_time + modelled_communication_time + modelled_bubble_time + modelled_overhead_time
    """
    kernels = modelled_matmul_time + modelled_attention_time + modelled_memory_bound_time + modelled_recompute_time
    return kernels + modelled_communication_time + modelled_bubble_time + modelled_overhead_time


@quantity(
    "fraction",
    training_engine_error="fraction",
    training_chip_error=chip("fraction"),
    training_chip_share="fraction",
)
def training_error(
    training_engine_error: Samples, training_chip_error: Samples, training_chip_share: Samples
) -> Samples:
    """Where a run lies in the engine's 90% interval; positive is faster.

    training_error = training_engine_error × √(1 − training_chip_share) + training_chip_error × √training_chip_share

    What the engine is off by for all chips alike cancels in a ratio of two of them; a chip's own part does not.
    """
    return placed_error(training_engine_error, training_chip_error, training_chip_share)


@quantity(
    "token/s",
    modelled_step_tokens="token",
    modelled_step_time="s",
    training_chips="count",
    modelled_log_error="fraction",
    training_error="fraction",
)
def modelled_training_rate(
    modelled_step_tokens: Samples,
    modelled_step_time: Samples,
    training_chips: Samples,
    modelled_log_error: Samples,
    training_error: Samples,
) -> Samples:
    """Tokens a second that one accelerator trains on.

    modelled_training_rate = modelled_step_tokens ÷ (modelled_step_time × training_chips)
    × exp(modelled_log_error × training_error)
    """
    rate = modelled_step_tokens / (modelled_step_time * training_chips)
    return rate * np.exp(modelled_log_error * training_error)


@quantity("hour", training_tokens=model("token"), modelled_training_rate="token/hour", modelled_goodput="fraction")
def modelled_training_gpu_hours(
    training_tokens: Samples, modelled_training_rate: Samples, modelled_goodput: Samples
) -> Samples:
    """Accelerator-hours that the engine expects of the final training run, interruptions included.

    modelled_training_gpu_hours = training_tokens ÷ (modelled_training_rate × modelled_goodput)
    """
    return training_tokens / (modelled_training_rate * modelled_goodput)


@quantity("day", modelled_training_gpu_hours="day", training_chips="count")
def modelled_training_days(modelled_training_gpu_hours: Samples, training_chips: Samples) -> Samples:
    """Days that the engine expects the final training run to take.

    modelled_training_days = modelled_training_gpu_hours ÷ training_chips
    """
    return modelled_training_gpu_hours / training_chips


@quantity(
    "fraction",
    modelled_training_gpu_hours="hour",
    rival_modelled_training_gpu_hours=of("modelled_training_gpu_hours", "hour", model=rival_model, chip=chip),
)
def modelled_training_ratio(
    modelled_training_gpu_hours: Samples, rival_modelled_training_gpu_hours: Samples
) -> Samples:
    """Hours that two models' final runs take like for like: both on the same chip, both as the engine plans them.

    modelled_training_ratio = modelled_training_gpu_hours ÷ rival_modelled_training_gpu_hours
    """
    return modelled_training_gpu_hours / rival_modelled_training_gpu_hours


def _part(name: str, inputs: dict[str, Samples]) -> Samples:
    from waterline.performance.training.plan_report import PARTS

    times = _answer(inputs).ranking.time
    return np.array([sum(float(getattr(times, field)[0]) for field in PARTS[name])])


def _answer(inputs: dict[str, Samples]) -> Answer:
    """The engine's best plan for the medians of the inputs."""
    return planned(question_of(inputs))


@functools.lru_cache(maxsize=64)
def planned(question: Question) -> Answer:
    """The best plan of a question; the same one is planned once."""
    from waterline.performance.training.estimate import best_plans

    return best_plans(question, top=1)


def question_of(inputs: dict[str, Samples]) -> Question:
    """What the medians of `ENGINE_INPUTS` ask the engine."""
    from waterline.performance.training.estimate import Question

    given = medians(inputs)
    return Question(
        model_card(given),
        chip_card(given),
        max(1, round(given["training_chips"])),
        given.get("training_precision", "bf16"),
    )
