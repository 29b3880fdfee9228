"""``waterline sweep``: a quantity over a grid, into Parquet."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from waterline.cli import options


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("sweep", parents=[shared], help="a grid of scenarios, into Parquet; resumable")
    parser.add_argument("quantity", metavar="QUANTITY", help="what to compute at every point")
    parser.add_argument("bindings", nargs="*", metavar="ROLE=ENTITY", help="what stays the same")
    parser.add_argument(
        "--over", action="append", default=[], metavar="NAME=VALUES", required=True,
        help="what varies: ROLE=a,b,c, or an input as NAME='1,2,4 USD/hour' or NAME='1:4:100 USD/hour' "
        "(low, high, how many); repeatable",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="Parquet file, or directory of parts")
    parser.add_argument("--workers", type=options.whole, metavar="N", help="processes (default: one per processor)")
    parser.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler instead of processes: tcp://HOST:PORT")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Sweep and print."""
    from waterline.cli import output
    from waterline.core.errors import InputError
    from waterline.questions.sweep.run import sweep

    if arguments.workers is not None and arguments.workers < 1:
        raise InputError(f"--workers must be 1 or more, not {arguments.workers}")
    found = sweep(
        arguments.quantity,
        arguments.over,
        options.scenario(arguments, options.pairs(arguments.bindings, "a binding")),
        arguments.out,
        processes=arguments.workers,
        cluster=arguments.cluster,
        progress=_progress(time.monotonic()) if sys.stderr.isatty() else None,
    )
    if arguments.json:
        output.print_json(found)
        return 0
    grid = " × ".join(f"{count:,} {name}" for name, count in found["axes"].items())
    kept = found["rows"] - found["computed"]
    print(f"{found['quantity']} ({found['unit']}) at {found['rows']:,} points: {grid}")
    print(f"  {found['path']}" + (f"  ({found['parts']:,} parts)" if found["parts"] > 1 else ""))
    print(f"  {found['seconds']:.1f} s" + (f"; {kept:,} points were there already" if kept else ""))
    return 0


def _progress(started: float) -> Callable[[int, int], None]:
    def show(done: int, points: int) -> None:
        left = (time.monotonic() - started) * (points - done) / done
        end = "\n" if done == points else ""
        print(f"\r{done:,} of {points:,} points, {left:,.0f} s left   ", end=end, file=sys.stderr, flush=True)

    return show
