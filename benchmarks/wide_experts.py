"""How near the serving engine comes to published deployments with experts over many servers, stage by stage.

    python benchmarks/wide_experts.py

Nothing here is fitted to: the engine's constants come from other runs and from measurements of the exchange alone.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from waterline.performance.known import known_chip, known_model
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.forward import PassTime
from waterline.performance.serving.overlap import fastest_step, spread_read_time
from waterline.performance.serving.search import ServingQuestion, setting_for, workload_of
from waterline.performance.serving.setting import Deployment, Setting
from waterline.performance.serving.steps import decoding_of, steps_of
from waterline.performance.shapes import shape_of
from waterline.questions.session import default_session


class Decoding(NamedTuple):
    """A published decode unit: requests on each chip, tokens in the cache of each, output tokens/s of each chip."""

    source: str
    chip: str
    ranks: int
    requests: float
    context: float
    published: float


class Reading(NamedTuple):
    """A published prefill unit: tokens of a prompt, input tokens/s that each chip reads."""

    source: str
    chip: str
    ranks: int
    prompt: float
    published: float


DECODING = (
    Decoding("DeepSeek, day of 27 to 28 Feb 2025", "h800", 144, 88, 4989, 14_800 / 8),
    Decoding("DeepSeek, profile with balanced routing", "h800", 128, 128, 4500, 18_598 / 8),
    Decoding("SGLang on 96 H100, May 2025", "h100-sxm", 72, 256, 2100, 22_300 / 8),
)
READING = (
    Reading("DeepSeek, day, 56.3% cached, load unknown", "h800", 32, 4383 * 0.437, 73_700 * 0.437 / 8),
    Reading("DeepSeek, profile with balanced routing", "h800", 32, 4096, 62_713 / 8),
    Reading("SGLang on 96 H100, prompts of 2,000", "h100-sxm", 32, 2000, 52_300 / 8),
    Reading("SGLang on 96 H100, prompts of 4,096", "h100-sxm", 32, 4096, 50_302 / 8),
)
CONSTANTS = serving_constants()
ENGINES = ("vllm", "sglang")
OUTPUT = 100  # tokens of each request, half of which are there at the mean step


def setting(chip: str, ranks: int, prompt: float, engine: str) -> Setting:
    """DeepSeek-V3 with attention and experts over `ranks` chips."""
    known = default_session().facts.as_of(date(2026, 11, 24))
    question = ServingQuestion(
        known_model(known, "deepseek-v3"), known_chip(known, chip), prompt, OUTPUT, engine=engine
    )
    shape = shape_of(question.model, CONSTANTS)
    workload = workload_of(question, float(ranks))
    return setting_for(question, shape, Deployment(1, ranks, ranks, 1, 1), workload, CONSTANTS)


def parts(step: PassTime) -> str:
    """Milliseconds of a step by part, the longest first."""
    found = {name: 1e3 * float(np.ravel(value)[0]) for name, value in vars(step).items()}
    return ", ".join(f"{name} {value:.1f}" for name, value in sorted(found.items(), key=lambda part: -part[1]))


def main() -> None:
    for case in DECODING:
        print(f"{case.source}: DP{case.ranks} EP{case.ranks}, {case.requests} requests a chip; {case.published:,.0f}/s")
        for engine in ENGINES:
            steps = steps_of(setting(case.chip, case.ranks, case.context - OUTPUT / 2, engine), CONSTANTS)
            running = np.array([case.requests * case.ranks])
            decoding = decoding_of(steps, running, running)
            for name, step in (
                ("exchanges in the open", decoding.step),
                ("the fastest way", fastest_step(steps, decoding)),
            ):
                total = float(step.total[0])
                rate = case.requests / total
                print(
                    f"  {engine:<7} {name:<22} {rate:6,.0f}/s ({rate / case.published - 1:+.0%}), {1e3 * total:.1f} ms"
                )
                print(f"          {parts(step)}")
    for case in READING:
        print(f"{case.source}: EP{case.ranks}; {case.published:,.0f}/s")
        for engine in ENGINES:
            steps = steps_of(setting(case.chip, case.ranks, case.prompt, engine), CONSTANTS)
            rate = 16384 / float(spread_read_time(steps, np.array(16384.0)))
            print(f"  {engine:<7} {rate:6,.0f}/s ({rate / case.published - 1:+.0%})")


if __name__ == "__main__":
    main()
