"""What must hold of any plan: more chips need no more memory each, a better chip is not slower, work is conserved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waterline.performance.chip import Chip, Machine, with_overrides
from waterline.performance.constants import Constants
from waterline.performance.model import Model
from waterline.performance.shapes import shape_of
from waterline.performance.software import Software
from waterline.performance.training.estimate import Question, best_plans
from waterline.performance.training.memory import memory_use
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.plan_report import plan_report
from waterline.performance.training.practice import practice_of

JOB = Job(sequence=8192.0, global_batch=512.0)
REUSED = [HealthCheck.function_scoped_fixture]
powers = st.sampled_from([1.0, 2.0, 4.0])


@settings(max_examples=60, deadline=None, suppress_health_check=REUSED)
@given(
    grown=st.sampled_from(["tp", "pp", "dp"]), tp=powers, pp=powers, dp=powers, zero=st.sampled_from([1.0, 2.0, 3.0]),
    recompute=st.sampled_from([0.0, 1.0, 2.0]),
)  # fmt: skip
def test_more_chips_never_need_more_memory_each(
    machine: Machine, software: Software, llama: Model, constants: Constants, one_plan: Plans,
    grown: str, tp: float, pp: float, dp: float, zero: float, recompute: float,
) -> None:  # fmt: skip
    def needed(degrees: dict[str, float]) -> float:
        columns = {**degrees, "shard": degrees["dp"], "vp": 1.0, "cp": 1.0, "zero": zero, "recompute": recompute}
        columns |= {"ep": 1.0, "micro_batch": 1.0, "share": 1.0 if recompute else 0.0}
        plan = replace(one_plan, **{name: np.array([value]) for name, value in columns.items()})
        shape, practice = shape_of(llama, constants), practice_of(software, constants)
        return float(memory_use(machine, practice, shape, JOB, plan).total[0])

    few = {"tp": tp, "pp": pp, "dp": dp}
    assert needed({**few, grown: 2 * few[grown]}) <= needed(few) * (1 + 1e-12)


@pytest.mark.parametrize("better", ["mem_bw", "scale_up_bw_bidir", "scale_out_bw", "bf16_flops", "mem_capacity"])
@pytest.mark.parametrize("factor", [1.1, 2.0, 8.0])
def test_the_best_plan_on_a_better_chip_is_never_slower(llama: Model, chip: Chip, better: str, factor: float) -> None:
    def best(of: Chip) -> float:
        return float(
            plan_report(best_plans(Question(llama, of, 256, sequence=8192, batch_tokens=4e6)))["plans"][0]["step_s"]
        )

    assert best(with_overrides(chip, **{better: getattr(chip, better) * factor})) <= best(chip) * (1 + 1e-12)


@pytest.mark.parametrize("count", [64, 128, 512])
def test_more_chips_are_never_slower_and_never_faster_than_in_proportion(llama: Model, chip: Chip, count: int) -> None:
    few, many = (
        plan_report(best_plans(Question(llama, chip, chips, sequence=8192, batch_tokens=16.8e6)))["plans"][0]
        for chips in (count, 2 * count)
    )
    assert many["step_s"] <= few["step_s"]
    # What a chip does in its time falls; only room for memory, which more chips have, could raise it a little.
    assert many["mfu"] <= few["mfu"] * 1.05
    for plan, chips in ((few, count), (many, 2 * count)):
        tokens = plan["tokens_per_s_per_chip"] * chips * plan["step_s"]
        assert tokens == pytest.approx(16.8e6, rel=0.01)
