"""How long the fact base takes to load: parsed from YAML, and from the cache.

Run: python benchmarks/facts_load.py
"""

from __future__ import annotations

import os
import tempfile
import time

from figures import Figures


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as directory:
        os.environ["WATERLINE_CACHE"] = directory
        from waterline.facts.store import FactBase

        figures = Figures("Loading the fact base", "one process, after imports")
        for name, goal in (
            ("parsed, every unit asked of pint", ""),
            ("from the cache", "150 or less"),
            ("from the cache, again", "150 or less"),
        ):
            started = time.perf_counter()
            facts = FactBase.load()
            figures.add(name, 1000 * (time.perf_counter() - started), "ms", goal)
        figures.add("facts", sum(1 for _ in facts.facts()), "facts")
        figures.add("sources", len(facts.sources), "sources")
        figures.show()


if __name__ == "__main__":
    main()
