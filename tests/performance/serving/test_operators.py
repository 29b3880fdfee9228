"""Operators of the serving engine: published sizes to the digit, and what no machine can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waterline.performance.chip import Chip
from waterline.performance.model import Model
from waterline.performance.serving.attention import cache_elements, cached_tokens
from waterline.performance.serving.closed_loop import Served, closed_loop, closed_response
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.experts import expert_load, experts_of
from waterline.performance.serving.formats import bits_of
from waterline.performance.serving.memory import request_bytes, weight_bytes
from waterline.performance.serving.offline import offline
from waterline.performance.serving.search import ServingQuestion, setting_for
from waterline.performance.serving.setting import Deployment, Setting, Workload
from waterline.performance.serving.steps import decoding_of, prompt_time, steps_of
from waterline.performance.serving.workloads import accepted_tokens
from waterline.performance.shapes import shape_of

CONSTANTS = serving_constants()
H200 = Chip(
    name="h200", vendor="nvda", released="2023-11", bf16_flops=989e12, fp8_flops=1979e12, mem_capacity=141e9,
    mem_bw=4.8e12, scale_up_bw_bidir=900e9, scale_up_domain=8, scale_out_bw=50e9, tdp=700,
)  # fmt: skip
LLAMA = Model(
    name="Llama-3.1-70B", parameters=70.55e9, layers=80, hidden=8192, ffn_hidden=28672, heads=64, kv_heads=8,
    head_dim=128, vocab=128256, attention="GQA", tied_embeddings=False,
)  # fmt: skip
DEEPSEEK = Model(
    name="DeepSeek-V3", parameters=671e9, active_parameters=37e9, layers=61, dense_layers=3, hidden=7168,
    ffn_hidden=18432, heads=128, kv_heads=128, vocab=129280, experts=256, experts_per_token=8, shared_experts=1,
    moe_ffn_hidden=2048, attention="MLA", mla_q_lora_rank=1536, mla_kv_lora_rank=512, mla_qk_rope_dim=64,
    mla_qk_nope_dim=128, mla_v_head_dim=128, tied_embeddings=False,
)  # fmt: skip


def setting(
    model: Model = LLAMA, chip: Chip = H200, *, precision: str = "bf16", tensor: float = 8, data: float = 1,
    expert: float = 1, requests: float = 32, prompt: float = 1024, output: float = 1024,
) -> Setting:  # fmt: skip
    question = ServingQuestion(model, chip, prompt, output, precision=precision)
    workload = Workload(prompt, output, requests, spread=0.2, waves=10, draft=0, accepted=1)
    deployment = Deployment(tensor, data, expert, 1, 1)
    return setting_for(question, shape_of(model, CONSTANTS), deployment, workload, CONSTANTS)


def token_bytes(served: Setting) -> float:
    """Bytes that one token adds to the caches of all ranks of a replica that does not repeat them."""
    elements = cached_tokens(served, np.array(1.0)) * cache_elements(served) * served.formats.cache_bytes
    return float(elements * served.deployment.tensor)


def test_cache_of_a_token_is_as_published() -> None:
    # 2 × 80 layers × 8 heads × 128 × 2 bytes
    assert token_bytes(setting()) == 327_680
    # DeepSeek-V2/V3: 576 elements per layer (arXiv 2405.04434, section 2.1), 70,272 bytes at 16 bits on each rank
    assert token_bytes(setting(DEEPSEEK, tensor=1)) == 61 * 576 * 2
    # tensor ranks repeat a latent cache, and repeat heads where they outnumber them
    assert float(cache_elements(setting(DEEPSEEK, tensor=8))) == 576
    assert float(cache_elements(setting(tensor=16))) == 256


def test_windows_forget() -> None:
    oss = replace(LLAMA, attention="GQA(sliding128 alternate)", sliding_window=128, layers=36, parameters=None)
    served = setting(oss, tensor=1)
    assert float(cached_tokens(served, np.array(1000.0))) == 18 * 1000 + 18 * 128


@pytest.mark.parametrize(
    ("model", "precision", "tensor", "stated"), [(LLAMA, "bf16", 8, 70.55e9 * 2), (LLAMA, "fp8", 4, 70.55e9 + 2.1e9)]
)
def test_weights_add_up_to_the_published_size(model: Model, precision: str, tensor: float, stated: float) -> None:
    assert float(weight_bytes(setting(model, precision=precision, tensor=tensor))) * tensor == pytest.approx(
        stated, rel=0.01
    )


def test_few_tokens_wake_their_own_experts_and_many_wake_all() -> None:
    served = setting(DEEPSEEK, precision="fp8", tensor=8)
    one_expert = 3 * 7168 * 2048 / 8
    few, many = (expert_load(experts_of(served, CONSTANTS), np.array(tokens)).parameters for tokens in (1.0, 1e6))
    assert float(few) == pytest.approx(58 * 8 * one_expert)
    assert float(many) == pytest.approx(58 * 256 * one_expert)


def test_accepted_tokens_of_speculation() -> None:
    # Leviathan et al. 2023, equation 1, at the constant's chance
    chance = CONSTANTS["accepted_share"]
    assert accepted_tokens(0, CONSTANTS) == 1.0
    assert accepted_tokens(2, CONSTANTS) == pytest.approx(1 + chance + chance**2)


def test_closed_queue_limits() -> None:
    alone = closed_response(np.array(2.0), np.array(100.0), np.array(1.0))
    assert float(alone) == pytest.approx(2.0)
    # far beyond saturation every customer but those that think waits: R → N·S − Z
    crowd = closed_response(np.array(2.0), np.array(100.0), np.array(10_000.0))
    assert float(crowd) == pytest.approx(10_000 * 2.0 - 100.0, rel=0.01)


loads = st.tuples(
    st.sampled_from([1.0, 4.0, 16.0, 64.0, 256.0]),
    st.sampled_from([128.0, 1024.0, 8192.0]),
    st.sampled_from([128.0, 1024.0, 8192.0]),
    st.sampled_from(["bf16", "fp8"]),
)


@settings(max_examples=60, deadline=None)
@given(loads, st.floats(1.0, 4.0), st.sampled_from([LLAMA, DEEPSEEK]), st.sampled_from([closed_loop, offline]))
def test_more_bandwidth_or_compute_is_never_slower(
    load: tuple[float, float, float, str], factor: float, model: Model, engine: Callable[..., Served]
) -> None:
    requests, prompt, output, precision = load
    base = setting(model, requests=requests, prompt=prompt, output=output, precision=precision)
    usual = engine(base, CONSTANTS)
    for name in ("memory_rate", "half_rate", "linear_rate", "expert_rate", "link_rate"):
        faster = replace(base, silicon=replace(base.silicon, **{name: factor * getattr(base.silicon, name)}))
        found = engine(faster, CONSTANTS)
        assert float(found.tpot) <= float(usual.tpot) * (1 + 1e-9), name
        assert float(found.throughput) >= float(usual.throughput) * (1 - 1e-9), name


def test_what_prompts_hide_under_a_step_counts_once() -> None:
    served = setting(prompt=128)
    steps, running = steps_of(served, CONSTANTS.with_values({"mixed_steps.vllm": 1.0})), np.array(32.0)
    decoding = decoding_of(steps, running, running)
    each = [float(prompt_time(steps, decoding, np.array(k))) for k in (0.1, 4.0, 16.0, 64.0)]
    assert each == sorted(each)  # the first prompts find room under the weights, further ones do not
    weights = float(weight_bytes(served)) / served.silicon.memory_rate
    work = 2 * 70.55e9 / 8 * 64 * 128 / served.silicon.linear_rate
    assert 64 * each[-1] > work - weights


@settings(max_examples=40, deadline=None)
@given(loads, st.floats(1.01, 4.0), st.sampled_from([LLAMA, DEEPSEEK]))
def test_more_requests_are_never_faster_for_one(
    load: tuple[float, float, float, str], factor: float, model: Model
) -> None:
    requests, prompt, output, _ = load
    few = closed_loop(setting(model, precision="fp8", requests=requests, prompt=prompt, output=output), CONSTANTS)
    many = closed_loop(
        setting(model, precision="fp8", requests=factor * requests, prompt=prompt, output=output), CONSTANTS
    )
    assert float(many.tpot) >= float(few.tpot) * (1 - 1e-9)
    assert float(many.ttft) >= float(few.ttft) * (1 - 1e-9)


@settings(max_examples=40, deadline=None)
@given(loads)
def test_no_token_is_faster_than_its_weights_can_move(load: tuple[float, float, float, str]) -> None:
    requests, prompt, output, precision = load
    served = setting(requests=requests, prompt=prompt, output=output, precision=precision)
    vocabulary = 128256 * 8192 * 2 / 8  # the input embedding is looked up, not read
    floor = (float(weight_bytes(served)) - vocabulary) / served.silicon.memory_rate
    assert float(closed_loop(served, CONSTANTS).tpot) > floor


def test_requests_need_more_memory_the_longer_they_are() -> None:
    served = setting()
    short, long = (float(request_bytes(served, CONSTANTS, np.array(tokens))) for tokens in (1000.0, 2000.0))
    assert long == pytest.approx(2 * short)


@pytest.mark.parametrize(
    ("text", "bits"),
    [("nvfp4", 4), ("mxfp4", 4), ("int4 awq", 4), ("W4A16", 4), ("fp8", 8), ("INT8", 8), ("bf16", 16), ("", 0)],
)
def test_precisions_by_name(text: str, bits: int) -> None:
    assert bits_of(text) == bits
