"""Memory of a chip while it serves: weights, working space, and the requests that the rest can hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waterline.performance.constants import Constants
from waterline.performance.kernels import HALF
from waterline.performance.model import count_parameters
from waterline.performance.serving.attention import cache_elements, mixer_state
from waterline.performance.serving.operators import layer_parameters
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array


def weight_bytes(setting: Setting) -> Array:
    """Bytes of weights on one chip."""
    shape, formats, deployment = setting.shape, setting.formats, setting.deployment
    count = count_parameters(shape)
    tensor = np.asarray(deployment.tensor)
    split, whole = layer_parameters(setting)
    layers = (split + count.dense_mlp + count.shared_experts) / tensor + whole
    vocabulary = (count.embedding + count.logits) / tensor * HALF
    experts = count.experts / deployment.stage_chips * formats.expert_bytes
    return np.asarray((layers * formats.linear_bytes + experts) / deployment.pipeline + vocabulary)


def request_bytes(setting: Setting, constants: Constants, context: Array) -> Array:
    """Bytes on one chip of the cache and state of a request that has reached `context` tokens.

    An engine that knows windows keeps only those (`window_saving`), others keep all tokens of all layers.
    """
    shape = setting.shape
    saving = setting.engine.values(constants, "window_saving")
    windowed = shape.windowed_layers
    short = np.minimum(context, np.maximum(shape.window, 1.0))
    kept = (shape.attention_layers - windowed) * context + windowed * (saving * short + (1.0 - saving) * context)
    index = (np.asarray(setting.sparse_reach) > 0) * shape.attention_layers * context
    cache = kept * cache_elements(setting) * setting.formats.cache_bytes + index * constants["index_elements"]
    state = mixer_state(setting) * constants["recurrent_bytes"]
    return np.asarray((cache + state) / setting.deployment.pipeline)


@dataclass(frozen=True)
class Room:
    """Requests of one copy that run at a time, at least 1, and whether weights and one request fit; shape (rows,)."""

    most: Array
    fits: NDArray[np.bool_]


def room_of(setting: Setting, constants: Constants, spare_bytes: float | Array = 0.0) -> Room:
    """What memory holds beside the weights, and `spare_bytes` of each chip.

    As many requests run as memory holds and the engine allows; engines reserve `reserved_output` of the output when
    they admit a request. Published runs took place, so that at least `least_cache` of the memory counts as free;
    `fits` tells whether it is.
    """
    workload, engine = setting.workload, setting.engine
    memory = setting.silicon.memory_bytes
    usable = memory * engine.values(constants, "memory_share") - spare_bytes
    free = usable - weight_bytes(setting) - constants["working_bytes"]
    reserved = workload.prompt + engine.values(constants, "reserved_output") * workload.output
    whole = workload.prompt + np.asarray(workload.output)
    least = constants["least_cache"] * (memory - spare_bytes / engine.values(constants, "memory_share"))
    held = np.maximum(free, least) / request_bytes(setting, constants, reserved)
    groups = np.asarray(setting.deployment.attention_data)
    allowed = engine.values(constants, "batch_limit")
    return Room(
        np.asarray(np.maximum(np.minimum(np.maximum(held, 1.0 / groups), allowed) * groups, 1.0)),
        np.asarray(free >= request_bytes(setting, constants, whole)),
    )
