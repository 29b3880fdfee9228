"""What a first token takes beside reading its prompt and waiting, where other chips read than decode."""

from __future__ import annotations

import numpy as np

from waterline.performance.serving.attention import cache_elements, cached_tokens
from waterline.performance.serving.steps import Steps
from waterline.performance.table import Array


def handed_over(steps: Steps) -> Array:
    """Seconds of front end, the cache sent over the network to the chips that decode, and the hand-over."""
    setting, constants = steps.setting, steps.constants
    moved = cached_tokens(setting, setting.workload.prompt) * cache_elements(setting) * setting.formats.cache_bytes
    sent = moved / (setting.silicon.network_rate * constants["network_fraction"])
    return np.asarray(steps.operators.front_end + sent + constants["hand_over"])
