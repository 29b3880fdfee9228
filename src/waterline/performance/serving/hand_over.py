"""What a first token takes beside reading its prompt and waiting, where other chips read than decode."""

from __future__ import annotations

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.serving.attention import cache_elements, cached_tokens
from waterline.performance.serving.closed_loop import first_token_overhead
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array


def handed_over(setting: Setting, constants: Constants) -> Array:
    """Seconds of front end, the cache sent over the network to the chips that decode, and the hand-over."""
    moved = cached_tokens(setting, setting.workload.prompt) * cache_elements(setting) * setting.formats.cache_bytes
    sent = moved / (setting.silicon.network_rate * constants["network_fraction"])
    return np.asarray(first_token_overhead(setting, constants) + sent + constants["hand_over"])
