"""``waterline ledger``: the forecasts on record, the chances they had, what came of them, and the scores."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from waterline.cli import options


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("ledger", parents=[shared], help="forecasts on record, with outcomes and scores")
    parser.add_argument("--out", type=Path, metavar="DIR", help="also write a page in every language there")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask every forecast and print."""
    from waterline.cli import output
    from waterline.core.errors import InputError
    from waterline.questions.session import default_session
    from waterline.studies.ledger import ledger

    terms = options.scenario(arguments, {})
    if terms.overrides:
        raise InputError("ledger takes no --set: a chance on record is not changed afterwards")
    found = ledger(default_session(), terms.as_of, terms.samples, terms.seed).to_dict()
    written = [] if arguments.out is None else _write_pages(found, arguments.out)
    if arguments.json:
        output.print_json(found)
        return 0
    _print(found)
    for path in written:
        print(f"  {path}")
    return 0


def _write_pages(found: dict[str, Any], directory: Path) -> list[Path]:
    from waterline.core.files import write_atomically
    from waterline.report.ledger_page import ledger_page
    from waterline.report.wording import report_languages

    options.refuse_file(directory)
    pages = {directory / f"ledger.{code}.html": ledger_page(found, code).encode() for code in report_languages()}
    for path, content in pages.items():
        write_atomically(path, content)
    return list(pages)


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from waterline.cli import output

    table = Table(title=f"forecasts on record, as of {found['as_of']}", title_justify="left", row_styles=["", "dim"])
    for name in ("forecast", "made", "horizon", "P", "given", "came true", "Brier"):
        table.add_column(name, overflow="fold")
    for entry in found["forecasts"]:
        came = {None: "open", 1: "yes", 0: "no"}[entry["outcome"]]
        brier = "" if entry["brier"] is None else f"{entry['brier']:.3f}"
        cells = (
            entry["text"],
            entry["made"],
            entry["horizon"],
            f"{entry['probability']:.2f}",
            entry["given"],
            came,
            brier,
        )
        table.add_row(*(output.plain(cell) for cell in cells))
    Console(width=None if sys.stdout.isatty() else 150, highlight=False, markup=False).print(table)
    scores = found["scores"]
    if not scores["n"]:
        print("none has come to its horizon")
        return
    print(
        f"{scores['n']} decided: Brier {scores['brier']:.3f} (always one half: 0.250), "
        f"log {scores['log']:.3f} (always one half: {scores['log_of_one_half']:.3f})"
    )
    for row in scores["calibration"]:
        print(
            f"  chances of {row['low']:.1f} to {row['high']:.1f}: {row['n']} forecasts, "
            f"mean {row['probability']:.2f}, came true {row['frequency']:.2f}"
        )
