"""``waterline study``: a study from claims to verdicts, with a report per language."""

from __future__ import annotations

import argparse
import functools
import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from waterline.cli import options

if TYPE_CHECKING:
    from waterline.studies.verbs import StudyRun

LANGUAGES = ("en", "zh-Hant", "zh-Hans")


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("study", parents=[shared], help="claims to verdicts, with a report")
    parser.add_argument("name", metavar="NAME|FILE", help="a shipped study, a study file, or 'new' to write a starter")
    parser.add_argument("file", nargs="?", metavar="FILE", help="with 'new': the file to write")
    parser.add_argument(
        "--lang", action="append", choices=LANGUAGES, help="a report language; repeatable (default: all)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("reports"), metavar="DIR", help="where reports go (default: reports)"
    )
    parser.add_argument("--pdf", action="store_true", help="also typeset each report as a PDF")
    parser.add_argument("--paper", choices=("a4", "letter"), default="a4", help="paper of the PDF (default a4)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the study and write its reports."""
    gc.disable()  # the process ends soon; looking for cycles in all that it holds takes a tenth of the time
    try:
        return _run(arguments)
    finally:
        gc.freeze()
        gc.unfreeze()  # all there is counts as old now, and is not looked through as soon as that is switched on again
        gc.enable()


def _run(arguments: argparse.Namespace) -> int:
    from waterline.core.beside import beside, ready_beside
    from waterline.core.errors import InputError

    if arguments.name == "new":
        if arguments.file is None:
            raise InputError("study new takes the file to write: waterline study new my-headline.yaml")
        return _write_starter(Path(arguments.file))
    if arguments.file is not None:
        raise InputError(f"study takes one name; {arguments.file!r} is one too many")
    options.refuse_file(arguments.out)
    languages = tuple(dict.fromkeys(arguments.lang or LANGUAGES))
    pages = ready_beside(functools.partial(_read_ahead, languages), functools.partial(_pages, languages))
    from waterline.questions.session import default_session
    from waterline.studies.read import read_study
    from waterline.studies.verbs import run

    terms = options.scenario(arguments, {})
    study = read_study(arguments.name)
    if arguments.as_of is None and study.as_of is not None:
        import dataclasses

        terms = dataclasses.replace(terms, as_of=study.as_of)
    found = run(default_session(), study, terms, _progress if sys.stderr.isatty() else None, begin=beside)
    arguments.found = found  # held until the process ends, which need not take it apart
    for pair in found.contradictions:
        print(f"warning: {pair.text}", file=sys.stderr)
    table = None if arguments.json else _table(found)
    outputs = _write_reports(found, pages(found.model()), arguments)
    if table is None:
        from waterline.cli.output import print_json

        print_json(found.document([str(path) for path in outputs]))
        return 0
    print(table)
    print("\nreports:")
    for path in outputs:
        print(f"  {path}")
    return 0


def _read_ahead(languages: Sequence[str]) -> None:
    from waterline.report.page import read_ahead

    read_ahead(languages)


def _pages(languages: Sequence[str], model: Mapping[str, Any]) -> dict[str, bytes]:
    """The pages of a model as files hold them, by language."""
    from waterline.core.beside import beside
    from waterline.report.page import render_reports

    return {language: page.encode() for language, page in render_reports(model, languages, beside).items()}


def _write_reports(found: StudyRun, pages: Callable[[], dict[str, bytes]], arguments: argparse.Namespace) -> list[Path]:
    from waterline.core.files import write_atomically

    directory, name, written = arguments.out, found.result.study.name, pages()
    files = {f"{name}.{language}.html": page for language, page in written.items()}
    if arguments.pdf:
        from waterline.report.pdf import render_pdf

        model = found.model()
        files |= {f"{name}.{language}.pdf": render_pdf(model, language, arguments.paper) for language in written}
    for file, content in files.items():
        write_atomically(directory / file, content)
    return [directory / file for file in files]


def _table(found: StudyRun) -> str:
    """The claims and how many there are of each verdict, as the terminal shows them."""
    from rich.console import Console
    from rich.table import Table

    from waterline.cli import output

    result, earlier = found.result, found.earlier
    table = Table(title=f"{result.study.name}, as of {result.as_of}", title_justify="left", row_styles=["", "dim"])
    columns = ("claim", "stated", "we find (90%)", "verdict", "P")
    for name in (*columns, f"as of {earlier.as_of}") if earlier else columns:
        table.add_column(name, overflow="fold")
    for entry in found.claims():
        cells = [
            f"{entry['id']} {entry['text']}",
            entry["stated"]["text"],
            entry["shown"] or _range(entry),
            entry["verdict"],
            "–" if entry["probability"] is None else f"{entry['probability']:.2f}",
        ]
        if earlier:
            before = earlier.decisions[entry["id"]].judgement.verdict
            cells.append("same" if before == entry["verdict"] else before)
        table.add_row(*(output.plain(cell) for cell in cells))
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False, markup=False)
    with console.capture() as drawn:
        console.print(table)
    counts = dict.fromkeys(("supported", "contradicted", "open"), 0)
    for decision in result.decisions.values():
        counts[decision.judgement.verdict] += 1
    return drawn.get() + "  ".join(f"{verdict}: {count}" for verdict, count in counts.items())


def _range(entry: dict[str, Any]) -> str:
    from waterline.cli import output
    from waterline.core.answer import Summary

    found = entry["estimate"]
    if found is None:
        return ""
    return output.estimate(Summary(found["median"], found["p05"], found["p95"], found["median"]), entry["unit"])


def _progress(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{done}/{total} claims", end=end, file=sys.stderr, flush=True)


def _write_starter(path: Path) -> int:
    from waterline.core.errors import InputError
    from waterline.core.files import write_atomically
    from waterline.studies.read import SHIPPED

    if path.exists():
        raise InputError(f"{path} exists already; it is not overwritten")
    write_atomically(path, SHIPPED.with_name("starter.yaml").read_bytes())
    print(f"{path} written; run it with: waterline study {path}")
    return 0
