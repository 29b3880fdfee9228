"""Monte Carlo of one cost model: in the graph and in plain NumPy; `peers.py` puts squigglepy beside them.

    python benchmarks/monte_carlo.py [--json]

Twelve uncertain inputs, four outputs (rent, work, full cost, cost of work), 100,000 samples.
"""

from __future__ import annotations

import json
import subprocess
import time
from datetime import date

import numpy as np
from figures import Figures, best_of

from waterline.core.catalogue import Catalogue
from waterline.core.distribution import Samples, interval
from waterline.core.evaluate import Evaluation, SampleMemory
from waterline.core.graph_builder import GraphBuilder
from waterline.core.knowledge import Leaf
from waterline.core.quantity import quantity
from waterline.core.scenario import Scenario

SAMPLES, REPEATS = 100_000, 15
RANGES = {
    "chips": (1800.0, 2200.0), "days": (50.0, 65.0), "price": (1.5, 3.0), "peak": (7e14, 1e15), "mfu": (0.2, 0.4),
    "failed": (1.05, 1.3), "staff": (100.0, 200.0), "salary": (2e5, 6e5), "years": (0.5, 1.5), "data": (1e6, 5e6),
    "experiments": (2.0, 6.0), "overhead": (1.1, 1.4),
}  # fmt: skip
UNITS = {
    "chips": "GPU", "days": "day", "price": "USD/GPU/hour", "peak": "FLOP/s/GPU", "mfu": "fraction",
    "failed": "fraction", "staff": "fraction", "salary": "USD/year", "years": "year", "data": "USD",
    "experiments": "fraction", "overhead": "fraction",
}  # fmt: skip
METHOD = f"12 inputs, 4 outputs, {SAMPLES:,} samples; shortest processor time of {REPEATS} runs in turn"
OUTPUTS = ("rent", "work", "full_cost", "cost_of_work")

PEER = """
import json, sys, time
import numpy as np, squigglepy as sq
ranges, samples, repeats = json.loads(sys.argv[1])
def inputs():
    return {name: sq.to(low, high) for name, (low, high) in ranges.items()}
def outputs(d):
    rent = d["chips"] * d["days"] * 24 * d["price"]
    work = d["chips"] * d["days"] * 86400 * d["peak"] * d["mfu"]
    full = rent * d["failed"] * d["experiments"] * d["overhead"] + d["staff"] * d["salary"] * d["years"] + d["data"]
    return rent, work, full, full / work * 1e24
def expressions():
    for one in outputs(inputs()):
        np.percentile(one @ samples, (5, 50, 95))
def drawn_once():
    for one in outputs({name: one @ samples for name, one in inputs().items()}):
        np.percentile(one, (5, 50, 95))
found = []
for run in (expressions, drawn_once):
    times = []
    for _ in range(repeats):
        started = time.process_time(); run(); times.append(1000 * (time.process_time() - started))
    found.append(min(times))
print(json.dumps([sq.__version__ if hasattr(sq, "__version__") else "", *found]))
"""


class Ranges:
    """The inputs as assumptions."""

    def assumption(self, name: str) -> Leaf | None:
        low, high = RANGES[name]
        return Leaf(name, interval(low, None, high), UNITS[name], reason="benchmark")

    def correlations(self) -> dict[tuple[str, str], float]:
        return {}


@quantity("USD", chips="GPU", days="hour", price="USD/GPU/hour")
def rent(chips: Samples, days: Samples, price: Samples) -> Samples:
    """Rent.

    rent = chips × days × price
    """
    return chips * days * price


@quantity("FLOP", chips="GPU", days="s", peak="FLOP/s/GPU", mfu="fraction")
def work(chips: Samples, days: Samples, peak: Samples, mfu: Samples) -> Samples:
    """Work.

    work = chips × days × peak × mfu
    """
    return chips * days * peak * mfu


@quantity(
    "USD", rent="USD", failed="fraction", experiments="fraction", overhead="fraction", staff="fraction",
    salary="USD/year", years="year", data="USD",
)  # fmt: skip
def full_cost(
    rent: Samples, failed: Samples, experiments: Samples, overhead: Samples, staff: Samples, salary: Samples,
    years: Samples, data: Samples,
) -> Samples:  # fmt: skip
    """Full cost.

    full_cost = rent × failed × experiments × overhead + staff × salary × years + data
    """
    return rent * failed * experiments * overhead + staff * salary * years + data


