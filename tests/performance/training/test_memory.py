from __future__ import annotations

import re
from pathlib import Path

from waterline.performance.chip import Chip
from waterline.performance.constants import Constants
from waterline.performance.model import Model
from waterline.performance.training.cases import case_of
from waterline.performance.training.memory import memory_use
from waterline.performance.training.prediction import batch_of, resolved
from waterline.performance.training.runs import Run, read_runs

GIBIBYTE = 2.0**30


def test_measured_allocations_within_a_tenth(
    shipped: tuple[dict[str, Chip], dict[str, Model]], published_rows: Path, constants: Constants
) -> None:
    """Allocations that SimuMax measured on eight B200, reduced Llama 3 and DeepSeek-V3."""
    found = [
        (case_of(run, *shipped, constants), float(match.group(1)))
        for run in read_runs(published_rows)
        if isinstance(run, Run) and (match := re.search(r"measured alloc ([\d.]+) GiB", run.remarks))
    ]
    assert len(found) > 30
    batch = batch_of([case for case, _ in found], constants)
    machine, practice = resolved(batch.cases, constants, batch.owner)
    use = memory_use(machine, practice, batch.shape, batch.job, batch.plans).total / GIBIBYTE
    for index, (case, measured) in enumerate(found):
        unrecomputed = use[(batch.owner == index) & (batch.plans.share == 0) & (batch.plans.vp == 1)]
        assert abs(unrecomputed.max() / measured - 1.0) < 0.1, case.run.identifier
