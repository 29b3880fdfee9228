"""Time and memory as work grows: samples, quantities, facts, claims.

Run: python benchmarks/growth.py
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from figures import Figures

SAMPLES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
QUANTITIES = (10, 100, 1_000, 10_000)
FACTS = (1_000, 10_000, 100_000)
CLAIMS = (1, 10, 100, 1_000)


def samples(count: int) -> float:
    """Seconds to answer a question of seven uncertain inputs with that many samples."""
    from waterline.core.scenario import Scenario
    from waterline.questions.session import default_session

    def ask(number: int) -> None:
        terms = Scenario(date(2026, 11, 24), {"model": "deepseek-v3"}, {}, number)
        assert default_session().ask("market_cost", terms).summary.median > 0

    ask(16)
    started = time.perf_counter()
    ask(count)
    return time.perf_counter() - started


def quantities(count: int) -> tuple[float, float]:
    """Seconds to build a graph of that many formulas, and to evaluate it."""
    from graph_speed import built, catalogue_of

    from waterline.core.evaluate import Evaluation

    catalogue = catalogue_of(count)
    built(catalogue)
    started = time.perf_counter()
    graph, targets = built(catalogue)
    between = time.perf_counter()
    evaluation = Evaluation(graph, 8192, 1)
    for target in targets:
        evaluation[target]
    return between - started, time.perf_counter() - between


def facts(count: int) -> tuple[float, float, float]:
    """Seconds to read that many facts from YAML, to load them from the cache, and to look one up."""
    from waterline.core.units import conversion_factor
    from waterline.facts.load import load_base
    from waterline.facts.store import FactBase

    conversion_factor("USD/day", "USD/hour")
    with tempfile.TemporaryDirectory() as directory:
        write_facts(Path(directory), count)
        times = []
        for _ in range(2):
            started = time.perf_counter()
            base = FactBase(load_base([Path(directory)]))
            times.append(time.perf_counter() - started)
        known = base.as_of(date(2026, 1, 1))
        started = time.perf_counter()
        known.attribute("chip-0", "rental_price", None)
        return *times, time.perf_counter() - started  # type: ignore[return-value]


def write_facts(directory: Path, count: int) -> None:
    """A fact base of chips with a hundred prices each, in files of a hundred chips."""
    (directory / "attributes").mkdir()
    (directory / "sources").mkdir()
    (directory / "attributes" / "chip.yaml").write_text(
        "chip:\n  rental_price: {meaning: Rent, unit: USD/hour, range: [0.01, 1000.0], estimate: quotes}\n"
    )
    (directory / "sources" / "one.yaml").write_text(
        "one: {date: 2024-01-01, publisher: P, title: T, url: https://example.org}\n"
    )
    (directory / "chip").mkdir()
    for first in range(0, count // 100, 100):
        lines = ["kind: chip", "entities:"]
        for chip in range(first, min(first + 100, count // 100)):
            lines += [f"  chip-{chip}:", "    facts:", "      rental_price:"]
            for offer in range(100):
                day = date(2024, 1, 1) + timedelta(days=3 * offer)
                lines.append(
                    f"      - {{value: {1 + offer / 50:.2f}, unit: USD/day, valid: {day}, known: {day}, source: one, "
                    f"trust: B, provider: p{offer % 7}}}"
                )
        (directory / "chip" / f"chips-{first}.yaml").write_text("\n".join(lines) + "\n")


def claims(count: int) -> float:
    """Seconds to decide that many claims of one study."""
    from waterline.core.scenario import Scenario
    from waterline.questions.session import default_session
    from waterline.studies.read import read_study
    from waterline.studies.run import run_study

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "many.yaml"
        stated = "stated: {text: '$6M', value: 6.0e+6, step: 1.0e+6, unit: USD}, comparator: at-most"
        lines = [
            f"  C{place}: {{kind: fact, {stated}, quantity: market_cost, bindings: {{model: {model}}}}}"
            for place, model in zip(range(count), ("deepseek-v3", "gpt-4", "llama-3.1-405b") * count, strict=False)
        ]
        path.write_text("name: many\nclaims:\n" + "\n".join(lines) + "\n")
        study = read_study(str(path))
        session = default_session()
        started = time.perf_counter()
        run_study(session, study, Scenario(date(2026, 11, 24)))
        return time.perf_counter() - started


def alone(measure: Callable[[int], Any], count: int) -> tuple[Any, float]:
    """What a measure gives in a process of its own, and the process's largest memory in megabytes."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(measure, count, send))
    process.start()
    send.close()
    found = json.loads(receive.recv())
    process.join()
    return found


def _tell(measure: Callable[[int], Any], count: int, send: Any) -> None:
    found = measure(count)
    send.send(json.dumps([found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def draw(figures: Figures, measure: Callable[[int], Any], sizes: Sequence[int], x: str, names: Sequence[str]) -> None:
    """Curves of time, one for each of `names`, and of memory over sizes, each point in a process of its own."""
    found = [(size, *alone(measure, size)) for size in sizes]
    for place, name in enumerate(names):
        times = [(size, took[place] if isinstance(took, list) else took) for size, took, _ in found]
        figures.curve(f"Time by {x}", x, "seconds", name, times)
    figures.curve(f"Memory by {x}", x, "MB", "process", [(size, memory) for size, _, memory in found])


def main() -> None:
    """Print the curves."""
    figures = Figures("As work grows", "each point in a process of its own; memory is the largest of the whole process")
    for measure, sizes, x, names in (
        (samples, SAMPLES, "samples", ("answer",)),
        (quantities, QUANTITIES, "quantities", ("build", "evaluate")),
        (facts, FACTS, "facts", ("read from YAML", "load from cache", "look one up")),
        (claims, CLAIMS, "claims", ("decide",)),
    ):
        draw(figures, measure, sizes, x, names)
    figures.show()


if __name__ == "__main__":
    main()
