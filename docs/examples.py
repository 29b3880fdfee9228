"""Console examples of the documentation: run them, compare, and bring shown lines up to date.

    python docs/examples.py        rewrites lines that the commands no longer print, each to the nearest line printed

A block holds commands (``$ waterline …``) and under each some of the lines that it prints; ``…`` stands for lines left
out. A ``yaml file=PATH`` block is a file that the page's commands find in their directory. A block marked ``fails``
shows commands that end with exit code 2.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from waterline.cli.main import main
from waterline.questions.session import default_session

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.S)
ELLIPSIS = "…"


@dataclass(frozen=True)
class Result:
    """A command of a page, the lines shown under it, what it printed (stdout, then stderr) and how it ended."""

    command: str
    shown: tuple[str, ...]
    printed: str
    code: int
    expected_code: int

    @property
    def missing(self) -> list[str]:
        """Lines shown that were not printed, or not in that order; spacing and the date of the day aside."""
        printed = [_comparable(line) for line in self.printed.splitlines()]
        found, place = [], 0
        for line in filter(_is_figure, self.shown):
            if _comparable(line) in printed[place:]:
                place = printed.index(_comparable(line), place) + 1
            else:
                found.append(line)
        return found


def blocks(page: Path, language: str) -> list[tuple[str, str]]:
    """Fenced blocks of a language: what stands after the language, and the content."""
    return [(rest.strip(), body) for name, rest, body in FENCE.findall(page.read_text("utf-8")) if name == language]


def results(page: Path, directory: Path) -> Iterator[Result]:
    """Run a page's commands in ``directory``, in order, with the page's files in it."""
    for rest, body in blocks(page, "yaml"):
        if rest.startswith("file="):
            path = directory / rest.removeprefix("file=")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, "utf-8")
    for rest, body in blocks(page, "console"):
        for command, shown in _commands(body):
            with contextlib.chdir(directory):
                code, printed = _run(command)
            yield Result(command, tuple(shown), printed, code, 2 if rest == "fails" else 0)


def refresh(page: Path) -> list[str]:
    """Replace each missing line by the nearest one printed; returns the commands that did not end as expected."""
    text = page.read_text("utf-8")
    failed = []
    with tempfile.TemporaryDirectory() as directory:
        for result in results(page, Path(directory)):
            if result.code != result.expected_code:
                failed.append(f"{page.name}: {result.command}: {result.printed.strip()}")
            free = [line.rstrip() for line in result.printed.splitlines() if line.rstrip() not in result.shown]
            for line in result.missing:
                nearest = difflib.get_close_matches(line, free, n=1, cutoff=0.5)
                text = text.replace(f"{line}\n", f"{nearest[0]}\n" if nearest else "", 1)
                free = [other for other in free if other not in nearest]  # one line stands for one
    page.write_text(text, "utf-8")
    return failed


def _commands(body: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            found[-1][1].append(line)
    return found


def _run(command: str) -> tuple[int, str]:
    """Exit code and output of ``[NAME=VALUE …] waterline …``, run in this process."""
    words = shlex.split(command)
    settings = dict(word.split("=", 1) for word in words[: words.index("waterline")])
    before = dict(os.environ)
    out, err = io.StringIO(), io.StringIO()
    if settings:
        default_session.cache_clear()
    try:
        os.environ.update(settings)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(words[len(settings) + 1 :])
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        os.environ.clear()
        os.environ.update(before)
        if settings:
            default_session.cache_clear()
    return code, out.getvalue() + err.getvalue()


def _is_figure(line: str) -> bool:
    return bool(line.strip()) and line.strip() != ELLIPSIS


def _comparable(line: str) -> str:
    spaced = " ".join(line.replace("│", " │ ").split())
    return re.sub(r"as of \d{4}-\d\d-\d\d$", "as of DATE", spaced)


if __name__ == "__main__":
    sys.exit("\n".join(problem for page in PAGES for problem in refresh(page)) or None)
