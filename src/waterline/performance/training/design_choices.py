"""What single design choices of a model save in training, in accelerator-hours.

Each is the same training planned twice: as it is, and without the choice. The two share everything else, the
engine's error included, so that the difference is the choice alone. A choice that a model does not make saves 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import model
from waterline.performance.constants import default_constants
from waterline.performance.model import Model, count_parameters
from waterline.performance.shapes import shape_of
from waterline.performance.training.quantities import ENGINE_INPUTS, planned, question_of

if TYPE_CHECKING:
    from waterline.performance.training.estimate import Question

_INPUTS: dict[str, Any] = {
    **ENGINE_INPUTS,
    "training_tokens": model("token"),
    "modelled_log_error": "fraction",
    "training_error": "fraction",
}
GROUPED_KEYS = 8.0  # key heads of grouped-query attention in models of this size (Llama 3.1 405B, Qwen3 235B)


@quantity("hour", opaque=True, **_INPUTS)
def gpu_hours_saved_by_fp8(**inputs: Samples) -> Samples:
    """Accelerator-hours saved by training in 8 bits instead of 16.

    gpu_hours_saved_by_fp8 = engine(training_precision = bf16) − engine(as it is)
    """
    question = question_of(_engine(inputs))
    return _saved(inputs, question, replace(question, precision="bf16"))


@quantity("hour", opaque=True, **_INPUTS)
def gpu_hours_saved_by_latent_attention(**inputs: Samples) -> Samples:
    """Accelerator-hours saved in training by multi-head latent attention instead of grouped-query attention.

    gpu_hours_saved_by_latent_attention = engine(as many query heads, 8 key heads) − engine(as it is)

    Latent attention is made for a small cache in inference; in training its projections cost more, so that this
    is below zero.
    """
    question = question_of(_engine(inputs))
    return _saved(inputs, question, replace(question, model=with_grouped_attention(question.model)))


@quantity("hour", opaque=True, **_INPUTS)
def gpu_hours_saved_by_experts(**inputs: Samples) -> Samples:
    """Accelerator-hours saved by a mixture of experts instead of a dense model with as many parameters.

    gpu_hours_saved_by_experts = engine(dense, equal parameters) − engine(as it is)

    A dense model of that size might need fewer tokens for the same quality; tokens are kept equal here.
    """
    question = question_of(_engine(inputs))
    return _saved(inputs, question, replace(question, model=made_dense(question.model)))


@quantity("hour", opaque=True, **_INPUTS)
def gpu_hours_saved_by_dualpipe(**inputs: Samples) -> Samples:
    """Accelerator-hours saved by a DualPipe schedule instead of 1F1B, overlap of expert exchange included.

    gpu_hours_saved_by_dualpipe = engine(1F1B) − engine(DualPipe)

    Source: DeepSeek-V3 Technical Report, section 3.2.1.
    """
    question = question_of(_engine(inputs))
    return _saved(inputs, replace(question, schedule="dualpipe"), replace(question, schedule="1f1b"))


def with_grouped_attention(original: Model) -> Model:
    """The model with grouped-query attention in place of latent attention; itself when it has none."""
    if "mla" not in (original.attention or "").lower():
        return original
    shape = shape_of(original, default_constants())
    return replace(
        original,
        attention="GQA",
        kv_heads=min(GROUPED_KEYS, shape.heads),
        head_dim=shape.value_dim,
        parameters=None,
    )


def made_dense(original: Model) -> Model:
    """The model with one wide MLP per layer in place of experts, of as many parameters; itself when it has none."""
    shape = shape_of(original, default_constants())
    if not shape.experts:
        return original
    count = count_parameters(replace(shape, mtp_layers=0.0))
    mlps = float(count.experts + count.shared_experts + count.router + count.dense_mlp)
    return replace(
        original,
        experts=None,
        experts_per_token=None,
        shared_experts=None,
        moe_ffn_hidden=None,
        dense_layers=None,
        ffn_hidden=float(round(mlps / (shape.layers * (shape.gates + 1.0) * shape.hidden))),
        parameters=None,
        active_parameters=None,
    )


def _engine(inputs: dict[str, Samples]) -> dict[str, Samples]:
    return {name: values for name, values in inputs.items() if name in ENGINE_INPUTS}


def _saved(inputs: dict[str, Samples], made: Question, instead: Question) -> Samples:
    """Hours of the training instead, less hours of the one made, under the engine's common error."""
    from waterline.performance.training.estimate import goodput

    useful = 3600.0 * goodput(made.count)
    slower = 1.0 / planned(instead).tokens_per_second - 1.0 / planned(made).tokens_per_second
    error = np.exp(-inputs["modelled_log_error"] * inputs["training_error"])
    return np.asarray(inputs["training_tokens"] * slower / useful * error)
