"""The best split of prefill and decoding: each on the layout that suits it, chips in the ratio that keeps both busy."""

from __future__ import annotations

from typing import Any

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.attention import cache_elements, cached_tokens
from waterline.performance.serving.closed_loop import first_token_overhead
from waterline.performance.serving.memory import fits
from waterline.performance.serving.plans import layout_name
from waterline.performance.serving.search import Candidates
from waterline.performance.serving.steps import prefill_time


def split_plan(candidates: Candidates, constants: Constants) -> dict[str, Any] | None:
    """The split with the highest output per chip within the limits, as plain numbers; None where none meets them.

    Rates are matched: per output token, 1/decode rate + (input/output)/prefill rate of chip time. Prefill workers are
    loaded to `prefill_load`, at which a prompt waits load/(2(1 − load)) of its own time (M/D/1, Khinchine 1932).
    """
    question, setting, served = candidates.question, candidates.setting, candidates.served
    shape = served.tpot.shape
    chips = np.asarray(setting.deployment.tensor) * setting.deployment.attention_data * setting.deployment.pipeline
    step = np.broadcast_to(served.step.total, shape)
    decode_rate = np.where(candidates.holds & (step <= question.tpot_limit), served.running / step / chips, 0.0)
    prefill = prefill_time(setting, constants)
    groups = np.asarray(setting.deployment.attention_data) ** constants["group_overlap"]
    load = constants["prefill_load"]
    alone = np.broadcast_to(prefill.alone, shape)
    moved = cached_tokens(setting, np.asarray(question.input, dtype=float)) * cache_elements(setting)
    handed = moved * setting.formats.cache_bytes / (setting.silicon.network_rate * constants["network_fraction"])
    first = first_token_overhead(setting, constants) + alone + load / (2.0 * (1.0 - load)) * alone / groups
    first = np.broadcast_to(first + handed + constants["hand_over"], shape)
    usable = np.logical_and(fits(setting, constants), first <= question.ttft_limit)
    prefill_rate = np.where(usable, load * question.input * groups / alone / chips, 0.0)
    if not (decode_rate.any() and prefill_rate.any()):
        return None
    writer, reader = int(np.argmax(decode_rate)), int(np.argmax(prefill_rate))
    per_token = 1.0 / decode_rate[writer] + question.input / question.output / prefill_rate[reader]
    share = 1.0 - 1.0 / decode_rate[writer] / per_token
    return {
        "mode": "split",
        "decode": {
            "layout": layout_name(candidates, writer), "chips": int(chips[writer]),
            "batch": int(served.running[writer]),
        },
        "prefill": {"layout": layout_name(candidates, reader), "chips": int(chips[reader])},
        "prefill_chips_per_decode_chip": float(share / (1.0 - share)),
        "ttft_ms": 1e3 * float(first[reader]),
        "tpot_ms": 1e3 * float(step[writer]),
        "output_tokens_per_s_per_chip": float(1.0 / per_token),
        "input_tokens_per_s_per_chip": float(question.input / question.output / per_token),
        "prompt_share": float(share),
    }  # fmt: skip
