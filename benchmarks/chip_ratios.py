"""How far off the serving engine is in the ratio of two chips, on published runs that differ only in the chip.

    python benchmarks/chip_ratios.py [inference_runs.csv]

The origin of the assumption `speedup_error`: measured over modelled ratio of output rates, H200 against H100.
"""

from __future__ import annotations

import csv
import itertools
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from waterline.performance.known import chips_by_name, models_by_name
from waterline.performance.serving.validate import validate_serving
from waterline.questions.session import default_session, today

RUNS = Path(__file__).resolve().parents[2] / "shared" / "validation" / "inference_runs.csv"
PAIRS = (("H200", "H100"), ("B200", "H200"), ("MI300X", "H100"))
SAME = (
    "model_name", "engine", "n_accel", "TP", "PP", "EP", "DP", "input_len", "output_len", "concurrency_or_batch",
    "weight_precision", "kv_precision", "metric_kind", "source_key",
)  # fmt: skip


def throughputs(path: Path) -> dict[str, dict[str, Any]]:
    """The engine's entry for the output rate of each run."""
    known = default_session().facts.as_of(today())
    report = validate_serving(path, chips_by_name(known), models_by_name(known))
    return {entry["id"]: entry for entry in report["predictions"] if entry["metric"] == "throughput"}


def ratios(path: Path) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Measured and modelled ratio of every matched pair of runs."""
    entries = throughputs(path)
    alike: dict[tuple[str, ...], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    with path.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if entries.get(row["id"], {}).get("predicted"):
                alike[tuple(row[key] for key in SAME)][row["accelerator"]].append(row["id"])
    found = defaultdict(list)
    for chips in alike.values():
        for pair in PAIRS:
            for one, other in itertools.product(chips.get(pair[0], ()), chips.get(pair[1], ())):
                found[pair].append(tuple(entries[one][key] / entries[other][key] for key in ("measured", "predicted")))
    return found


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    for (chip, rival), pairs in ratios(path).items():
        measured, modelled = np.array(pairs).T
        p05, median, p95 = np.percentile(measured / modelled, (5, 50, 95))
        print(
            f"{chip} ÷ {rival}: {len(pairs)} pairs; measured {np.median(measured):.2f}, modelled "
            f"{np.median(modelled):.2f}; measured ÷ modelled {p05:.2f}, {median:.2f}, {p95:.2f} (5%, median, 95%)"
        )


if __name__ == "__main__":
    main()
