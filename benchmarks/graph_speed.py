"""How long a graph of 300 quantities takes over 10,000 samples, against the same arithmetic in plain NumPy.

Run: python benchmarks/graph_speed.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import numpy as np
from figures import Figures, best_of

from waterline.core.catalogue import Catalogue
from waterline.core.distribution import Samples, interval
from waterline.core.evaluate import Evaluation
from waterline.core.graph import Graph
from waterline.core.graph_builder import GraphBuilder
from waterline.core.knowledge import Leaf
from waterline.core.quantity import Quantity, quantity
from waterline.core.scenario import Scenario

LEAVES, FORMULAS, SAMPLES, REPEATS = 60, 240, 10_000, 40


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


def catalogue_of(formulas: int) -> Catalogue:
    """That many quantities."""
    catalogue = Catalogue()
    for place in range(formulas):
        catalogue.add(formula(place))
    return catalogue


def built(catalogue: Catalogue, targets: int | None = None) -> tuple[Graph, list[str]]:
    """The graph under the last ``targets`` quantities (all by default), and their ids."""
    builder = GraphBuilder(catalogue, Leaves(), Scenario(date(2026, 1, 1)))  # type: ignore[arg-type]
    wanted = [builder.add(name, {}).id for name in list(catalogue)[-(targets or len(catalogue)) :]]
    return builder.graph(), wanted


def main() -> None:
    """Print the figures."""
    figures = Figures(
        "Graph against plain NumPy",
        f"{FORMULAS} formulas over {LEAVES} uncertain leaves, {SAMPLES:,} samples; "
        f"shortest processor time of {REPEATS} runs in turn",
    )
    catalogue = catalogue_of(FORMULAS)
    built(catalogue)  # checks units, once for a version of a formula
    graph, targets = built(catalogue)
    figures.add("build the graph", *best_of(REPEATS, lambda: built(catalogue), clock=time.process_time), "ms")
    drawn = Evaluation(graph, SAMPLES, 1)
    leaves = {name: drawn[name] for name, node in graph.nodes.items() if node.leaf}

    def whole() -> Samples:
        evaluation = Evaluation(graph, SAMPLES, 1)
        return [evaluation[target] for target in targets][-1]

    def plain() -> Samples:
        values = dict(leaves)
        for node in graph.nodes.values():
            if node.quantity:
                values[node.id] = node.quantity.formula(**{edge.argument: values[edge.node] for edge in node.edges})
        return values[targets[-1]]

    def formulas_only() -> Samples:
        evaluation = Evaluation(graph, SAMPLES, 1)
        evaluation.preset(leaves)
        return [evaluation[target] for target in targets][-1]

    np.testing.assert_allclose(whole(), plain())
    total, arithmetic, formulas = best_of(REPEATS, whole, plain, formulas_only, clock=time.process_time)
    figures.add("evaluate, draws included", total, "ms", "50 or less")
    figures.add("the formulas in plain NumPy", arithmetic, "ms")
    figures.add("the formulas in the graph, every result checked and filed", formulas, "ms")
    figures.add("graph over plain NumPy", formulas / arithmetic, "times", "1.3 or less")
    figures.show()


if __name__ == "__main__":
    main()
