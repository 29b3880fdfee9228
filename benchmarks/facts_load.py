"""How long the fact base takes to load: parsed from YAML, and from the cache (goal 150 ms).

Run: python benchmarks/facts_load.py
"""

from __future__ import annotations

import os
import tempfile
import time


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as directory:
        os.environ["WATERLINE_CACHE"] = directory
        from waterline.facts.store import FactBase

        for name in ("parsed, units asked of pint", "cached", "cached again"):
            started = time.perf_counter()
            facts = FactBase.load()
            took = 1000 * (time.perf_counter() - started)
            print(f"{name}: {took:.0f} ms, {sum(1 for _ in facts.facts()):,} facts, {len(facts.sources)} sources")


if __name__ == "__main__":
    main()
