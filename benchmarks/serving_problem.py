"""Published serving runs laid out for a fit: which figures of them are compared, and with what weight.

Large groups of like rows count for less than their number.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from waterline.performance.constants import Constants
from waterline.performance.serving.cases import ServedCase, batch_of
from waterline.performance.serving.prediction import layouts_served, predict, rank_of_layouts

Values = NDArray[np.float64]
METRICS = ("tpot", "ttft", "throughput")
IMPORTANCE = {"tpot": 1.0, "ttft": 0.5, "throughput": 0.8}
HARD = 0.4  # weight of rows marked hard against one marked core
CROWD, CROWDING = 20.0, 0.35  # groups beyond this size weigh (size / CROWD)^-CROWDING a row
KEPT_LAYOUTS = 2  # of those that a run leaves open
# Rows that are not fitted to: their time per token is below that of runs that differ from them in nothing recorded.
SUSPECTED_SPECULATION = (
    lambda run: run.model.name == "DeepSeek-R1" and "sglang" in run.engine and run.precision == "fp8",
    lambda run: run.model.name.startswith("Qwen3.5") and run.engine == "sglang 0.5.9" and run.precision == "fp8"
    and run.tensor == 4 and run.expert == 1,
)  # fmt: skip


class Problem:
    """Cases laid out for the engine with the layouts that may be the fastest, the metrics to compare, their weights."""

    def __init__(self, cases: list[ServedCase], constants: Constants) -> None:
        fitted = [case for case in cases if not any(test(case.run) for test in SUSPECTED_SPECULATION)]
        self.cases = pruned(fitted, constants)
        self.batch = batch_of(self.cases, constants)
        sizes = Counter(_group(case) for case in self.cases)
        compared = [
            (index, METRICS.index(metric), float(np.log(stated)), _weight(case, sizes[_group(case)], metric))
            for index, case in enumerate(self.cases)
            for metric in METRICS
            if (stated := getattr(case.run, metric)) and _counts(case, metric)
        ]
        self.owner, self.metric = (np.array([entry[place] for entry in compared]) for place in (0, 1))
        self.measured, self.weight = (np.array([entry[place] for entry in compared]) for place in (2, 3))

    def errors(self, constants: Constants) -> Values:
        """ln(predicted / measured) of each metric compared."""
        found = predict(self.batch, constants)
        table = np.log(np.array([getattr(found, metric) for metric in METRICS]))
        return np.asarray(np.clip(table[self.metric, self.owner] - self.measured, -6.0, 6.0))

    def columns(self, base: str, names: list[str], constants: Constants) -> Values:
        """For each metric compared, the place among `names` of the one constant `base` that its case uses; -1 where it
        is not among them. A case has one chip family and one engine, so that one kind of each constant serves it."""
        places = {name: index for index, name in enumerate(names)}

        def column(case: ServedCase) -> int:
            kinds = (f"{base}.{kind}" for kind in (case.family, case.software.engine))
            return places.get(next((name for name in kinds if name in constants.values), base), -1)

        return np.array([column(case) for case in self.cases])[self.owner]


def pruned(cases: list[ServedCase], constants: Constants) -> list[ServedCase]:
    """The cases with only the few layouts that serve most at the constants, so that fitting is quick."""
    batch = batch_of(cases, constants)
    rank = rank_of_layouts(batch, constants, layouts_served(batch, constants)[2])
    kept = []
    for index, case in enumerate(cases):
        places = np.argsort(-rank[batch.owner == index])[:KEPT_LAYOUTS]
        options, readers = (tuple(side[place] for place in places) for side in (case.options, case.readers))
        kept.append(replace(case, options=options, readers=readers))
    return kept


def _group(case: ServedCase) -> tuple[str, str, str]:
    return case.run.groups["source_key"], case.run.model.name, case.software.engine


def _weight(case: ServedCase, size: int, metric: str) -> float:
    crowd = min(1.0, (CROWD / size) ** CROWDING)
    return IMPORTANCE[metric] * crowd * (HARD if case.run.groups["use"] == "hard" else 1.0)


def _counts(case: ServedCase, metric: str) -> bool:
    """Derived throughput repeats the latencies; the first seconds of a benchmark's first release are warm-up."""
    if metric == "throughput":
        return not case.run.derived
    warming = case.run.engine == "sglang" and case.run.model.name == "DeepSeek-V3" and case.run.accelerator == "B200"
    return not (metric == "ttft" and (warming or case.task.load == "offline"))