@quantity("USD/FLOP", full_cost="USD", work="FLOP")
def cost_of_work(full_cost: Samples, work: Samples) -> Samples:
    """Cost of work.

    cost_of_work = full_cost ÷ work
    """
    return full_cost / work


def graph() -> GraphBuilder:
    """The model built."""
    catalogue = Catalogue()
    for found in (rent, work, full_cost, cost_of_work):
        catalogue.add(found)
    builder = GraphBuilder(catalogue, Ranges(), Scenario(date(2026, 1, 1)))  # type: ignore[arg-type]
    for name in OUTPUTS:
        builder.add(name, {})
    return builder


def by_hand(d: dict[str, Samples]) -> tuple[Samples, ...]:
    """The same four outputs written out."""
    rent = d["chips"] * (d["days"] * 24) * d["price"]
    work = d["chips"] * (d["days"] * 86400) * d["peak"] * d["mfu"]
    full = rent * d["failed"] * d["experiments"] * d["overhead"] + d["staff"] * d["salary"] * d["years"] + d["data"]
    return rent, work, full, full / work


def numpy_once() -> None:
    """Draw pseudo-random numbers and evaluate, as a script would."""
    generator = np.random.default_rng(1)
    drawn = {}
    for name, (low, high) in RANGES.items():
        middle, width = (np.log(low) + np.log(high)) / 2, (np.log(high) - np.log(low)) / (2 * 1.6448536)
        drawn[name] = generator.lognormal(middle, width, SAMPLES)
    for one in by_hand(drawn):
        np.percentile(one, (5, 50, 95))


def main() -> None:
    """Print the figures."""
    figures = Figures("Monte Carlo", METHOD)
    measure(figures)
    figures.show()


def measure(figures: Figures, squigglepy: str | None = None) -> None:
    """The model by hand and in the graph; beside squigglepy, where an interpreter that has it is named."""
    built = graph().graph()
    drawn = Evaluation(built, SAMPLES, 1)
    leaves = {node.id: drawn[node.id] for node in built.nodes.values() if node.leaf}
    fresh = [_memory_of(drawn, leaves) for _ in range(REPEATS)]

    def in_graph() -> None:
        evaluation = Evaluation(built, SAMPLES, 1, fresh.pop())
        assert all(evaluation[name].size for name in OUTPUTS)

    def whole() -> None:
        from waterline.core.answer import summarise

        evaluation = Evaluation(built, SAMPLES, 1)
        assert all(summarise(evaluation[name]).median for name in OUTPUTS)

    np.testing.assert_allclose(drawn["cost_of_work"], by_hand(leaves)[3])
    # Formulas by themselves: each then finds the inputs in the processor's caches, where the other has read them
    formulas, hand = best_of(REPEATS, in_graph, lambda: by_hand(leaves), clock=time.process_time)
    cold, script = best_of(REPEATS, whole, numpy_once, clock=time.process_time)
    figures.add("formulas by hand in NumPy", hand, "ms")
    figures.add("formulas in the graph, checked and filed", formulas, "ms")
    figures.add("graph over NumPy", formulas / hand, "times", "1.3 or less")
    figures.add("whole answer in NumPy: pseudo-random draws, formulas, percentiles", script, "ms")
    figures.add("whole answer in the graph: stratified draws, formulas, percentiles", cold, "ms")
    if squigglepy:
        compare(figures, squigglepy, formulas, cold, script)


def _memory_of(evaluation: Evaluation, leaves: dict[str, Samples]) -> SampleMemory:
    """A memory that holds the draws and nothing that is worked out from them."""
    memory = SampleMemory()
    for name, samples in leaves.items():
        memory.put(evaluation.key(name), samples)
    return memory


def compare(figures: Figures, python: str, formulas: float, cold: float, script: float) -> None:
    """The same model in squigglepy."""
    words = [python, "-c", PEER, json.dumps([RANGES, SAMPLES, REPEATS])]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    version, expressions, once = json.loads(done.stdout.splitlines()[-1])
    figures.add(f"squigglepy {version}, an expression per output", expressions, "ms")
    figures.add(f"squigglepy {version}, inputs drawn once", once, "ms")
    figures.add("squigglepy's expressions over the graph's whole answer", expressions / cold, "times")
    figures.add(
        "squigglepy's expressions over NumPy's whole answer: all that can be gained", expressions / script, "times"
    )
    figures.add(
        "squigglepy's expressions over an evaluation with its draws at hand",
        expressions / formulas,
        "times",
        "20 or more",
    )


if __name__ == "__main__":
    main()
