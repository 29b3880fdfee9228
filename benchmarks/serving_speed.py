"""How many serving configurations per second the engine evaluates on one core, and how long a plan takes.

python benchmarks/serving_speed.py
"""

from __future__ import annotations

import resource
import time

import shipped_facts as shipped

from waterline.performance.serving.candidates import aggregated_candidates
from waterline.performance.serving.closed_loop import closed_loop
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.search import ServingQuestion, copies_of

ROUNDS = 50
MODELS = ("Llama-3.1-70B", "DeepSeek-V3", "gpt-oss-120b")


def main() -> None:
    constants = serving_constants()
    chips, models = shipped.chips(), shipped.models()
    for name in MODELS:
        question = ServingQuestion(models[name], chips["h200"], input=1024.0, output=1024.0)
        start = time.perf_counter()
        found = aggregated_candidates(copies_of(question, constants))
        planned = time.perf_counter() - start
        count = found.served.tpot.size
        start = time.process_time()
        for _ in range(ROUNDS):
            closed_loop(found.setting, constants)
        rate = ROUNDS * count / (time.process_time() - start)
        print(f"{name}: a plan of {count:,} set-ups in {planned:.3f} s; {rate:,.0f} configurations/s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
