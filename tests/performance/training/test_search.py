from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from waterline.core.errors import InputError
from waterline.performance.chip import Chip, Machine
from waterline.performance.constants import Constants
from waterline.performance.model import Model
from waterline.performance.shapes import shape_of
from waterline.performance.software import Software
from waterline.performance.training.estimate import Question, best_plans, goodput
from waterline.performance.training.headline import Headline, check_headline
from waterline.performance.training.memory import footprint, occupied, recompute_needed
from waterline.performance.training.plan import Job
from waterline.performance.training.plan_report import plan_report
from waterline.performance.training.practice import practice_of
from waterline.performance.training.search import FEW, search
from waterline.performance.training.step import step_time
from waterline.performance.training.valid_plans import default_choices, enumerate_plans


def test_plans_use_all_chips_and_get_slower_down_the_list(llama: Model, chip: Chip) -> None:
    report = plan_report(best_plans(Question(llama, chip, 256, sequence=8192, batch_tokens=4e6), top=8))
    steps = [plan["step_s"] for plan in report["plans"]]
    assert steps == sorted(steps)
    for plan in report["plans"]:
        assert plan["tp"] * plan["pp"] * plan["cp"] * plan["dp"] == 256
        assert plan["memory_gb"] < 80
        assert sum(plan["breakdown"].values()) == pytest.approx(plan["step_s"])
    assert not report["plans"][0]["loses_by"]
    assert min(report["plans"][-1]["loses_by"].values()) > 0
    assert 0.2 < report["mfu"] < 0.6


def test_a_search_at_16384_chips_weighs_over_a_thousand_plans(deepseek: Model, chip: Chip) -> None:
    answer = best_plans(Question(deepseek, chip, 16384, precision="fp8", sequence=4096, batch_tokens=63e6))
    assert answer.ranking.space.census.evaluated > 1000


@pytest.mark.parametrize(("name", "bounded"), [("llama", False), ("deepseek", True)])  # few layouts, and many
def test_a_search_finds_what_timing_all_plans_finds(
    request: pytest.FixtureRequest,
    machine: Machine,
    software: Software,
    constants: Constants,
    name: str,
    bounded: bool,
) -> None:
    model: Model = request.getfixturevalue(name)
    practice, shape = practice_of(software, constants), shape_of(model, constants)
    count, job = 2048, Job(sequence=4096.0, global_batch=16384.0)
    plans = enumerate_plans(shape, job, count, default_choices(machine, shape, job, count))
    held = footprint(machine, practice, shape, job, plans)
    plans = replace(plans, share=recompute_needed(machine, practice, shape, plans, held))
    fits = occupied(machine, practice, held.at(plans.share)) <= 1.0
    used = (plans.share > 0.0) | (plans.recompute == 1.0)
    times = np.sort(step_time(machine, practice, shape, job, plans).total[fits & used])
    ranking = search(machine, practice, shape, job, count, top=20)
    assert ranking.time.total == pytest.approx(times[:20], rel=1e-12)
    census = ranking.space.census
    assert (census.evaluated, census.fitting) == (np.count_nonzero(used), times.size)
    assert (ranking.space.grid.layouts.size > FEW) == bounded


@pytest.mark.parametrize(
    ("count", "batch", "said"),
    [
        (8, 4e6, "no plan fits"),
        (0, 4e6, "whole number from 1"),
        (64, -1.0, "batch_tokens must be a positive"),
    ],
)
def test_impossible_questions_say_why(llama: Model, chip: Chip, count: int, batch: float, said: str) -> None:
    model = replace(llama, name="large", layers=800, parameters=None)
    with pytest.raises(InputError, match=said):
        best_plans(Question(model, chip, count, batch_tokens=batch))


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"tp": [3.0]}, "tensor parallelism 3 does not divide 64 heads"),
        ({"tp": [1.0], "pp": [64.0], "vp": [2.0]}, "128 pipeline chunks are more than 80 layers"),
        ({"tp": [8.0], "pp": [3.0], "cp": [1.0]}, "64 chips are no multiple of .* 24"),
        ({"tp": [1.0], "pp": [1.0], "cp": [1.0], "micro_batch": [16.0]}, "smaller than 64 replicas need"),
    ],
)
def test_impossible_plans_say_which_rule_they_break(
    llama: Model, machine: Machine, software: Software, constants: Constants, choices: dict[str, list[float]], said: str
) -> None:
    job = Job(sequence=8192.0, global_batch=512.0)
    with pytest.raises(InputError, match=said):
        search(machine, practice_of(software, constants), shape_of(llama, constants), job, 64, choices=choices)


def test_odd_numbers_of_chips_leave_few_idle(llama: Model, chip: Chip) -> None:
    answer = best_plans(Question(llama, chip, 1021, batch_tokens=4e6), top=1)
    assert answer.ranking.plans.chips[0] >= 0.9 * 1021


def test_interruptions_grow_with_the_cluster() -> None:
    # the Llama 3 run on 16,384 GPUs had over 90% effective time
    assert goodput(16384) == pytest.approx(0.92, abs=0.02)
    assert goodput(64) > 0.999


def test_gpu_hours_of_llama_3_405b(chip: Chip) -> None:
    model = Model(
        name="Llama-3.1-405B",
        parameters=405.85e9,
        layers=126,
        hidden=16384,
        ffn_hidden=53248,
        heads=128,
        kv_heads=8,
        vocab=128256,
        attention="GQA",
    )
    question = Question(model, chip, 16384, sequence=8192, batch_tokens=16.8e6, date="2024-04")
    hours = check_headline(Headline(question, tokens=15.6e12)).gpu_hours
    assert hours is not None
    median, low, high = hours
    assert low < 30.84e6 < high  # on the model card
    assert low < median < high


@pytest.mark.parametrize(
    ("hours", "days", "consistent", "flag"),
    [
        (2.664e6, None, True, None),
        (0.5e6, None, False, "above_peak"),
        (0.65e6, None, False, "above_sustained"),
        (1.0e6, None, False, "faster_than_engine"),
        (2.664e6, 20, False, "hours_exceed_days"),
        (50e6, None, True, "slow"),
    ],
)
def test_headlines_about_deepseek_v3(
    *,
    deepseek: Model,
    chip: Chip,
    hours: float,
    days: float | None,
    consistent: bool,
    flag: str | None,
) -> None:
    h800 = replace(chip, name="h800", released="2023-03", scale_up_bw_bidir=400e9)
    question = Question(deepseek, h800, 2048, precision="fp8", sequence=4096, date="2024-12")
    finding = check_headline(Headline(question, tokens=14.8e12, gpu_hours=hours, days=days))
    assert finding.consistent is consistent
    assert flag is None or flag in {entry.id for entry in finding.flags}
    assert finding.implied["tokens_per_s_per_chip"] == pytest.approx(14.8e12 / hours / 3600)


def test_a_model_too_large_for_the_chips_is_impossible(deepseek: Model, chip: Chip) -> None:
    finding = check_headline(Headline(Question(deepseek, chip, 8), tokens=1e12, days=100))
    assert not finding.consistent
    assert [flag.id for flag in finding.flags] == ["does_not_fit"]
