"""``waterline scan``: how bound a code base is to CUDA, and what moving it would take."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from waterline.cli import options
from waterline.cli.study import LANGUAGES

_ROWS = 12
_INTERRUPTED = 130


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("scan", parents=[shared], help="CUDA lock-in of a code base")
    parser.add_argument("path", type=Path, metavar="PATH", help="folder or file; nothing in it is executed")
    parser.add_argument("--to", default="hip", metavar="TARGET", help="hip (default), sycl, neuron, xla or portable")
    parser.add_argument(
        "bindings", nargs="*", metavar="ROLE=ENTITY", help="for the break-even: from=h100-sxm to=mi300x"
    )
    parser.add_argument("--html", type=Path, metavar="OUT", help="also write a page with the treemap to this file")
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help="language of the page")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Scan and print; what Ctrl-C leaves is printed too, marked as partial."""
    from waterline.cli import output
    from waterline.moat.scan import scan
    from waterline.moat.status import target_rules
    from waterline.questions.code_base import document, portrait
    from waterline.questions.session import default_session

    target_rules(arguments.to)
    scenario = options.scenario(arguments, options.pairs(arguments.bindings, "a binding"))
    progress = _progress if sys.stderr.isatty() else None
    found = portrait(default_session(), scan(arguments.path, progress=progress), arguments.to, scenario)
    report = document(found)
    if arguments.html:
        from waterline.core.files import write_atomically
        from waterline.report.scan_page import scan_page

        write_atomically(arguments.html, scan_page(found, report, arguments.lang).encode())
        print(f"wrote {arguments.html}", file=sys.stderr)
    if arguments.json:
        output.print_long_json(report, "touchpoints")
    else:
        _print(report)
    return _INTERRUPTED if report["partial"] else 0


def _print(report: dict[str, Any]) -> None:
    from waterline.cli.output import number, plain

    if report["partial"]:
        print("PARTIAL: the scan was interrupted; what follows is of the files read until then")
    print(f"{plain(report['path'])}, to {report['map']['target']['name']}")
    print(
        f"  {report['files']:,} files, {report['lines']:,} lines, {report['cuda_lines']:,} of them CUDA "
        f"({report['mb_per_s']:.0f} MB/s, {report['remembered']:,} files remembered)"
    )
    apis = report["apis"]
    print("  API calls: " + ", ".join(f"{apis[name]:,} {name}" for name in apis))
    print("  found: " + (", ".join(f"{count:,} {kind}" for kind, count in report["by_kind"].items()) or "nothing"))
    weeks, cost = report["effort_person_weeks"], report["cost_usd"]
    print(
        f"  effort {number(weeks['median'])} person-weeks (90%: {number(weeks['p05'])} to {number(weeks['p95'])}), "
        f"{number(cost['median'], 'USD')} (90%: {number(cost['p05'])} to {number(cost['p95'])})"
    )
    score, density = report["portability_score"], report["lock_in_hours_per_1000_lines"]
    if score:
        print(f"  portability {score['median']:.2f} (90%: {score['p05']:.2f} to {score['p95']:.2f})")
    if density:
        print(
            f"  lock-in {number(density['median'])} hours per 1,000 lines (90%: {number(density['p05'])} "
            f"to {number(density['p95'])})"
        )
    if report["break_even"]:
        _print_break_even(report["break_even"])
    _print_tables(report)
    for reason, count in report["skipped"]["by_reason"].items():
        print(f"  passed over: {count:,} × {reason}")


def _print_break_even(found: dict[str, Any]) -> None:
    from waterline.cli.output import number

    if "unknown" in found:
        print(f"  break-even from {found['from']} to {found['to']}: {found['unknown']}")
        return
    months, never = found["months"], found["never_months"]
    ends = [number(months[key]) if months[key] < never else "never" for key in ("median", "p05", "p95")]
    print(
        f"  break-even from {found['from']} to {found['to']} for a {found['mover']} serving {found['model']}: "
        f"{ends[0]}{' months' if months['median'] < never else ''} (90%: {ends[1]} to {ends[2]}); "
        f"pays within its horizon with a chance of {found['pays']:.0%}"
    )


def _print_tables(report: dict[str, Any]) -> None:
    from waterline.cli.output import number, plain

    if report["change_first"]:
        print("  what to change first (hours that the effort falls by without it):")
        for row in report["change_first"][:_ROWS]:
            print(
                f"    {plain(row['change']):<26} {number(row['drop_hours']):>9} h {row['drop_share']:>5.0%}"
                f"   {row['touchpoints']:>7,} places in {row['files']:,} files"
            )
    held = [row for row in report["names"] if row["own"] and row["status"] != "direct"][:_ROWS]
    if held:
        print("  what holds it most often:")
        for row in held:
            print(f"    {plain(row['name'])[:40]:<40} {row['own']:>7,}  {row['status']}: {row['why']}")


def _progress(done: int, of: int) -> None:
    print(f"\r{done:,} of {of:,} files", end="" if done < of else "\n", file=sys.stderr, flush=True)
