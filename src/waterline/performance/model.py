"""Model architectures: what a transformer is made of, and how large each part is.

A `Model` is what a model card says. A `Shape` is the same in numbers alone, with the unsaid worked out, so that
models of many kinds can stand side by side in one array.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.performance.table import Array, Number


@dataclass(frozen=True, kw_only=True)
class Model:
    """A language model as its card describes it; None where the card is silent.

    Widths are counts of elements, `parameters` and `active_parameters` counts of weights. `layers` counts
    transformer layers without multi-token-prediction modules, `dense_layers` those with a dense MLP in a model
    with experts. `attention` is free text: MHA, GQA, MQA, MLA, with "SWA1024 5:1", "alternate", "linear",
    "Mamba" or "DeltaNet" where layers differ. `ffn_hidden` and `moe_ffn_hidden` are widths of one MLP.
    """

    name: str = "model"
    parameters: float | None = None
    active_parameters: float | None = None
    layers: float | None = None
    dense_layers: float | None = None
    hidden: float | None = None
    ffn_hidden: float | None = None
    heads: float | None = None
    kv_heads: float | None = None
    head_dim: float | None = None
    vocab: float | None = None
    experts: float | None = None
    experts_per_token: float | None = None
    shared_experts: float | None = None
    moe_ffn_hidden: float | None = None
    attention: str | None = None
    mla_q_lora_rank: float | None = None
    mla_kv_lora_rank: float | None = None
    mla_qk_rope_dim: float | None = None
    mla_qk_nope_dim: float | None = None
    mla_v_head_dim: float | None = None
    sliding_window: float | None = None
    mtp_layers: float | None = None
    tied_embeddings: bool | None = None
    max_context: float | None = None
    released_bits: float | None = None


@dataclass(frozen=True)
class Shape:
    """A model in numbers. Fields are floats, or arrays of shape (rows,) after `stack`.

    `gates` is the number of input projections of an MLP (2 gated, 1 plain); `latent` is 1 for multi-head latent
    attention; `attention_layers` have softmax attention, `windowed_layers` of them see only `window` tokens;
    `mixer_parameters` are the weights, over all layers, of linear-attention or state-space mixers.
    """

    layers: float
    hidden: float
    heads: float
    kv_heads: float
    query_dim: float
    value_dim: float
    vocab: float
    gates: float
    ffn: float
    dense_layers: float
    moe_layers: float
    experts: float
    active_experts: float
    shared_experts: float
    expert_ffn: float
    attention_layers: float
    windowed_layers: float
    window: float
    latent: float
    query_rank: float
    key_rank: float
    rope_dim: float
    mixer_parameters: float
    tied: float
    mtp_layers: float


@dataclass(frozen=True)
class ParameterCount:
    """Weights of a model by part, each a float or an array of shape (rows,)."""

    attention: Number
    dense_mlp: Number
    experts: Number
    shared_experts: Number
    router: Number
    mixers: Number
    embedding: Number
    logits: Number

    @property
    def total(self) -> Number:
        """All weights, input embedding and untied logits included."""
        return self.body + self.experts + self.embedding + self.logits

    @property
    def body(self) -> Number:
        """Weights that every token uses, without embedding, logits and routed experts."""
        return self.attention + self.dense_mlp + self.shared_experts + self.router + self.mixers


def attention_parameters(shape: Shape) -> Number:
    """Weights of one softmax-attention layer; MLA by the DeepSeek-V2 report, section 2.1 (arXiv 2405.04434)."""
    plain = shape.hidden * (shape.heads * (shape.query_dim + shape.value_dim))
    plain = plain + shape.hidden * shape.kv_heads * (shape.query_dim + shape.value_dim)
    nope = shape.query_dim - shape.rope_dim
    latent = (
        shape.hidden * shape.query_rank
        + shape.query_rank * shape.heads * shape.query_dim
        + shape.hidden * (shape.key_rank + shape.rope_dim)
        + shape.key_rank * shape.heads * (nope + shape.value_dim)
        + shape.heads * shape.value_dim * shape.hidden
    )
    return shape.latent * latent + (1.0 - shape.latent) * plain


def count_parameters(shape: Shape) -> ParameterCount:
    """Weights by part; norms and biases, under 0.1% of any model here, are left out."""
    # multi-token-prediction modules carry an expert layer each where the model has experts
    moe_layers = shape.moe_layers + shape.mtp_layers * (shape.experts > 0)
    one_expert = expert_parameters(shape)
    return ParameterCount(
        attention=(shape.attention_layers + shape.mtp_layers) * attention_parameters(shape),
        dense_mlp=shape.dense_layers * (shape.gates + 1.0) * shape.hidden * shape.ffn,
        experts=moe_layers * shape.experts * one_expert,
        shared_experts=moe_layers * shape.shared_experts * one_expert,
        router=shape.moe_layers * shape.hidden * shape.experts,
        mixers=shape.mixer_parameters,
        embedding=shape.vocab * shape.hidden,
        logits=(1.0 - shape.tied) * shape.vocab * shape.hidden,
    )


def expert_parameters(shape: Shape) -> Number:
    """Weights of one expert."""
    return (shape.gates + 1.0) * shape.hidden * shape.expert_ffn


def active_parameters(shape: Shape) -> Number:
    """Weights one token multiplies with: experts by their active number, embedding look-up left out."""
    count = count_parameters(shape)
    share = np.asarray(shape.active_experts / np.maximum(shape.experts, 1.0))  # both are 0 without experts
    return count.body + count.experts * share + shape.vocab * shape.hidden * (1.0 + shape.mtp_layers)


def model_flops_per_token(shape: Shape, sequence: Array) -> Array:
    """Useful FLOP per token of training, forward and backward, without any recomputation.

    6 × active weights + 6 × attention width × layers × attended length, as in the PaLM paper's appendix B
    (arXiv 2204.02311), the attended length halved for the causal mask.
    """
    reach = 0.5 * np.asarray(sequence, dtype=float)
    windowed = np.asarray(shape.windowed_layers)
    span = (shape.attention_layers - windowed) * reach + windowed * np.minimum(shape.window, reach)
    attention = 2.0 * shape.heads * (shape.query_dim + shape.value_dim) * span
    return np.asarray(3.0 * (2.0 * active_parameters(shape) + attention), dtype=float)
