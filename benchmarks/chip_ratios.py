"""How far off the engines are in the ratio of two chips, on published runs that differ only in the chip.

    python benchmarks/chip_ratios.py

The origin of the assumptions `serving_chip_share` and `training_chip_share`: the spread of the logarithm of measured
over modelled ratio of rates. Half of its square over that of the engine's own error is the part of the error's variance
that is each chip's own.
"""

from __future__ import annotations

import csv
import itertools
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shipped_facts as shipped

from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.validate import validate_serving
from waterline.performance.training.validate import validate_training

RUNS = Path(__file__).resolve().parents[2] / "shared" / "validation"
NINE_IN_TEN = 1.645  # half-width of a normal 90% interval over its standard deviation
PAIRS = (("H200", "H100"), ("B200", "H200"), ("MI300X", "H100"))
SERVED_ALIKE = (
    "model_name", "engine", "n_accel", "TP", "PP", "EP", "DP", "input_len", "output_len", "concurrency_or_batch",
    "weight_precision", "kv_precision", "metric_kind", "source_key",
)  # fmt: skip
TRAINED_ALIKE = ("model_name", "source_key", "framework", "precision", "seq_len", "n_accel", "finetune_kind")


Errors = dict[str, float]


def served() -> Errors:
    """Logarithm of measured over modelled output rate of each serving run."""
    report = validate_serving(RUNS / "inference_runs.csv", shipped.chips(), shipped.models())
    return _errors(entry for entry in report["predictions"] if entry["metric"] == "throughput")


def trained() -> Errors:
    """Logarithm of measured over modelled rate of each training run."""
    report = validate_training(RUNS / "training_runs.csv", shipped.chips(), shipped.models())
    return _errors(report["predictions"])


def _errors(entries: Iterable[dict[str, Any]]) -> Errors:
    pairs = ((entry["id"], entry.get("measured"), entry.get("predicted")) for entry in entries)
    return {name: float(np.log(measured / modelled)) for name, measured, modelled in pairs if measured and modelled}


def differences(errors: Errors, table: str, alike: tuple[str, ...]) -> dict[tuple[str, str], list[float]]:
    """Errors of one chip less those of another, for every two runs of them that are alike otherwise."""
    groups: dict[tuple[str, ...], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with (RUNS / table).open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["id"] in errors:
                groups[tuple(row[key] for key in alike)][row["accelerator"]].append(errors[row["id"]])
    found = defaultdict(list)
    for chips in groups.values():
        for one, other in itertools.permutations(sorted(chips), 2):
            found[one, other] += [mine - its for mine in chips[one] for its in chips[other]]
    return found


def share(spread: float, own: float) -> float:
    """Part of the variance ``own²`` that is a chip's own, where two chips' errors differ by ``spread``."""
    return spread**2 / 2 / own**2


def main() -> None:
    serving = differences(served(), "inference_runs.csv", SERVED_ALIKE)
    for pair in PAIRS:
        p05, median, p95 = np.exp(np.percentile(serving[pair], (5, 50, 95)))
        print(
            f"{' ÷ '.join(pair)}: {len(serving[pair])} pairs, measured ÷ modelled {p05:.2f}, {median:.2f}, {p95:.2f} "
            f"(5%, median, 95%), spread {np.std(serving[pair]):.2f}"
        )
    one_maker = float(np.sqrt(np.average([np.var(serving[pair]) for pair in PAIRS[:2]],
                                         weights=[len(serving[pair]) for pair in PAIRS[:2]])))  # fmt: skip
    width = serving_constants().of("model_error", "throughput_closed") / NINE_IN_TEN
    print(f"serving: spread {one_maker:.2f} for one maker, share of a chip {share(one_maker, width):.2f}")

    errors = trained()
    training = differences(errors, "training_runs.csv", TRAINED_ALIKE)
    all_pairs = [value for (one, other), values in training.items() if one < other for value in values]
    spread, own = float(np.std(all_pairs)), float(np.std(list(errors.values())))
    print(f"training: {len(all_pairs)} pairs, spread {spread:.2f}, share of a chip {share(spread, own):.2f}")


if __name__ == "__main__":
    main()
