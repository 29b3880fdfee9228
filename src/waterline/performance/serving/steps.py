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
    """Seconds to read one prompt: `alone` in passes of its own, `shared` what it adds to steps that decode too."""

    alone: Array
    shared: Array


def prefill_time(setting: Setting, constants: Constants) -> PrefillTime:
    """Reading a prompt of the workload, in chunks of at most `chunk_tokens`.

    Attention groups read a prompt each at the same time; `group_overlap` of that parallelism is used.
    """
    prompt = np.asarray(setting.workload.input, dtype=float)
    chunk = np.minimum(prompt, constants["chunk_tokens"])
    passes = prompt / chunk
    time = forward_time(setting, constants, chunk, np.minimum(chunk, 1.0), captured=False)
    attention = prefill_attention_time(setting, constants, prompt)
    marginal = (time.products + time.elementwise + time.collectives) * passes + attention
    fixed = (time.weights + time.launches + time.host) * passes
    together = np.asarray(setting.deployment.attention_data) ** constants["group_overlap"]
    return PrefillTime(np.asarray(marginal + fixed), np.asarray(marginal / together / setting.deployment.pipeline))
