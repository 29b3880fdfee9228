"""The two steps of serving: decoding one token of every running request, and reading one prompt."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.attention import decode_attention_time, prefill_attention_time
from waterline.performance.serving.forward import PassTime, forward_time
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array


def decode_time(setting: Setting, constants: Constants, running: Array, context: Array) -> PassTime:
    """One step that yields a token of each of `running` requests of a copy, each over `context` tokens.

    Pipeline stages work on different requests, so that a pass carries its share of them; speculative decoding
    checks `draft` proposals beside each token and pays for making them.
    """
    deployment, workload = setting.deployment, setting.workload
    group = running / deployment.attention_data / deployment.pipeline
    checked = group * (1.0 + np.asarray(workload.draft))
    time = forward_time(setting, constants, checked, checked, captured=True)
    attention = decode_attention_time(setting, constants, group, context)
    drafting = 1.0 + np.asarray(workload.draft) * constants["draft_share"]
    whole = np.maximum(attention.whole, attention.moved)
    step = replace(time, cache=attention.moved, attention=whole - attention.moved)
    return PassTime(**{name: np.asarray(value) * drafting for name, value in vars(step).items()})


@dataclass(frozen=True)
class PrefillTime:
    """Seconds to read one prompt: `alone` in passes of its own, `packed` as its share of passes with others."""

    alone: Array
    packed: Array


def prefill_time(setting: Setting, constants: Constants, waiting: Array | float = 1.0) -> PrefillTime:
    """Reading a prompt of the workload in passes of at most `chunk_tokens`, where `waiting` prompts are at hand."""
    prompt = np.asarray(setting.workload.input, dtype=float)
    attention = prefill_attention_time(setting, constants, prompt)
    alone = _reading_pass(setting, constants, np.minimum(prompt, constants["chunk_tokens"]))
    together = groups_together(setting, constants)
    tokens = np.minimum(prompt * np.maximum(waiting / together, 1.0), constants["chunk_tokens"])
    packed = (_reading_pass(setting, constants, tokens) + attention) / together / setting.deployment.pipeline
    return PrefillTime(np.asarray(alone + attention), np.asarray(packed))


def _reading_pass(setting: Setting, constants: Constants, tokens: Array) -> Array:
    """A prompt's part of a pass over `tokens` tokens of prompts."""
    prompt = np.asarray(setting.workload.input, dtype=float)
    time = forward_time(setting, constants, tokens, np.minimum(tokens / prompt, tokens), captured=False)
    return np.asarray(time.total * prompt / tokens)


def groups_together(setting: Setting, constants: Constants) -> Array:
    """Prompts that a copy reads at the same time: attention groups read one each, and `group_overlap` of that
    parallelism is used."""
    return np.asarray(np.asarray(setting.deployment.attention_data) ** constants["group_overlap"])


def prompt_time(setting: Setting, constants: Constants, running: Array, per_step: Array) -> Array:
    """Seconds by which each prompt holds up `running` requests that decode, where a step meets `per_step` prompts.

    Prompts arrive by chance, so that steps with any have k/(1 − e^−k) of them, up to `chunk_tokens`. What they add to
    a step counts once for all of them: their products hide under the weights that decoding reads anyway. The engine's
    share of `mixed_steps` reads prompts so, the rest in passes between the steps.
    """
    prompt = np.asarray(setting.workload.input, dtype=float)
    pipeline = np.asarray(setting.deployment.pipeline)
    together = groups_together(setting, constants)
    met = np.maximum(per_step / together / pipeline, 1e-6)
    tokens = np.minimum(prompt * met / -np.expm1(-met), constants["chunk_tokens"])
    decoding = running / setting.deployment.attention_data / pipeline * (1.0 + np.asarray(setting.workload.draft))
    usual = forward_time(setting, constants, decoding, decoding, captured=True)
    fuller = forward_time(setting, constants, decoding + tokens, decoding, captured=True)
    mixed = (fuller.total - usual.total) * prompt / tokens
    apart = _reading_pass(setting, constants, tokens)
    share = setting.engine.values(constants, "mixed_steps")
    attention = prefill_attention_time(setting, constants, prompt)
    return np.asarray((share * mixed + (1.0 - share) * apart + attention) / together / pipeline)
