"""How long a graph of 300 quantities takes over 10,000 samples, against the same arithmetic in plain NumPy.

Goal: 50 ms on one core. Run: python benchmarks/graph_speed.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import numpy as np

from waterline.core.catalogue import Catalogue
from waterline.core.distribution import Samples, interval
from waterline.core.evaluate import Evaluation
from waterline.core.graph import GraphBuilder
from waterline.core.knowledge import Leaf
from waterline.core.quantity import Quantity, quantity
from waterline.core.scenario import Scenario

LEAVES, FORMULAS, SAMPLES, REPEATS = 60, 240, 10_000, 15


class Leaves:
    """Free assumptions only."""

    def assumption(self, name: str) -> Leaf | None:
        return Leaf(name, interval(1.0, None, 3.0), "USD", reason="benchmark") if name.startswith("x") else None

    def correlations(self) -> dict[tuple[str, str], float]:
        return {}


def formula(place: int) -> Quantity:
    """The quantity at a place: half the sum of two that come before it, times a ratio of leaves."""
    names = [f"q{place - 5}" if place > 4 else "x0", f"q{place // 2}" if place > 1 else "x1"]
    if names[0] == names[1]:
        names[1] = "x2"
    names += [f"x{place % LEAVES}", f"x{(place * 7 + 3) % LEAVES}"]
    names = list(dict.fromkeys(names))
    source = (
        f"def q{place}({', '.join(names)}):\n    return ({names[0]} + {names[1]}) * 0.5 * {names[-1]} / {names[-1]}"
    )
    scope: dict[str, Callable[..., Samples]] = {}
    exec(source, scope)  # one distinct code object per quantity, as in a real catalogue
    function = scope[f"q{place}"]
    function.__doc__ = f"Formula.\n\nq{place} = …"
    function.__module__ = "waterline.benchmark"
    return quantity("USD", **dict.fromkeys(names, "USD"))(function)


def best(run: Callable[[], object]) -> float:
    """Shortest of several runs, in milliseconds."""
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - started))
    return min(times)


def main() -> None:
    """Print the figures."""
    catalogue = Catalogue()
    for place in range(FORMULAS):
        catalogue.add(formula(place))
    builder = GraphBuilder(catalogue, Leaves(), Scenario(date(2026, 1, 1)))  # type: ignore[arg-type]
    started = time.perf_counter()
    targets = [builder.add(f"q{place}", {}).id for place in range(FORMULAS)]
    graph = builder.graph()
    print(f"build (units checked): {1000 * (time.perf_counter() - started):.1f} ms for {len(graph.nodes)} nodes")

    def whole() -> Samples:
        evaluation = Evaluation(graph, SAMPLES, 1)
        return [evaluation[target] for target in targets][-1]

    drawn = Evaluation(graph, SAMPLES, 1)
    leaves = {name: drawn[name] for name, node in graph.nodes.items() if node.leaf}

    def plain() -> Samples:
        values = dict(leaves)
        for node in graph.nodes.values():
            if node.quantity:
                values[node.id] = node.quantity(**{edge.argument: values[edge.node] for edge in node.edges})
        return values[targets[-1]]

    def formulas_only() -> Samples:
        evaluation = Evaluation(graph, SAMPLES, 1)
        evaluation.preset(leaves)
        return [evaluation[target] for target in targets][-1]

    np.testing.assert_allclose(whole(), plain())
    total, arithmetic, formulas = best(whole), best(plain), best(formulas_only)
    print(f"evaluate, draws included: {total:.1f} ms (goal 50)")
    print(
        f"evaluate, formulas alone: {formulas:.1f} ms; plain NumPy: {arithmetic:.1f} ms; {formulas / arithmetic:.2f}x"
    )


if __name__ == "__main__":
    main()
