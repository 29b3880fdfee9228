"""The documentation is true: commands run, figures appear, links lead somewhere, the reference is current."""

from __future__ import annotations

import doctest
import importlib.util
import io
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from waterline.questions.catalogue import shipped_catalogue

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def script(name: str) -> ModuleType:
    """A module of docs/, which is not a package."""
    specification = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[module.__name__] = module
    specification.loader.exec_module(module)
    return module


examples = script("examples")


def with_blocks(language: str) -> list[Path]:
    return [page for page in examples.PAGES if examples.blocks(page, language)]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", with_blocks("console"), ids=name_of)
def test_commands_run_and_print_what_is_shown(page: Path, tmp_path: Path) -> None:
    for result in examples.results(page, tmp_path):
        assert result.code == result.expected_code, f"{result.command}\n{result.printed}"
        assert not result.missing, f"{result.command}\nsee docs/examples.py; it printed\n{result.printed}"


@pytest.mark.parametrize("page", with_blocks("pycon"), ids=name_of)
def test_python_examples(page: Path) -> None:
    runner = doctest.DocTestRunner()
    failures = io.StringIO()
    for _, body in examples.blocks(page, "pycon"):
        runner.run(doctest.DocTestParser().get_doctest(body, {}, page.name, str(page), 0), out=failures.write)
    assert runner.failures == 0, failures.getvalue()


def test_reference_is_current() -> None:
    generate = script("generate")
    committed = {path.name: path.read_text("utf-8") for path in generate.REFERENCE.glob("*.md")}
    stale = [name for name, text in generate.pages().items() if committed.get(name) != text]
    assert not stale, f"run 'make docs': {', '.join(stale)}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs/explanation").glob("*.md")), ids=name_of)
def test_equations_are_those_of_the_code(page: Path) -> None:
    catalogue = shipped_catalogue()
    lines = [line for _, body in examples.blocks(page, "text") for line in body.splitlines()]
    stated = {line: line.partition(" = ")[0] for line in lines}
    assert [line for line, name in stated.items() if name in catalogue and line != catalogue[name].equation] == []


@pytest.mark.parametrize("page", examples.PAGES, ids=name_of)
def test_links_and_pictures_exist(page: Path) -> None:
    for target in LINK.findall(examples.FENCE.sub("", page.read_text("utf-8"))):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        assert path.is_file(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(path), f"{target}: no such heading"


def anchors(page: Path) -> set[str]:
    """Names that headings go by in links, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", examples.FENCE.sub("", page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
