"""How many training plans per second the engine evaluates, and how long a full search takes, on one core.

python benchmarks/training_speed.py
"""

from __future__ import annotations

import time

import numpy as np
import shipped_facts as shipped

from waterline.performance.chip import machine_of
from waterline.performance.constants import default_constants
from waterline.performance.shapes import shape_of
from waterline.performance.software import software_of
from waterline.performance.table import take
from waterline.performance.training.plan import Job
from waterline.performance.training.practice import practice_of
from waterline.performance.training.search import search
from waterline.performance.training.space import BLOCK
from waterline.performance.training.step import step_time
from waterline.performance.training.valid_plans import default_choices, enumerate_plans

PLANS = 200_000


def main() -> None:
    constants = default_constants()
    chips, models = shipped.chips(), shipped.models()
    software = software_of("Megatron-Core", "2025-01", constants)
    practice = practice_of(software, constants)
    machine = machine_of(chips["H100"], "bf16", software, constants)
    shape = shape_of(models["Llama-3.1-405B"], constants)
    job = Job(sequence=8192.0, global_batch=2048.0)
    some = enumerate_plans(shape, job, 1024, default_choices(machine, shape, job, 1024))
    many = take(some, np.resize(np.arange(some.tp.size), PLANS))
    start = time.perf_counter()
    for first in range(0, PLANS, BLOCK):
        step_time(machine, practice, shape, job, take(many, np.arange(first, min(first + BLOCK, PLANS))))
    print(f"dense, 1,024 chips: {PLANS / (time.perf_counter() - start):,.0f} plans/s")
    for name, batch, count in (
        ("Llama-3.1-405B", 2048.0, 16384),
        ("DeepSeek-V3", 15360.0, 16384),
        ("DeepSeek-V3", 16384.0, 2048),
    ):
        shape = shape_of(models[name], constants)
        job = Job(sequence=8192.0 if "Llama" in name else 4096.0, global_batch=batch)
        start = time.perf_counter()
        found = search(machine, practice, shape, job, count)
        seconds, census = time.perf_counter() - start, found.space.census
        print(
            f"{name}, {count:,} chips: {census.evaluated:,} plans, {census.fitting:,} fit, {1000 * seconds:.0f} ms; "
            f"best {float(found.time.total[0]):.2f} s a step"
        )


if __name__ == "__main__":
    main()
