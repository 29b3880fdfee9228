"""``waterline validate``: predicts published rows without fitting to them, and says how far off it is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from waterline.cli import options

REFUSED_SHOWN = 20


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("validate", help="predictions of published measurements, with their errors")
    kinds = parser.add_subparsers(title="what to validate", metavar="KIND", required=True, parser_class=type(parser))
    training = kinds.add_parser("training", parents=[shared], help="training runs: tokens per second")
    training.add_argument("path", type=Path, metavar="PATH", help="CSV of published runs")
    training.set_defaults(run=run_training)
    serving = kinds.add_parser("serving", parents=[shared], help="serving runs: latencies and output tokens per second")
    serving.add_argument("path", type=Path, metavar="PATH", help="CSV of published runs")
    serving.set_defaults(run=run_serving)
    study = kinds.add_parser("event-study", parents=[shared], help="reference values of event studies")
    study.add_argument("path", type=Path, metavar="PATH", help="folder of reference cases")
    study.set_defaults(run=run_event_study)


def run_training(arguments: argparse.Namespace) -> int:
    """Validate training runs and print."""
    from waterline.performance.training.validate import validate_training

    return _run(arguments, validate_training)


def run_serving(arguments: argparse.Namespace) -> int:
    """Validate serving runs and print."""
    from waterline.performance.serving.validate import validate_serving

    return _run(arguments, validate_serving)


def _run(arguments: argparse.Namespace, validate: Callable[..., dict[str, Any]]) -> int:
    from waterline.cli import output
    from waterline.performance.known import chips_by_name, models_by_name
    from waterline.questions.session import default_session

    known = default_session().facts.as_of(options.scenario(arguments, {}).as_of)
    progress = _progress if sys.stderr.isatty() else None
    report = validate(arguments.path, chips_by_name(known), models_by_name(known), progress=progress)
    if arguments.json:
        output.print_long_json(report, "predictions")
    else:
        _print(report)
    return 0


def run_event_study(arguments: argparse.Namespace) -> int:
    """Compare reference event studies and print."""
    from waterline.cli import output
    from waterline.market.event_study.validate import validate_event_study

    report = validate_event_study(arguments.path)
    if arguments.json:
        output.print_json(report)
    else:
        _print(report)
    return 0


def _print(report: dict[str, Any]) -> None:
    print(f"{report['rows']:,} rows, {report['covered']:,} covered")
    print(f"  {'group':<36} {'rows':>5} {'median':>7} {'p90':>7} {'bias':>7} {'in 90%':>7}")
    groups = {"all": report, **report["by_group"]}
    for name, found in groups.items():
        if found.get("median_abs_pct_error") is not None:
            print(
                f"  {name:<36} {found.get('rows', found['covered']):>5} {found['median_abs_pct_error']:>6.1f}% "
                f"{found['p90_abs_pct_error']:>6.1f}% {found['bias_pct']:>+6.1f}% {found['interval90_coverage']:>6.0%}"
            )
    refused = 0
    for entry in report["predictions"]:
        if entry.get("reason") and not entry.get("excluded"):
            refused += 1
            if refused <= REFUSED_SHOWN:
                print(f"  {entry['id']}: {entry['reason']}")
    if refused > REFUSED_SHOWN:
        print(f"  … and {refused - REFUSED_SHOWN} more; --json lists them all")


def _progress(done: int) -> None:
    print(f"\r{done:,} rows", end="", file=sys.stderr, flush=True)
