from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waterline.core.errors import InputError
from waterline.performance.chip import Chip, Machine, family_of, machine_of
from waterline.performance.constants import Constants, default_constants
from waterline.performance.model import Model, Shape, model_flops_per_token
from waterline.performance.shapes import shape_of
from waterline.performance.software import Software, software_of
from waterline.performance.table import stack, take
from waterline.performance.training.memory import footprint, memory_use, recompute_needed
from waterline.performance.training.plan import Job, Plans
from waterline.performance.training.practice import Practice, practice_of
from waterline.performance.training.step import StepTime, step_time

JOB = Job(sequence=8192.0, global_batch=128.0)
REUSED = [HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def shape(llama: Model, constants: Constants) -> Shape:
    return shape_of(llama, constants)


@pytest.fixture(scope="module")
def practice(software: Software, constants: Constants) -> Practice:
    return practice_of(software, constants)


def seconds(machine: Machine, practice: Practice, shape: Shape, plans: Plans, job: Job = JOB) -> float:
    return float(step_time(machine, practice, shape, job, plans).total[0])


def test_the_parts_are_the_whole_and_none_is_negative(
    machine: Machine,
    practice: Practice,
    shape: Shape,
    one_plan: Plans,
) -> None:
    time = step_time(machine, practice, shape, JOB, one_plan)
    parts = [float(getattr(time, field.name)[0]) for field in fields(StepTime)]
    assert sum(parts) == pytest.approx(float(time.total[0]))
    assert min(parts) >= 0.0


def test_no_plan_beats_the_peak(machine: Machine, practice: Practice, shape: Shape, one_plan: Plans) -> None:
    work = float(model_flops_per_token(shape, np.asarray(8192.0))) * 8192 * 128
    assert seconds(machine, practice, shape, one_plan) > work / (machine.peak * 32)


@settings(max_examples=40, deadline=None, suppress_health_check=REUSED)
@given(
    better=st.sampled_from(
        [
            "linear_rate",
            "half_rate",
            "memory_rate",
            "link_rate",
            "network_rate",
            "attention_forward_rate",
            "attention_backward_rate",
        ]
    ),
    factor=st.floats(1.01, 8.0),
)
def test_a_better_machine_is_never_slower(
    *,
    machine: Machine,
    practice: Practice,
    shape: Shape,
    one_plan: Plans,
    better: str,
    factor: float,
) -> None:
    faster = replace(machine, **{better: getattr(machine, better) * factor})
    usual = seconds(machine, practice, shape, one_plan)
    assert seconds(faster, practice, shape, one_plan) <= usual * (1 + 1e-12)


@settings(max_examples=25, deadline=None, suppress_health_check=REUSED)
@given(share=st.floats(0.0, 1.0), level=st.sampled_from([1.0, 2.0]))
def test_recomputing_trades_time_for_memory(
    *,
    machine: Machine,
    practice: Practice,
    shape: Shape,
    one_plan: Plans,
    share: float,
    level: float,
) -> None:
    level_of = replace(one_plan, recompute=np.array([level]))
    some, none = replace(level_of, share=np.array([share])), replace(level_of, share=np.array([0.0]))
    assert seconds(machine, practice, shape, some) >= seconds(machine, practice, shape, none)
    kept, lean = (memory_use(machine, practice, shape, JOB, plans).activations[0] for plans in (none, some))
    assert lean <= kept * 1.2  # one layer is whole while it is recomputed


def test_the_needed_share_makes_a_plan_fit(
    machine: Machine,
    practice: Practice,
    shape: Shape,
    one_plan: Plans,
) -> None:
    tight = replace(
        one_plan,
        pp=np.array([2.0]),
        vp=np.array([1.0]),
        dp=np.array([4.0]),
        shard=np.array([4.0]),
        recompute=np.array([2.0]),
    )
    share = recompute_needed(machine, practice, shape, tight, footprint(machine, practice, shape, JOB, tight))
    assert 0 < share[0] < 1
    use = memory_use(machine, practice, shape, JOB, replace(tight, share=share)).total[0]
    assert use * practice.fragmentation + practice.reserve <= machine.memory_bytes


def test_a_second_replica_halves_the_share_of_the_batch(
    machine: Machine,
    practice: Practice,
    shape: Shape,
    one_plan: Plans,
) -> None:
    twice = replace(one_plan, dp=np.array([4.0]), shard=np.array([4.0]))
    ratio = seconds(machine, practice, shape, one_plan) / seconds(machine, practice, shape, twice)
    assert 1.7 < ratio <= 2.0


def test_rows_of_a_table_do_not_meet(
    *,
    machine: Machine,
    practice: Practice,
    shape: Shape,
    one_plan: Plans,
    chip: Chip,
    constants: Constants,
) -> None:
    other = machine_of(
        replace(chip, bf16_flops=2e15), "bf16", software_of("llm-foundry", "2023-07", constants), constants
    )
    machines = stack([machine, other])
    plans = take(stack([take(one_plan, np.array(0))]), np.array([0, 0]))
    both = step_time(machines, practice, stack([shape, shape]), JOB, plans).total
    assert float(both[0]) == pytest.approx(seconds(machine, practice, shape, one_plan))
    assert float(both[1]) == pytest.approx(seconds(other, practice, shape, one_plan))


def test_precision_a_chip_lacks_is_refused(chip: Chip, software: Software, constants: Constants) -> None:
    with pytest.raises(InputError, match="h100-sxm has no fp4; it offers bf16, fp16, fp8"):
        machine_of(chip, "nvfp4", software, constants)
    with pytest.raises(InputError, match="unknown precision"):
        machine_of(chip, "decimal", software, constants)


def test_families_are_told_by_vendor_and_date(chip: Chip, constants: Constants) -> None:
    assert family_of(chip, constants) == "hopper"
    assert family_of(replace(chip, released="2031-01"), constants) == "blackwell_ultra"
    assert family_of(replace(chip, vendor="newcomer"), constants) == "generic"


def test_constants_lie_within_their_bounds_and_say_where_they_come_from() -> None:
    for entry in default_constants().entries.values():
        assert entry.meaning
        assert entry.origin
        assert entry.origin != "prior"
        if entry.bounds:
            assert entry.bounds[0] * 0.995 <= entry.value <= entry.bounds[1] * 1.005, entry.name
