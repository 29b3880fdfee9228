"""The two steps of serving: decoding one token of every running request, and reading one prompt."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.attention import AttentionTime, decode_attention_time, prefill_attention_time
from waterline.performance.serving.forward import PassTime, forward_time
from waterline.performance.serving.memory import Room, room_of
from waterline.performance.serving.operators import Operators, operators_of
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array


@dataclass(frozen=True)
class Steps:
    """The steps of a setting, as far as they do not depend on the requests that run; floats or arrays of shape (rows,).

    `attention` is that of each request in a decoding step, at half of its output; `reading` seconds of attention of a
    prompt that is read, `alone` seconds of the whole prompt in passes of its own; `together` prompts that a copy reads
    at the same time: attention groups read one each, and `group_overlap` of that parallelism is used; `room` for them.
    """

    setting: Setting
    constants: Constants
    operators: Operators
    attention: AttentionTime
    reading: Array
    alone: Array
    together: Array
    room: Room


def steps_of(setting: Setting, constants: Constants) -> Steps:
    """The steps of a setting, for the mean lengths of its workload."""
    return steps_with(operators_of(setting, constants), setting, constants)


def steps_with(operators: Operators, setting: Setting, constants: Constants) -> Steps:
    """The same where the setting's operators are known: they are the same for requests of all lengths."""
    workload = setting.workload
    prompt, output = np.asarray(workload.input, dtype=float), np.maximum(np.asarray(workload.output, dtype=float), 1.0)
    reading = prefill_attention_time(setting, constants, prompt)
    return Steps(
        setting,
        constants,
        operators,
        attention=decode_attention_time(setting, constants, workload.prompt + output / 2.0),
        reading=reading,
        alone=_reading_pass(operators, prompt, np.minimum(prompt, constants["chunk_tokens"])) + reading,
        together=np.asarray(np.asarray(setting.deployment.attention_data) ** constants["group_overlap"]),
        room=room_of(setting, constants),
    )


@dataclass(frozen=True)
class Decoding:
    """A decoding step of the `running` requests that have a place on a copy, of `wanted` ones: its time without
    attention (`bare`), and with it and what it takes to make proposals (`step`)."""

    wanted: Array
    running: Array
    bare: PassTime
    step: PassTime


def decoding_of(steps: Steps, wanted: Array, most: Array) -> Decoding:
    """One step that yields a token of each of `wanted` requests of a copy, or of the `most` that have a place.

    Pipeline stages work on different requests, so that a pass carries its share of them; speculative decoding
    checks `draft` proposals beside each token and pays for making them.
    """
    running, drafted = np.minimum(wanted, most), np.asarray(steps.setting.workload.draft)
    group = _group(steps, running)
    checked = group * (1.0 + drafted)
    bare = forward_time(steps.operators, checked, checked, captured=True)
    step = with_attention(bare, steps.attention, group)
    if drafted.any():
        drafting = 1.0 + drafted * steps.constants["draft_share"]
        step = PassTime(**{name: value * drafting for name, value in vars(step).items()})
    return Decoding(wanted, running, bare, step)


def with_attention(bare: PassTime, attention: AttentionTime, group: Array) -> PassTime:
    """A decoding pass with the attention of `group` requests of each attention group over their caches."""
    return replace(bare, cache=group * attention.moved, attention=group * (attention.whole - attention.moved))


def _group(steps: Steps, running: Array) -> Array:
    """Requests of each attention group in a pass."""
    deployment = steps.setting.deployment
    return np.asarray(running / (np.asarray(deployment.attention_data) * deployment.pipeline))


def packed_time(steps: Steps, waiting: Array | float) -> Array:
    """Seconds of a prompt as its share of passes of at most `chunk_tokens`, where `waiting` prompts are at hand."""
    prompt = np.asarray(steps.setting.workload.input, dtype=float)
    tokens = np.minimum(prompt * np.maximum(waiting / steps.together, 1.0), steps.constants["chunk_tokens"])
    read = _reading_pass(steps.operators, prompt, tokens) + steps.reading
    return np.asarray(read / (steps.together * steps.setting.deployment.pipeline))


def _reading_pass(operators: Operators, prompt: Array, tokens: Array) -> Array:
    """A prompt's part of a pass over `tokens` tokens of prompts."""
    time = forward_time(operators, tokens, np.minimum(tokens / prompt, tokens), captured=False)
    return np.asarray(time.total * (prompt / tokens))


def prompt_time(steps: Steps, decoding: Decoding, per_step: Array) -> Array:
    """Seconds by which each prompt holds up the requests that decode, where a step meets `per_step` prompts.

    Prompts arrive by chance, so that steps with any have k/(1 − e^−k) of them, up to `chunk_tokens`. What they add to
    a step counts once for all of them: their products hide under the weights that decoding reads anyway. The engine's
    share of `mixed_steps` reads prompts so, the rest in passes between the steps.
    """
    setting, constants = steps.setting, steps.constants
    prompt = np.asarray(setting.workload.input, dtype=float)
    parallel = steps.together * np.asarray(setting.deployment.pipeline)
    met = np.maximum(per_step / parallel, 1e-6)
    tokens = np.minimum(prompt * (met / -np.expm1(-met)), constants["chunk_tokens"])
    checked = _group(steps, decoding.running) * (1.0 + np.asarray(setting.workload.draft))
    fuller = forward_time(steps.operators, checked + tokens, checked, captured=True)
    mixed = (fuller.total - decoding.bare.total) * (prompt / tokens)
    apart = _reading_pass(steps.operators, prompt, tokens)
    share = setting.engine.values(constants, "mixed_steps")
    return np.asarray((share * mixed + (1.0 - share) * apart + steps.reading) / parallel)
