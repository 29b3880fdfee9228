"""Tokens sent to the chips of their experts and back by one-sided writes, where experts are spread over servers."""

from __future__ import annotations

import numpy as np

from waterline.performance.constants import Constants
from waterline.performance.kernels import HALF
from waterline.performance.model import expert_parameters
from waterline.performance.serving.setting import Setting
from waterline.performance.table import Array

SCALED = 1.0 + 4.0 / 128.0  # bytes of an 8-bit element with its part of the scale of a block


def exchange_pass_time(setting: Setting, constants: Constants, tokens: Array, *, forwarded: bool) -> Array:
    """Seconds of all dispatches and combines of a pass of `tokens` tokens per chip.

    Tokens go out at 8 bits where experts multiply 8 bits or fewer, and come back at 16. Decoding sends a copy to each
    chosen expert; with `forwarded` (prompts) one crosses the network for each server that it has experts on and is
    handed on over links there (DeepSeek-V3 report, arXiv 2412.19437, section 3.2.2; DeepEP).
    """
    shape, silicon = setting.shape, setting.silicon
    ranks = setting.deployment.stage_chips
    chosen = np.maximum(np.asarray(shape.active_experts), 1.0)
    domain = np.where(np.asarray(silicon.switched) > 0, silicon.domain, 1.0)
    servers = np.maximum(ranks / domain, 1.0)
    outside = 1.0 - 1.0 / servers
    narrow = np.asarray(setting.formats.expert_bytes) <= 1.0
    message = tokens * shape.hidden * (np.where(narrow, SCALED, HALF) + HALF)
    crossing = distinct(servers, chosen) if forwarded else chosen
    linked = distinct(ranks, chosen) if forwarded else chosen * (1.0 - outside)
    network = message * crossing * outside / (silicon.network_rate * constants["exchange_fraction"])
    links = np.where(domain > 1.0, message * linked / (silicon.link_rate * constants["message_fraction"]), 0.0)
    return np.asarray(shape.moe_layers * (2.0 * constants["exchange_latency"] + np.maximum(network, links)))


def distinct(places: Array, choices: Array) -> Array:
    """Expected number of different places, of `places` alike, that `choices` choices fall on."""
    return np.asarray(places * (1.0 - (1.0 - 1.0 / np.maximum(places, 1.0 + 1e-9)) ** choices))


def spare_expert_bytes(setting: Setting, constants: Constants) -> Array:
    """Bytes on one chip of the copies of busy experts that a wide group holds beside its share, so that its chips have
    whole experts and like loads."""
    shape = setting.shape
    share = np.asarray(shape.experts) / setting.deployment.stage_chips
    held = np.floor(share) + constants["spare_experts"]
    return np.asarray((held - share) * shape.moe_layers * expert_parameters(shape) * setting.formats.expert_bytes)
