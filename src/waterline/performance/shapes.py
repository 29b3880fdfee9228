"""From what a model card says to numbers: the unsaid worked out, or a generic model from its size alone."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from waterline.core.errors import InputError, MissingFactError
from waterline.performance.constants import Constants
from waterline.performance.model import Model, Shape, active_parameters, count_parameters, expert_parameters


def shape_of(model: Model, constants: Constants) -> Shape:
    """The numbers of a model, with the unsaid worked out.

    Parameters alone give a generic model of that size. Where the total is stated it settles what cards leave
    out: gated or plain MLP, the number of dense layers before experts, weights of linear mixers.

    Raises MissingFactError when neither an architecture nor a parameter count is given, and InputError when a count
    is not positive.
    """
    _check(model)
    shape = _main_shape(model, constants)
    return replace(shape, mtp_layers=float(model.mtp_layers or 0.0))


def _main_shape(model: Model, constants: Constants) -> Shape:
    """The shape without multi-token-prediction modules, which stated totals leave out."""
    if model.layers is None or model.hidden is None or model.heads is None:
        return _generic(model, constants)
    shape = _drawn(model, constants)
    total = model.parameters
    if total is None:
        return replace(shape, gates=1.0) if _plain(model) else shape
    if model.attention is not None and re.search(r"mamba|hybrid", model.attention.lower()):
        return _fill_mixers(shape, model, total)
    candidates = [
        replace(shape, gates=gates, dense_layers=dense, moe_layers=shape.layers - dense)
        for gates in (2.0, 1.0)
        for dense in _dense_choices(model, shape)
    ]
    return min(candidates, key=lambda candidate: abs(float(count_parameters(candidate).total) / total - 1.0))


def _plain(model: Model) -> bool:
    """Whether an MLP looks plain: four times as wide as the model; gated ones of as many weights are narrower."""
    return not model.experts and bool(model.hidden) and model.ffn_hidden == 4.0 * (model.hidden or 0.0)


def _check(model: Model) -> None:
    if model.parameters is None and (model.layers is None or model.hidden is None):
        raise MissingFactError(f"{model.name}: neither an architecture nor a number of parameters is known")
    for name in ("parameters", "active_parameters", "layers", "hidden", "heads", "vocab"):
        value = getattr(model, name)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError(f"{model.name}: {name} must be a positive number, not {value}")
    if model.parameters and model.active_parameters and model.active_parameters > 1.02 * model.parameters:
        raise InputError(f"{model.name}: more active parameters than parameters")


def _dense_choices(model: Model, shape: Shape) -> list[float]:
    if not shape.experts:
        return [shape.layers]
    if model.dense_layers is not None or not model.ffn_hidden:
        return [shape.dense_layers]
    return [float(count) for count in range(int(min(shape.layers, 5)))]


def _drawn(model: Model, constants: Constants) -> Shape:
    layers, hidden, heads = float(model.layers or 0), float(model.hidden or 0), float(model.heads or 0)
    experts = float(model.experts or 0)
    text = (model.attention or "").lower()
    latent = float("mla" in text)
    head_dim = float(model.head_dim or hidden / heads)
    rope = float(model.mla_qk_rope_dim or constants["mla_qk_rope_dim"]) if latent else 0.0
    nope = float(model.mla_qk_nope_dim or constants["mla_qk_nope_dim"]) if latent else head_dim
    dense = layers if not experts else float(model.dense_layers or (1.0 if model.ffn_hidden else 0.0))
    softmax, windowed = attention_mix(text, layers, model.sliding_window)
    expert_ffn = float(model.moe_ffn_hidden or model.ffn_hidden or 0) if experts else 0.0
    return Shape(
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=float(model.kv_heads or heads),
        query_dim=nope + rope,
        value_dim=float(model.mla_v_head_dim or nope) if latent else head_dim,
        vocab=float(model.vocab or constants["default_vocab"]),
        gates=2.0,
        ffn=float(model.ffn_hidden or (expert_ffn if experts else 4.0 * hidden)),
        dense_layers=dense,
        moe_layers=layers - dense,
        experts=experts,
        active_experts=float(model.experts_per_token or 0) if experts else 0.0,
        shared_experts=float(model.shared_experts or 0) if experts else 0.0,
        expert_ffn=expert_ffn,
        attention_layers=softmax,
        windowed_layers=windowed,
        window=float(model.sliding_window or window_in(text) or 0.0),
        latent=latent,
        query_rank=float(model.mla_q_lora_rank or constants["mla_q_lora_rank"]) if latent else 0.0,
        key_rank=float(model.mla_kv_lora_rank or constants["mla_kv_lora_rank"]) if latent else 0.0,
        rope_dim=rope,
        mixer_parameters=(layers - softmax) * 4.0 * hidden * hidden,
        tied=float(bool(model.tied_embeddings)),
        mtp_layers=0.0,
    )


def window_in(text: str) -> float | None:
    """The window in tokens that an attention description names, as in "SWA1024 5:1"."""
    found = re.search(r"(?:swa|window)\s*(\d+)", text.lower())
    return float(found.group(1)) if found else None


def attention_mix(text: str, layers: float, window: float | None) -> tuple[float, float]:
    """Layers with softmax attention, and those of them that see only a window, from a description.

    "5:1" counts the cheaper kind first; "alternate" is 1:1. Linear-attention and state-space layers have no
    softmax attention; for hybrids without a stated ratio one layer in eight keeps it (Nemotron-H, arXiv
    2504.03624, section 2).
    """
    ratio = re.search(r"(?<!\d)(\d{1,4}):(\d{1,4})(?!\d)", text)
    cheaper, dearer = map(float, ratio.groups()) if ratio else (0.0, 0.0)
    cheap = cheaper / (cheaper + dearer) if cheaper or dearer else None
    if re.search(r"linear|mamba|delta|kda|lightning", text):
        return layers * (1.0 - (cheap if cheap is not None else 7.0 / 8.0)), 0.0
    if "swa" in text or "sliding" in text or "chunked" in text or window:
        return layers, layers * (cheap if cheap is not None else 0.5 if "alternat" in text else 1.0)
    return layers, 0.0


def _fill_mixers(shape: Shape, model: Model, total: float) -> Shape:
    """Hybrids of one block per layer: experts explain the total, mixers what remains of the active weights."""
    bare = replace(shape, mixer_parameters=0.0, gates=1.0)
    if shape.experts:
        per_layer = float(expert_parameters(bare)) * (shape.experts + shape.shared_experts)
        moe_layers = min(shape.layers / 2.0, max(1.0, round(0.95 * total / per_layer)))
        bare = replace(bare, dense_layers=0.0, moe_layers=float(moe_layers))
    target = float(model.active_parameters or total)
    missing = target - float(active_parameters(bare)) - shape.vocab * shape.hidden * (1.0 - shape.tied)
    return replace(bare, mixer_parameters=max(missing, 0.0))


def _generic(model: Model, constants: Constants) -> Shape:
    """A gated grouped-query model of the stated size; aspect ratio by `generic_aspect_ratio` (hidden/layers).

    With fewer active than total parameters the MLP becomes experts of which enough are active.
    """
    total = float(model.parameters or 0)
    active = float(model.active_parameters or total)
    aspect, head_dim = constants["generic_aspect_ratio"], constants["generic_head_dim"]
    # 12 weights per hidden² per layer: 4 for attention with MHA width, 8 for the MLP
    width = float(model.hidden or (active * aspect / 12.0) ** (1.0 / 3.0))
    hidden = max(head_dim, round(width / head_dim) * head_dim)
    layers = float(model.layers or max(1.0, round(active / (12.0 * hidden**2))))
    ffn = max(head_dim, round((active / layers - 4.0 * hidden**2) / (3.0 * hidden) / head_dim) * head_dim)
    heads = hidden / head_dim
    dense = replace(
        model,
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=head_dim,
        ffn_hidden=ffn,
        experts=None,
        attention="MHA",
        parameters=None,
    )
    if active >= 0.95 * total:
        return _drawn(dense, constants)
    chosen = constants["generic_active_experts"]
    expert_ffn = ffn / chosen
    needed = (total - active) / (layers * 3.0 * hidden * expert_ffn) + chosen
    half = chosen / 2.0  # experts come in multiples, so that they divide over chips
    experts = max(chosen, round(needed / half) * half)
    return _drawn(
        replace(
            dense,
            ffn_hidden=None,
            experts=experts,
            experts_per_token=chosen,
            shared_experts=0.0,
            moe_ffn_hidden=expert_ffn,
        ),
        constants,
    )
