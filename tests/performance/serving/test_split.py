"""Split set-ups: exchanges as measured, stages near what was published, chips shared out without loss."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waterline.performance.chip import Chip
from waterline.performance.known import known_chip, known_model
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.estimate import best_serving, pareto
from waterline.performance.serving.exchange import exchange_pass_time, spare_expert_bytes
from waterline.performance.serving.length_response import climbs_of, length_response
from waterline.performance.serving.overlap import fastest_step, spread_read_time
from waterline.performance.serving.plans import plan_row
from waterline.performance.serving.search import ServingQuestion, copies_of, setting_for, workload_of
from waterline.performance.serving.setting import Deployment, Setting
from waterline.performance.serving.split_plan import split_candidates
from waterline.performance.serving.steps import decoding_of, steps_of
from waterline.performance.shapes import shape_of
from waterline.questions.session import default_session

CONSTANTS = serving_constants()
KNOWN = default_session().facts.as_of(date(2026, 11, 24))
DEEPSEEK, LLAMA = known_model(KNOWN, "deepseek-v3"), known_model(KNOWN, "llama-3.1-8b")
H100, H200, H800 = (known_chip(KNOWN, name) for name in ("h100-sxm", "h200", "h800"))
MOE_LAYERS = 58
OUTPUT = 200  # tokens of each request, half of which are there at the mean step
WITHIN = 1 / 3  # of published rates of whole stages, none of which the constants are fitted to


def wide(chip: Chip, ranks: int, prompt: float) -> Setting:
    """DeepSeek-V3 with attention and experts over `ranks` chips."""
    question = ServingQuestion(DEEPSEEK, chip, prompt, OUTPUT, engine="sglang")
    workload = workload_of(question, 1.0)
    return setting_for(question, shape_of(DEEPSEEK, CONSTANTS), Deployment(1, ranks, ranks, 1, 1), workload, CONSTANTS)


@pytest.mark.parametrize(("ranks", "dispatch", "combine"), [(64, 173, 314), (128, 192, 369), (256, 194, 360)])
def test_exchange_of_a_layer_is_as_measured(ranks: int, dispatch: float, combine: float) -> None:
    # DeepEP, low-latency kernels on H800: microseconds for 128 tokens, 7168 wide, 8 experts, 8 bits out, 16 back
    seconds = exchange_pass_time(wide(H800, ranks, 4096), CONSTANTS, np.array(128.0), forwarded=False)
    assert float(seconds) / MOE_LAYERS * 1e6 == pytest.approx(dispatch + combine, rel=0.15)


@pytest.mark.parametrize(
    ("chip", "ranks", "requests", "context", "published"),
    [
        (H100, 72, 256, 2100, 22_300 / 8),  # SGLang on 96 H100, May 2025
        (H800, 144, 85, 4989, 14_800 / 8),  # DeepSeek's day, at its 47 ms a token
    ],
)
def test_decode_units_write_what_was_published(
    chip: Chip, ranks: int, requests: float, context: float, published: float
) -> None:
    steps = steps_of(wide(chip, ranks, context - OUTPUT / 2), CONSTANTS)
    running = np.array([requests * ranks])
    step = fastest_step(steps, decoding_of(steps, running, running))
    assert requests / float(step.total[0]) == pytest.approx(published, rel=WITHIN)


@pytest.mark.parametrize(
    ("chip", "prompt", "published"), [(H100, 2000, 52_300 / 8), (H100, 4096, 50_302 / 8), (H800, 4096, 62_713 / 8)]
)
def test_prefill_units_read_what_was_published(chip: Chip, prompt: float, published: float) -> None:
    # SGLang, May 2025, and DeepSeek's profile, whose routing is balanced on purpose: 32 chips, 16K tokens on each
    seconds = spread_read_time(steps_of(wide(chip, 32, prompt), CONSTANTS), np.array(16384.0))
    assert 16384 / float(seconds) == pytest.approx(published, rel=WITHIN)


def test_chips_of_wide_groups_hold_the_published_experts() -> None:
    expert = MOE_LAYERS * 3 * 7168 * 2048  # bytes at 8 bits
    for ranks, held in ((32, 9), (72, 4), (144, 2)):
        spare = float(spare_expert_bytes(wide(H800, ranks, 1000), CONSTANTS))
        assert 256 / ranks + spare / expert == pytest.approx(held)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([8, 32, 144]), st.floats(1.0, 400.0), st.floats(100.0, 20_000.0))
def test_the_fastest_step_is_no_slower_than_the_plain_one(ranks: int, requests: float, context: float) -> None:
    steps, running = steps_of(wide(H800, ranks, context), CONSTANTS), np.array([requests * ranks])
    plain = decoding_of(steps, running, running)
    fastest = fastest_step(steps, plain)
    assert float(fastest.total[0]) <= float(plain.step.total[0]) * (1 + 1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(16, 3000), st.sampled_from([(1000.0, 200.0), (2000.0, 2000.0)]))
def test_whole_units_fit_the_count_and_no_side_makes_tokens_of_nothing(
    count: int, lengths: tuple[float, float]
) -> None:
    found = split_candidates(copies_of(ServingQuestion(DEEPSEEK, H200, *lengths, count=count)))
    assert found is not None
    assert found.readers is not None
    kept = np.flatnonzero(found.holds)
    read = np.asarray(found.readers.setting.deployment.chips)[found.readers.layout] * found.readers.units
    write = np.asarray(found.setting.deployment.chips)
    assert np.all((read + write)[kept] <= count)
    assert np.all(found.readers.units[kept] == np.floor(found.readers.units[kept]))
    written = np.asarray(found.setting.deployment.replicas) * found.served.running / found.served.step.total
    assert np.all(found.served.throughput[kept] <= written[kept] * (1 + 1e-9))
    free = split_candidates(copies_of(ServingQuestion(DEEPSEEK, H200, *lengths)))
    assert free is not None
    assert found.output_rate[kept].max() <= free.output_rate[free.holds].max() * (1 + 1e-9)


def test_plans_of_both_modes_stand_in_one_order() -> None:
    answer = best_serving(ServingQuestion(DEEPSEEK, H800, 1280, 5000, count=144, tpot_limit=0.05), CONSTANTS)
    rates = [choice.output_rate for choice in answer.best]
    assert rates == sorted(rates, reverse=True)
    assert {choice.split for choice in answer.best} == {True, False}
    first = plan_row(answer.best[0], CONSTANTS)
    prefill = first["prefill"]
    assert first["mode"] == "split"
    assert first["ep"] >= 32
    assert first["chips"] * first["copies"] + prefill["chips"] * prefill["units"] <= 144
    assert {choice.split for choice in pareto(answer.pools)} >= {True}


def test_one_chip_is_not_split() -> None:
    assert not any(choice.split for choice in best_serving(ServingQuestion(LLAMA, H200, 500, 500, count=1)).best)


def test_cached_input_is_held_and_not_read() -> None:
    whole = best_serving(ServingQuestion(DEEPSEEK, H800, 4000, 1000, tpot_limit=0.05), CONSTANTS).best[0]
    half = best_serving(ServingQuestion(DEEPSEEK, H800, 2000, 1000, tpot_limit=0.05, cached=2000), CONSTANTS).best[0]
    short = best_serving(ServingQuestion(DEEPSEEK, H800, 2000, 1000, tpot_limit=0.05), CONSTANTS).best[0]
    assert whole.output_rate < half.output_rate < short.output_rate


@pytest.mark.parametrize(("chip", "name"), [(H100, "llama-3.1-70b"), (H800, "deepseek-v3")])
def test_the_response_to_lengths_is_that_of_planning_again(chip: Chip, name: str) -> None:
    question = ServingQuestion(known_model(KNOWN, name), chip, 2000, 500, ttft_limit=2, tpot_limit=0.05)
    best = best_serving(question, CONSTANTS).best
    other = next(choice for choice in best if choice.split != best[0].split)
    lengths = np.array([500.0, 2000.0, 8000.0])
    response = length_response((best[0], other), {"input": lengths})
    climbs = {"input": climbs_of(lengths, lengths)}
    decode, read = (getattr(best[0], rate) * response.factor(rate, climbs) for rate in ("decode_rate", "read_rate"))
    rates = 1 / (1 / decode + lengths / 500 / read)
    assert rates[1] == pytest.approx(best[0].output_rate)
    for length, rate in zip(lengths[[0, 2]], rates[[0, 2]], strict=True):
        slower = ServingQuestion(question.model, chip, length, 500, ttft_limit=max(2, length / 1000), tpot_limit=0.05)
        assert rate == pytest.approx(best_serving(slower, CONSTANTS).best[0].output_rate, rel=0.15)
