"""How bound known code bases are, and how fast they are scanned: the rows of the table in docs/explanation/moat.md.

    python benchmarks/scan_trees.py [--workers 2] PATH ...

Each is scanned cold (nothing remembered) and warm. Seconds are of the clock; processor seconds are of all processes
together, so that MB/s a core does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import tempfile
from pathlib import Path

from waterline.core.scenario import Scenario
from waterline.moat.scan import Scan, scan
from waterline.questions.code_base import Portrait, change_first, portrait
from waterline.questions.session import default_session, today


def timed(path: Path, workers: int) -> tuple[Scan, float]:
    """A scan and its processor seconds."""
    before = os.times()
    found = scan(path, workers=workers)
    for worker in multiprocessing.active_children():
        worker.join()  # its times are added to ours when it has ended
    after = os.times()
    return found, sum(after[:4]) - sum(before[:4])


def interval(found: Portrait, name: str) -> str:
    summary = found.ask(name).summary
    return f"{summary.median:.3g} ({summary.p05:.3g}–{summary.p95:.3g})"


def row(path: Path, workers: int) -> None:
    cold, cold_processor = timed(path, workers)
    warm, warm_processor = timed(path, workers)
    before = os.times()
    found = portrait(default_session(), cold, "hip", Scenario(today()))
    first = change_first(found)
    after = os.times()
    lines = sum(lines for _, lines in cold.lines_by.values())
    cuda = sum(lines for (language, _), (_, lines) in cold.lines_by.items() if language == "cuda")
    apis = [place for place in found.touchpoints if place.touchpoint.kind in ("api", "library", "unknown")]
    direct = sum(place.count for place in apis if place.status.name == "direct") / max(1, sum(p.count for p in apis))
    print(
        f"{path.name}: {lines:,} lines, {cuda:,} CUDA, {sum(place.count for place in found.touchpoints):,} touchpoints"
    )
    print(
        f"  direct {direct:.1%}, portability {interval(found, 'portability_score')}, "
        f"person-weeks {interval(found, 'porting_weeks')}, hours per 1,000 lines {interval(found, 'lock_in')}"
    )
    print("  first: " + ", ".join(f"{entry['change']} {entry['drop_share']:.0%}" for entry in first[:4]))
    read = cold.bytes_read / 1e6
    per_core = read / cold_processor
    print(f"  {read:.1f} MB cold: {cold.seconds:.1f} s, {cold_processor:.1f} processor s, {per_core:.1f} MB/s a core")
    print(f"  warm: {warm.seconds:.1f} s, {warm_processor:.1f} processor s, {warm.remembered:,} files remembered")
    print(f"  statuses and what to change first: {sum(after[:2]) - sum(before[:2]):.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("trees", nargs="+", type=Path, metavar="PATH")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as empty:
        os.environ["XDG_CACHE_HOME"] = empty  # nothing is remembered at first, and the user's memory stays as it is
        for path in options.trees:
            row(path, options.workers)
    for name, who in (("parent", resource.RUSAGE_SELF), ("largest worker", resource.RUSAGE_CHILDREN)):
        print(f"memory of {name}: {resource.getrusage(who).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
